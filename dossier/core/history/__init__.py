"""Sealing, verifying and reading of the history that the database writes (AUD-1)."""

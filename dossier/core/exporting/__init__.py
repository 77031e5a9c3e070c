"""Lists as files: what may be taken out, how it is written, how it is made and handed over (AUD-2, AUD-4)."""

"""Backup and restore: one file holds the database and the files of the home, and proves itself (SYS, DOC-4)."""

"""Measures the program on this machine: `make bench`. See README.md beside this file."""

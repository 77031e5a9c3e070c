"""One value for many records at once: tried first, then done, and undone again (CUS-4)."""

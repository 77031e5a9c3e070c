"""The shared base of pages: lists, forms, facts, look-ups. A department's ``screens.py`` declares."""

"""The world of the permission matrix serves the tests of the faults too."""

from tests.permissions.conftest import no_pages, world

__all__ = ["no_pages", "world"]

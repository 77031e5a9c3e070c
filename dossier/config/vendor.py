"""Front-end packages of npm, served as they are shipped: exactly the files a page loads, no more."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.checks import CheckMessage, Error
from django.core.files.base import ContentFile, File
from django.core.files.storage import FileSystemStorage

# address below STATIC_URL -> file below node_modules
FILES = {
    "vendor/tabler/css/tabler.min.css": "@tabler/core/dist/css/tabler.min.css",
    "vendor/tabler/js/tabler.min.js": "@tabler/core/dist/js/tabler.min.js",
    "vendor/htmx/htmx.min.js": "htmx.org/dist/htmx.min.js",
    "vendor/alpine/cdn.min.js": "@alpinejs/csp/dist/cdn.min.js",
    "vendor/tom-select/tom-select.complete.min.js": "tom-select/dist/js/tom-select.complete.min.js",
    "vendor/tom-select/tom-select.bootstrap5.min.css": "tom-select/dist/css/tom-select.bootstrap5.min.css",
    "vendor/echarts/echarts.min.js": "echarts/dist/echarts.min.js",
}

_SOURCE_MAP = re.compile(rb"(//#|/\*#) sourceMappingURL=[^\n]*")


class VendorStorage(FileSystemStorage):
    """The chosen files under the addresses of pages; without pointers to source maps we do not serve."""

    def __init__(self) -> None:
        super().__init__(location=settings.BASE_DIR / "node_modules")

    def path(self, name: str) -> str:
        return super().path(FILES.get(name.replace("\\", "/"), name))

    def _open(self, name: str, mode: str = "rb") -> File[bytes]:
        return ContentFile(_SOURCE_MAP.sub(b"", Path(self.path(name)).read_bytes()), name=name)


class VendorFinder(BaseFinder):
    """Finds the files named in `FILES` for `collectstatic` and the development server."""

    def __init__(self, app_names: Any = None, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.storage = VendorStorage()

    def check(self, **kwargs: Any) -> list[CheckMessage]:
        """Say which packages are missing rather than serve a page without its looks."""
        missing = sorted(name for name in FILES if not self.storage.exists(name))
        if not missing:
            return []
        return [
            Error(
                "Front-end packages are not installed: " + ", ".join(missing),
                hint="Run `make setup` (npm ci).",
                id="dossier.E001",
            )
        ]

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        """The file behind an address, for the development server."""
        found = [self.storage.path(path)] if path in FILES and self.storage.exists(path) else []
        if find_all:
            return found
        return found[0] if found else None

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, VendorStorage]]:
        """Every file with the storage that opens it."""
        for name in FILES:
            yield name, self.storage

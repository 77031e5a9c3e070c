"""`python -m dossier.config.compile_messages`: compile the translations that changed.

Does the work of gettext's `msgfmt`, which a fresh machine lacks, by the package polib.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import polib  # type: ignore[import-untyped]  # it ships no types

_ROOT = Path(__file__).resolve().parent.parent.parent


def catalogues(root: Path = _ROOT) -> Iterator[Path]:
    """Every catalogue of ours: the shared one and each department's."""
    for pattern in ("locale/*/LC_MESSAGES/*.po", "dossier/*/locale/*/LC_MESSAGES/*.po"):
        yield from sorted(root.glob(pattern))


def compile_catalogue(source: Path) -> bool:
    """Compile one catalogue beside itself; False when the compiled one is newer already."""
    target = source.with_suffix(".mo")
    if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
        return False
    draft = target.with_suffix(".mo.new")  # a running program reads a whole file or the old one
    draft.write_bytes(polib.pofile(str(source), encoding="utf-8").to_binary())
    draft.replace(target)
    return True


def main() -> None:
    """Compile what changed and say how much that was; a broken catalogue ends with its line."""
    try:
        done = sum(compile_catalogue(source) for source in catalogues())
    except (OSError, ValueError) as error:
        sys.exit(str(error))
    print(f"{done} catalogue(s) compiled")  # noqa: T201 - the command line's own output


if __name__ == "__main__":
    main()

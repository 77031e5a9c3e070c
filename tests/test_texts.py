"""Chinese is complete: no text without translation, none marked doubtful, placeholders kept."""

from __future__ import annotations

import re
from pathlib import Path

import polib
import pytest

ROOT = Path(__file__).resolve().parent.parent
CATALOGUES = sorted(
    [
        *ROOT.glob("locale/*/LC_MESSAGES/django.po"),
        *ROOT.glob("dossier/*/locale/*/LC_MESSAGES/django.po"),
    ]
)
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]")


def test_every_department_with_pages_has_a_catalogue():
    found = {
        path.relative_to(ROOT).parts[1]
        for path in CATALOGUES
        if path.is_relative_to(ROOT / "dossier")
    }
    assert {"core", "people", "customers", "catalog", "sales", "reports"} <= found


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: str(path.relative_to(ROOT)))
def test_catalogue_is_complete(path):
    catalogue = polib.pofile(str(path), check_for_duplicates=True)
    assert [entry.msgid for entry in catalogue.obsolete_entries()] == []
    assert [
        entry.msgid for entry in catalogue if entry.previous_msgid_plural
    ] == []  # msgmerge stops at it
    assert [entry.msgid for entry in catalogue.untranslated_entries()] == []
    assert [entry.msgid for entry in catalogue.fuzzy_entries()] == []
    for entry in catalogue:
        if not entry.obsolete and not entry.msgid_plural:
            asked, given = (
                set(PLACEHOLDER.findall(entry.msgid)),
                set(PLACEHOLDER.findall(entry.msgstr)),
            )
            assert given <= asked, entry.msgid
            assert asked == given or entry.msgctxt, entry.msgid

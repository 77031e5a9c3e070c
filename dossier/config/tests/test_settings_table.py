"""Every setting of the environment stands in the tables of the README and of the settings, with its default."""

import re
from pathlib import Path

import pytest

from dossier.config import settings
from dossier.config.place_checks import known_settings

ROOT = Path(__file__).resolve().parents[3]

_ROW = re.compile(r"^\| `(DOSSIER_[A-Z_]+)` \| (.+) \| (.+) \|$", re.MULTILINE)


def read_by_the_program():
    """Names the source asks for in whatever way: by ``environ`` or the helpers of the settings."""
    found = set()
    for path in (ROOT / "dossier").rglob("*.py"):
        if "tests" not in path.parts and path.name != "testing.py":
            found |= set(re.findall(r'["\'](DOSSIER_[A-Z_]+)["\']', path.read_text("utf-8")))
    return found


def readme_tables():
    zh, en = (ROOT / "README.md").read_text("utf-8").split("## English")
    return {"zh": _ROW.findall(zh), "en": _ROW.findall(en)}


def test_the_settings_say_all_that_is_read():
    assert known_settings() == read_by_the_program()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_readme_says_all_that_is_read_once(language):
    names = [name for name, _meaning, _default in readme_tables()[language]]
    assert sorted(names) == sorted(read_by_the_program())


def test_the_defaults_of_both_readme_tables_and_of_the_settings_agree():
    said = dict(re.findall(r"^\| (DOSSIER_[A-Z_]+) \| .+ \| (.+) \|$", settings.__doc__, re.M))
    tables = {
        language: {name: default for name, _meaning, default in rows}
        for language, rows in readme_tables().items()
    }
    for name, default in said.items():
        for language, rows in tables.items():
            if re.fullmatch(r"[\w,.:\[\]/~-]*[\d/\]]|[A-Z]+", default):
                assert rows[name] == f"`{default}`", (name, language)

"""The front end hangs together: every module and style sheet is named by the pages, small, explained."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.test import Client

from dossier.config.static_storage import ModuleStorage

ROOT = Path(__file__).resolve().parent.parent
SCRIPTS = sorted((ROOT / "static" / "js").glob("*.js"))
STYLES = sorted((ROOT / "static" / "css").glob("*.css"))
IMPORT = re.compile(r"""^import\s+(?:[^"']*?\s+from\s+)?["']\./([\w-]+\.js)["'];""", re.MULTILINE)


def named(template: str, kind: str) -> list[str]:
    """Files a shared template names."""
    text = (ROOT / "templates" / "screens" / template).read_text(encoding="utf-8")
    return re.findall(rf"static '{kind}/([\w-]+\.{kind})'", text)


def imported_from(name: str, seen: set[str]) -> set[str]:
    """What a module imports at once, and what that imports."""
    for other in IMPORT.findall((ROOT / "static" / "js" / name).read_text(encoding="utf-8")):
        if other not in seen:
            seen.add(other)
            imported_from(other, seen)
    return seen


def test_every_imported_module_is_fetched_beforehand_and_no_other():
    *beforehand, entry = named("_scripts.html", "js")
    assert entry == "dossier.js"
    assert sorted(beforehand) == beforehand
    assert set(beforehand) == imported_from("dossier.js", set())


def test_every_style_sheet_is_on_every_page():
    assert sorted(named("_styles.html", "css")) == [path.name for path in STYLES]


@pytest.mark.parametrize("path", [*SCRIPTS, *STYLES], ids=lambda path: path.name)
def test_each_file_says_what_it_is_for_and_stays_small(path):
    text = path.read_text(encoding="utf-8")
    assert re.match(r"/\* [^*]{20,}\*/\n", text)
    assert text.count("\n") <= 200


def test_modules_do_not_import_each_other_in_a_circle():
    for path in SCRIPTS:
        assert path.name not in imported_from(path.name, set())


def test_a_changed_module_has_a_new_address_wherever_it_is_imported(tmp_path):
    for path in SCRIPTS:
        copy = tmp_path / "js" / path.name
        copy.parent.mkdir(exist_ok=True)
        copy.write_bytes(path.read_bytes())
    storage = ModuleStorage(location=tmp_path, base_url="/static/")
    files = {f"js/{path.name}": (storage, f"js/{path.name}") for path in SCRIPTS}
    list(storage.post_process(files))
    assert storage.hashed_files.keys() == files.keys()
    for hashed in storage.hashed_files.values():
        for other in re.findall(
            r"""(?:from|import)\s*\(?["'](\./[^"']+)["']""", (tmp_path / hashed).read_text("utf-8")
        ):
            assert (tmp_path / "js" / other).is_file(), f"{hashed} imports {other}"
            assert re.search(r"\.[0-9a-f]{12}\.js$", other), f"{hashed} imports {other}"


@pytest.mark.django_db
def test_a_form_without_its_token_is_refused_by_a_page_of_ours():
    answer = Client(enforce_csrf_checks=True).post("/sign-in/", {"login": "a", "password": "b"})
    assert answer.status_code == 403
    assert (
        "The page has expired" in answer.content.decode() or "页面已过期" in answer.content.decode()
    )


@pytest.mark.django_db
def test_a_page_that_names_no_icon_finds_ours_where_browsers_look():
    answer = Client().get("/favicon.ico")
    assert answer.status_code == 302
    assert re.fullmatch(r"/static/favicon(\.\w+)?\.svg", answer.headers["location"])

"""Facts and the time line of a record's page are made by plain functions: what people wrote stays text."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from django.utils.safestring import mark_safe

from dossier.core.templatetags.records import fact_items, fact_value_html, line_entries

EVIL = "<b>\"'&"
SAFE = "&lt;b&gt;&quot;&#x27;&amp;"


@dataclass
class Entry:
    at: datetime = datetime(2024, 5, 6, 7, 8, tzinfo=UTC)
    title: str = EVIL
    text: str = EVIL
    who: str = EVIL
    icon: str = ""
    color: str = EVIL
    url: str = ""
    changes: list[dict[str, Any]] = field(default_factory=list)


@pytest.mark.parametrize(
    "item",
    [
        {"value": EVIL},
        {"value": EVIL, "url": EVIL},
        {"value": EVIL, "badge": "red"},
        {"value": EVIL, "masked": True, "reveal_url": EVIL},
        {"value": "", "given": EVIL},
        {"html": EVIL},
    ],
)
def test_a_fact_escapes_what_it_is_given(item):
    html = fact_items([{"label": EVIL, "help": EVIL, "past_url": EVIL} | item])
    assert EVIL not in html and "<b>" not in html
    assert html.count(SAFE) >= 5


def test_a_fact_says_what_is_known_of_it():
    assert fact_value_html({"value": "a\r\nb\nc"}) == "a<br>b<br>c"
    assert fact_value_html({"value": 0}) == "0"
    assert fact_value_html({"html": mark_safe("<i>x</i>")}) == "<i>x</i>"
    assert "—" in fact_value_html({"value": ""})
    assert "None" in fact_value_html({"na": True, "value": "left over"})
    covered = fact_value_html({"value": "139••••8888", "masked": True, "reveal_url": ""})
    assert "139••••8888" in covered and "button" not in covered
    assert 'hx-post="/r"' in fact_value_html({"value": "•", "masked": True, "reveal_url": "/r"})


def test_an_entry_escapes_what_people_wrote():
    change = {"label": EVIL, "before": EVIL, "after": ""}
    html = line_entries([Entry(changes=[change]), Entry(url=EVIL)])
    assert "<b>" not in html
    assert f"<strong>{SAFE}</strong>" in html and f'<a href="{SAFE}">{SAFE}</a>' in html
    assert f"<del>{SAFE}</del>" in html and "<ins>—</ins>" in html
    assert html.count("line-changes") == 1


def test_entries_of_a_time_line_may_be_mappings_with_what_they_have():
    at = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
    made = line_entries([{"at": at, "title": "A <b>"}])
    assert "<strong>A &lt;b&gt;</strong>" in made
    assert "line-text" not in made
    assert "line-changes" not in made

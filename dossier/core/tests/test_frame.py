"""The frame of pages: what is kept is the same for everybody, menus escape what they show."""

from __future__ import annotations

from django.template import Context, Template
from django.utils import translation

from dossier.core.templatetags.frame import dock_entries, menu_entries, menu_keys, side_menu

ITEM = {
    "url": "/a/?x=1&y=2",
    "label": "<b>People</b>",
    "icon": "users",
    "group": "Sales & more",
    "key": "p",
    "active": False,
    "badge": "",
}


def test_a_kept_part_never_holds_anything_of_the_page_it_was_first_made_for():
    page = Template("{% load frame %}{% constant %}[{{ reader }}]{% endconstant %}{{ reader }}")
    assert page.render(Context({"reader": "Zhang Wei"})) == "[]Zhang Wei"
    assert page.render(Context({"reader": "Wu Min"})) == "[]Wu Min"


def test_a_kept_part_is_made_for_each_language():
    page = Template(
        '{% load frame i18n %}{% constant %}{% translate "Search everything" %}{% endconstant %}'
    )
    with translation.override("en"):
        assert page.render(Context()) == "Search everything"
    with translation.override("zh-hans"):
        assert page.render(Context()) == "全局搜索"
    with translation.override("en"):
        assert page.render(Context()) == "Search everything"


def test_the_menu_stands_under_the_headings_of_its_groups_and_marks_where_one_is():
    other = ITEM | {"group": "", "label": "Home", "active": True, "badge": "9"}
    made = side_menu([other, ITEM, ITEM])
    assert made.count("<ul>") == made.count("</ul>") == 2
    assert made.index("Home") < made.index("Sales &amp; more") < made.index("&lt;b&gt;People")
    assert made.count('aria-current="page"') == 1
    assert '<span class="side-badge">9</span>' in made


def test_nothing_in_a_menu_is_taken_as_html():
    for made in (side_menu([ITEM]), dock_entries([ITEM]), menu_entries([ITEM]), menu_keys([ITEM])):
        assert "<b>" not in made
        assert "x=1&y" not in made

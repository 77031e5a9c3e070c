"""Short lists and trees: what stands in them is text, set in by its depth, and leads where it may."""

from __future__ import annotations

from dossier.core.screens.short_lists import number_cell, tree_cell

MARKUP = "<script>alert(1)</script>"


def test_a_name_in_a_tree_stays_text():
    for depth in (0, 2):
        for url in ("", '/teams/1"onclick="x'):
            html = str(tree_cell(MARKUP, depth, url)["html"])
            assert MARKUP not in html
            assert "&lt;script&gt;" in html
            assert '"onclick' not in html
            assert hasattr(tree_cell(MARKUP, depth, url)["html"], "__html__")  # escaped once only


def test_what_stands_on_top_is_not_set_in():
    assert "tree-step" not in tree_cell("a", 0)["html"]
    assert 'style="--depth:3"' in tree_cell("a", 3)["html"]


def test_a_figure_leads_to_what_it_counts_only_where_an_address_is_given():
    assert number_cell(0) == {"text": "0", "css": "text-end num", "url": ""}
    assert number_cell(4, "/people/")["url"] == "/people/"

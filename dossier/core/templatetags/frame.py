"""The frame around every page: parts that are the same for everybody, and the menu.

As templates these were a third of the time of a page: some five hundred look-ups of names and translations for
what is the same each time, or a list of a dozen links.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

from django import template
from django.template import Context
from django.template.base import NodeList, Parser, Token
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from dossier.core.templatetags.look import icon

register = template.Library()


class _Constant(template.Node):
    """What stands between the tags, made once for each language and kept with the template."""

    def __init__(self, nodelist: NodeList) -> None:
        self.nodelist = nodelist
        self.made: dict[str, SafeString] = {}

    def render(self, context: Context) -> SafeString:
        """The kept part. It is made without the page's context: nothing of a reader can get into it."""
        language = get_language() or ""
        kept = self.made.get(language)
        if kept is None:
            empty = Context()
            assert context.template is not None  # this is part of one
            with empty.bind_template(context.template):
                kept = self.made[language] = self.nodelist.render(empty)
        return kept


@register.tag
def constant(parser: Parser, token: Token) -> _Constant:
    """``{% constant %}…{% endconstant %}``: a part that depends on nothing but the language."""
    if len(token.split_contents()) > 1:
        raise template.TemplateSyntaxError("“constant” takes no arguments.")
    nodelist = parser.parse(("endconstant",))
    parser.delete_first_token()
    return _Constant(nodelist)


def _here(item: Mapping[str, Any], css: str) -> str:
    """Class and mark of a link to the department one is in."""
    if item["active"]:
        return (
            f' class="{css} active" aria-current="page"'
            if css
            else ' class="active" aria-current="page"'
        )
    return f' class="{css}"' if css else ""


def _entry(item: Mapping[str, Any]) -> str:
    key = f' data-go="{escape(item["key"])}"' if item["key"] else ""
    badge = f'<span class="side-badge">{escape(str(item["badge"]))}</span>' if item["badge"] else ""
    return (
        f'<li><a href="{escape(item["url"])}"{_here(item, "side-link")}{key}>{icon(item["icon"])}'
        f'<span class="side-text">{escape(str(item["label"]))}</span>{badge}</a></li>'
    )


@register.simple_tag
def side_menu(items: Iterable[Mapping[str, Any]]) -> SafeString:
    """The entries of the menu under the headings of their groups."""
    made: list[str] = []
    group: str | None = None
    for item in items:
        heading = str(item["group"])
        if heading != group:
            made.append("</ul>" if made else "")
            made.append(f'<h2 class="side-group">{escape(heading)}</h2>' if heading else "")
            made.append("<ul>")
            group = heading
        made.append(_entry(item))
    made.append("</ul>" if made else "")
    return mark_safe("".join(made))  # noqa: S308 - each value was escaped above


@register.simple_tag
def dock_entries(items: Iterable[Mapping[str, Any]]) -> SafeString:
    """Entries of the menu at the foot of a telephone."""
    return mark_safe(  # noqa: S308 - each value is escaped here
        "".join(
            f'<a href="{escape(item["url"])}"{_here(item, "")}>{icon(item["icon"])}'
            f"<span>{escape(str(item['label']))}</span></a>"
            for item in items
        )
    )


@register.simple_tag
def menu_entries(links: Iterable[Mapping[str, Any]]) -> SafeString:
    """Links (url, icon, label) as entries of a menu that opens."""
    return mark_safe(  # noqa: S308 - each value is escaped here
        "".join(
            f'<a class="dropdown-item" href="{escape(link["url"])}">{icon(link["icon"], "dropdown-item-icon")}'
            f"{escape(str(link['label']))}</a>"
            for link in links
        )
    )


@register.simple_tag
def menu_keys(items: Iterable[Mapping[str, Any]]) -> SafeString:
    """What ``g`` and a letter lead to, for the list of keys."""
    return mark_safe(  # noqa: S308 - each value is escaped here
        "".join(
            f"<div><dt><kbd>g</kbd> <kbd>{escape(item['key'])}</kbd></dt><dd>{escape(str(item['label']))}</dd></div>"
            for item in items
            if item["key"]
        )
    )

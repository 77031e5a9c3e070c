"""The frame around every page: parts that are the same for everybody, and the menu.

As templates these were a third of the time of a page: some five hundred look-ups of names and translations for
what is the same each time, or a list of a dozen links.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import template
from django.template import Context
from django.template.base import NodeList, Parser, Token
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from dossier.core.templatetags.look import icon
from dossier.core.templatetags.tables import text_html

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
    key = f' data-go="{text_html(item["key"])}"' if item["key"] else ""
    badge = f'<span class="side-badge">{text_html(item["badge"])}</span>' if item["badge"] else ""
    return (
        f'<li><a href="{text_html(item["url"])}"{_here(item, "side-link")}{key}>{icon(item["icon"])}'
        f'<span class="side-text">{text_html(item["label"])}</span>{badge}</a></li>'
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
            made.append(f'<h2 class="side-group">{text_html(heading)}</h2>' if heading else "")
            made.append("<ul>")
            group = heading
        made.append(_entry(item))
    made.append("</ul>" if made else "")
    return _joined(made)


def _joined(made: Iterable[str]) -> SafeString:
    return mark_safe("".join(made))  # noqa: S308 - whoever calls this has escaped each value


@register.simple_tag
def dock_entries(items: Iterable[Mapping[str, Any]]) -> SafeString:
    """Entries of the menu at the foot of a telephone."""
    return _joined(
        f'<a href="{text_html(item["url"])}"{_here(item, "")}>{icon(item["icon"])}'
        f"<span>{text_html(item['label'])}</span></a>"
        for item in items
    )


@register.simple_tag
def menu_entries(links: Iterable[Mapping[str, Any]]) -> SafeString:
    """Links (url, icon, label) as entries of a menu that opens."""
    return _joined(
        f'<a class="dropdown-item" href="{text_html(link["url"])}">{icon(link["icon"], "dropdown-item-icon")}'
        f"{text_html(link['label'])}</a>"
        for link in links
    )


@register.simple_tag
def menu_keys(items: Iterable[Mapping[str, Any]]) -> SafeString:
    """What ``g`` and a letter lead to, for the list of keys."""
    return _joined(
        f"<div><dt><kbd>g</kbd> <kbd>{text_html(item['key'])}</kbd></dt><dd>{text_html(item['label'])}</dd></div>"
        for item in items
        if item["key"]
    )

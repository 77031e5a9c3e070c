"""The forms that stand on a page, read from its HTML as a browser would send them."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin


@dataclass
class Form:
    """A form as it stands on a page."""

    action: str
    values: dict[str, str] = field(default_factory=dict)
    typed: set[str] = field(default_factory=set)  # fields a person fills in
    texts: set[str] = field(default_factory=set)


class _Forms(HTMLParser):
    """The POST forms of a page with what they would send."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self.path = path
        self.forms: list[Form] = []
        self.form: Form | None = None
        self.name = ""  # of the select or text area being read
        self.is_text = False

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag == "form":
            self.form = None
            if (given.get("method") or "").lower() == "post":
                self.form = Form(urljoin(self.path, given.get("action") or self.path))
                self.forms.append(self.form)
        if self.form is None:
            return
        name = given.get("name") or ""
        if tag == "input" and name:
            kind = given.get("type") or "text"
            if kind in ("checkbox", "radio") and "checked" not in given:
                self.form.typed.add(name)
                return
            if kind not in ("file", "submit", "button"):
                self.form.values[name] = given.get("value") or ""
            if kind != "hidden" or name != "csrfmiddlewaretoken":
                self.form.typed.add(name)
            if kind in ("text", "search"):
                self.form.texts.add(name)
        elif tag == "select" and name:
            self.name = name
            self.form.typed.add(name)
            self.form.values.setdefault(name, "")
        elif tag == "option" and self.name and "selected" in given:
            self.form.values[self.name] = given.get("value") or ""
        elif tag == "textarea" and name:
            self.name, self.is_text = name, True
            self.form.typed.add(name)
            self.form.values[name] = ""

    def handle_data(self, data):
        if self.form is not None and self.name and self.is_text:
            self.form.values[self.name] += data

    def handle_endtag(self, tag):
        if tag in ("select", "textarea"):
            self.name, self.is_text = "", False
        elif tag == "form":
            self.form = None


def forms_on(html: str, path: str) -> list[Form]:
    """The POST forms of a page that stands at ``path``."""
    reader = _Forms(path)
    reader.feed(html)
    return reader.forms

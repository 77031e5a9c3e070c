"""Forms as a browser sends them, and what a page of a conflict shows; shared by the departments' tests."""

from __future__ import annotations

import json
from typing import Any

from django.test import Client


def form_values(client: Client, url: str) -> dict[str, Any]:
    """What a browser would send of the form at an address, unchanged."""
    response = client.get(url)
    assert response.status_code == 200, response.status_code
    return shown_values(response)


def shown_values(response: Any) -> dict[str, Any]:
    """What a browser would send of the form on a page, unchanged."""
    context = response.context
    values: dict[str, Any] = {"version": str(context.get("version") or "")}
    for form in (context["form"], *getattr(context.get("lines"), "forms", ())):
        for bound in form:
            value = bound.value()
            if value is True or value == "on":
                values[bound.html_name] = "on"
            elif isinstance(value, list):
                values[bound.html_name] = value
            elif value not in (None, "", False):
                values[bound.html_name] = str(bound.field.prepare_value(value))
            na = getattr(bound.field, "na_name", "")
            if na and bound.field.na_checked:
                values[na] = "1"
    if context.get("lines") is not None:
        management = context["lines"].management_form
        values |= {bound.html_name: str(bound.value()) for bound in management}
    for name in ("base", "once_token"):
        if context.get(name):
            values[name] = str(context[name])
    for item in context.get("conflict") or ():
        if not item["fixed"]:
            values[f"choose_{item['name']}"] = item["choice"]
            if item.get("typed") is not None:
                values[f"mine_{item['name']}"] = item["typed"]
    return values


def conflict_lines(response: Any) -> dict[str, tuple[str, str, str]]:
    """{label: (before, theirs, mine)} of a conflict page."""
    return {
        str(item["label"]): (item["base"], item["theirs"], item["mine"])
        for item in response.context["conflict"]
    }


def odd_bases(base: str) -> list[str]:
    """Bases nobody's form sends, made of a real one."""
    names = list(json.loads(base))
    values: list[Any] = [
        "1e999999999",
        "NaN",
        "2026-02-31",
        "9" * 5000,
        "\x00",
        "\ud800",
        "<script>",
        ["1", "2"],
        [],
        [["1"]],
        {"a": 1},
        None,
        7,
        True,
    ]
    whole = [json.dumps(dict.fromkeys(names, value)) for value in values]
    return [*whole, "", "[]", "7", "{", "[" * 100_000, json.dumps({"": "x"}), "x" * 500_000]

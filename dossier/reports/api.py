"""Reports through the API (REP-1, REP-6, SYS-3): the figures of `dossier report`, cut to the caller's rows."""

from __future__ import annotations

from typing import Any

import orjson
from django.utils.translation import gettext_lazy as _

from dossier.core.api import kinds
from dossier.core.api.routes import Call, Json, Routes, parameters
from dossier.core.api.scopes import ObjectType
from dossier.core.money import DEFAULT_CURRENCY
from dossier.reports import sales as _sales  # noqa: F401 - registers the report
from dossier.reports.exports import record_answer
from dossier.reports.output import as_json
from dossier.reports.registry import report_of, reports
from dossier.sales.filters import value_of_key
from dossier.sales.selectors import currencies

REPORTS = Routes(
    ObjectType("reports", _("Reports")),
    "reports.report",
    keys={"id": kinds.text(40, shortest=1, pattern="^[a-z][a-z0-9-]*$")},
)
_WORDS = "^[a-z_]+(,[a-z_]+)*$"
_FILTERS = (
    "customer",
    "salesperson",
    "product",
    "family",
    "class",
    "team",
    "territory",
    "industry",
)
_NEEDS = ("reports.report.view", "sales.order.view")


def _list() -> kinds.Schema:
    words = {"type": "array", "items": {"type": "string"}}
    one = {
        "type": "object",
        "properties": {
            "id": {"type": "string"},
            "title": {"type": "string"},
            "measures": words,
            "dimensions": words,
        },
        "required": ["id", "title", "measures", "dimensions"],
        "additionalProperties": False,
    }
    return {
        "type": "object",
        "properties": {"items": {"type": "array", "items": one}},
        "required": ["items"],
        "additionalProperties": False,
    }


@REPORTS.read(
    "/reports", summary=_("List reports"), answer=("Reports", _list), needs=_NEEDS
)  # fmt: skip
def list_reports(call: Call) -> Json:
    """The reports, with the figures this caller may see."""
    return {
        "items": [
            {
                "id": key,
                "title": str(report.title),
                "measures": [measure.key for measure in report.measures_for(call.actor)],
                "dimensions": [dimension.key for dimension in report.dimensions],
            }
            for key, report in reports().items()
        ]
    }


def _figures() -> kinds.Schema:
    values = {"type": "object", "additionalProperties": {"type": ["string", "null"]}}
    words = {"type": "array", "items": {"type": "string"}}
    row = {
        "type": "object",
        "properties": {"key": words, "label": words, "values": values},
        "required": ["key", "label", "values"],
        "additionalProperties": False,
    }
    properties = {
        "as_of": {"type": "string", "format": "date-time"},
        "currency": {"type": "string"},
        "measures": words,
        "by": words,
        "rows": {"type": "array", "items": row},
        "totals": values,
        "coverage": values,
    }
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


_SEVERAL = kinds.several(kinds.text(100))
_QUERY = parameters(
    "ReportQuery",
    by=(kinds.text(60, pattern=_WORDS), _("One or two dimensions, parted by a comma")),
    measures=(kinds.text(200, pattern=_WORDS), _("Figures, parted by commas")),
    currency=(kinds.text(3, pattern="^[A-Z]{3}$"), _("Currency; figures of several are never added")),
    **{"from": (kinds.DAY, _("First day")), "to": (kinds.DAY, _("Last day"))},
    **{name: (_SEVERAL, _("Only these, by the key the report gives them; “-” for none")) for name in _FILTERS},
)  # fmt: skip


@REPORTS.read(
    "/reports/{id}", summary=_("The figures of a report"), answer=("Report", _figures),
    needs=_NEEDS, query=_QUERY,
    description=_("Cut to the rows you may see; that the figures were taken out is recorded."),
)  # fmt: skip
def get_report_figures(call: Call, id: str) -> Json:
    """The answer as the command line writes it."""
    actor, query = call.actor, call.query
    report = report_of(id)
    allowed = {measure.key for measure in report.measures_for(actor)}
    chosen = (
        (query.get("measures") or "").split(",")
        if query.get("measures")
        else [key for key in report.first_measures if key in allowed]
    )
    currency = query.get("currency") or next(iter(currencies(actor)), DEFAULT_CURRENCY)
    filters: dict[str, list[str]] = {}
    for name in _FILTERS:
        values: Any = query.get(name) or []
        if values:
            filters[name] = [value_of_key(actor, name, value) for value in values]
    question = report.question(
        actor,
        by=query["by"].split(",") if query.get("by") else report.first_by,
        measures=chosen,
        currency=currency,
        start=query.get("from"),
        end=query.get("to"),
        filters=filters,
    )
    answer = report.answer(actor, question)
    made = as_json(answer)
    record_answer(
        actor=actor,
        report=report,
        answer=answer,
        content=orjson.dumps(made),
        file_name=f"{id}.json",
        file_format="json",
    )
    return made

"""Reports computed by PostgreSQL: one grouped query over the lines the actor sees; the totals
are those of the groups.

Lines are grouped by what stands on them (ids, the first day of the month); names are looked up
afterwards for the groups that came out, so that their cost does not depend on the number of lines.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import Any

from django.db import connection, transaction
from django.db.models import Count, DateField, DecimalField, F, Func, Q, QuerySet, Sum
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from dossier.catalog.fields import may_see_cost
from dossier.core.access import Actor
from dossier.core.errors import NotAllowed
from dossier.core.screens.requests import bad_address
from dossier.reports.declarations import (
    Answer,
    Cell,
    CountOf,
    Dimension,
    Figures,
    Measure,
    Member,
    Question,
    Share,
    Source,
    Total,
)
from dossier.sales.filters import line_filters
from dossier.sales.selectors import counted_lines, customer_attribute

_COVERAGE = Share(Total("amount", known="cost"), Total("amount"))
_RATIO_UNIT = Decimal("0.000001")
Rows = QuerySet[Any]
Parts = dict[str, Any]  # what the formulas are made of: sums and counts by name
Groups = dict[tuple[Any, ...], Parts]


class _Period(Func):
    """The first day of the period a day lies in. By way of a timestamp without zone: a day of business
    belongs to no zone, and PostgreSQL reckons it faster."""

    template = "date_trunc('%(unit)s', %(expressions)s::timestamp)::date"
    output_field = DateField()


def _grouping(actor: Actor, source: Source) -> Combinable:
    """What lines are grouped by."""
    match source:
        case Source.MONTH | Source.QUARTER | Source.YEAR:
            return _Period(F("ordered_on"), unit=source.value)
        case Source.CUSTOMER | Source.SALESPERSON | Source.PRODUCT:
            return F(f"{source.value}_id")
        case Source.TEAM:
            return F("salesperson__team_id")
        case Source.CLASS:
            return F("product__product_class")
        case Source.FAMILY:
            return F("product__family_id")
        case Source.REGION | Source.INDUSTRY:
            return customer_attribute(actor, f"{source.value}_id")


class SqlEngine:
    """The engine on the application's own database."""

    def answer(self, actor: Actor, question: Question) -> Answer:
        """Compute cells, margins and totals in one moment of the database."""
        if any(measure.needs_cost for measure in question.measures) and not may_see_cost(actor):
            raise NotAllowed(
                "not_allowed",
                _("Your role does not include seeing cost and profit."),
                field="measures",
            )
        costs = may_see_cost(actor)
        with localcontext(prec=60), _one_moment() as as_of:  # sums stay exact, however many lines
            rows = _rows(actor, question)
            left_out = 0
            if _largest_are_enough(question):
                groups, totals, left_out = _largest(actor, rows, question, coverage=costs)
            else:
                groups = _grouped(actor, rows, question.by, question.measures, coverage=costs)
                totals = _totals(rows, groups, question.measures, coverage=costs)
            alone: list[Groups] = []
            if question.margins and not all(measure.adds_up for measure in question.measures):
                alone = [
                    _grouped(actor, rows, (dimension,), question.measures)
                    for dimension in question.by
                ]
            members = [
                dimension.named(actor, {key[place] for key in groups})
                for place, dimension in enumerate(question.by)
            ]
            return Answer(
                question=question,
                cells=[
                    Cell(
                        tuple([m[raw] for m, raw in zip(members, key, strict=True)]),
                        _figures(parts, question.measures),
                    )
                    for key, parts in groups.items()
                ],
                totals=_figures(totals, question.measures),
                coverage=_share(totals, "coverage_of_all") if costs else None,
                as_of=as_of,
                margins=_margins(alone or groups, members, question.measures)
                if question.margins
                else (),
                left_out=left_out,
            )


@contextmanager
def _one_moment() -> Iterator[datetime]:
    """All queries of an answer see the database as it stood at one moment, which is given."""
    if connection.in_atomic_block:  # a caller's transaction decides
        yield _now()
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            cursor.execute(
                "SELECT set_config('jit', 'off', true), set_config('work_mem', '64MB', true)"
            )
        yield _now()


def _now() -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement_timestamp()")
        moment: datetime = cursor.fetchone()[0]
        return moment


def _rows(actor: Actor, question: Question) -> Rows:
    """The lines the question is about, cut to what the actor may see."""
    rows = counted_lines(actor, whole=True).filter(currency=question.currency)
    if question.start is not None:
        rows = rows.filter(ordered_on__gte=question.start)
    if question.end is not None:
        rows = rows.filter(ordered_on__lte=question.end)
    known = {item.name: item for item in line_filters(actor)}
    for name, values in question.filters.items():
        item = known.get(name)
        chosen = [value for value in values if value]
        if item is None or item.apply is None:
            raise bad_address(name, " ".join(values))
        if not chosen:
            continue
        if item.kind == "ref":
            if item.named is None or item.named(actor, chosen[0]) is None:
                raise bad_address(name, chosen[0])
            rows = item.apply(rows, chosen[0])
        else:
            options = {
                str(value) for value, _label in (item.options(actor) if item.options else ())
            }
            if not options.issuperset(chosen):
                raise bad_address(name, " ".join(chosen))
            rows = item.apply(rows, chosen)
    return rows


def _total(total: Total) -> Sum:
    return Sum(total.column, filter=Q(**{f"{total.known}__isnull": False}) if total.known else None)


def _aggregates(measures: tuple[Measure, ...], *, coverage: bool = False) -> dict[str, Any]:
    """The sums and counts that the measures are worked out from."""
    made: dict[str, Any] = {}
    for measure in measures:
        name = f"m_{measure.key}"
        match measure.formula:
            case Total() as total:
                made[name] = _total(total)
            case CountOf(distinct=""):
                made[name] = Count("*")
            case CountOf():
                pass  # counted by itself
            case Share(part=part, whole=whole):
                made[f"{name}_part"], made[f"{name}_whole"] = _total(part), _total(whole)
    if coverage:
        made["coverage_of_all_part"], made["coverage_of_all_whole"] = (
            _total(_COVERAGE.part),
            _total(_COVERAGE.whole),
        )
    return made


class _OverAll(Func):
    """A sum over all groups, of what each of them came to, beside every group."""

    template = "%(function)s(%(expressions)s) OVER ()"
    function = "SUM"


def _largest_are_enough(question: Question) -> bool:
    """Whether the groups can be cut short in the database: what makes the order is one of its sums."""
    return (
        question.most is not None
        and [dimension.many for dimension in question.by] == [True]
        and all(measure.adds_up for measure in question.measures)
    )


def _largest(
    actor: Actor, rows: Rows, question: Question, *, coverage: bool
) -> tuple[Groups, Parts, int]:
    """The groups with the largest first figure, the sums of all groups, how many groups are left out.

    In one pass: of 100,000 customers a thousand rows come out instead of all, which took two seconds to
    read, to name and to order for a page that shows a thousand.
    """
    aggregates = _aggregates(question.measures, coverage=coverage)
    wholes = {f"whole_{name}": _OverAll(F(name)) for name in aggregates}
    first = Coalesce(F(f"m_{question.measures[0].key}"), 0, output_field=DecimalField())
    found = (
        rows.order_by()
        .annotate(g0=_grouping(actor, question.by[0].source))
        .values("g0")
        .annotate(**aggregates)
        .annotate(**wholes, groups=_OverAll(Count("*"), function="COUNT"))
        .order_by(first.desc(), "g0")
        .values_list("g0", "groups", *aggregates, *wholes)[: question.most]
    )
    groups: Groups = {}
    totals, count = None, 0
    for key, of_all, *values in found:
        count = of_all
        groups[key,] = dict(zip(aggregates, values, strict=False))
        totals = totals or dict(zip(aggregates, values[len(aggregates) :], strict=True))
    if totals is None:
        totals = _totals(rows, groups, question.measures, coverage=coverage)
    return groups, totals, count - len(groups)


def _totals(rows: Rows, groups: Groups, measures: tuple[Measure, ...], *, coverage: bool) -> Parts:
    """The sums of all lines: those of the groups added up, exactly, for every line lies in one of them and
    reading a million lines once more takes as long again. What differs between groups is counted anew."""
    aggregates = _aggregates(measures, coverage=coverage)
    if groups:
        found = {name: _sum(parts[name] for parts in groups.values()) for name in aggregates}
    else:
        found = rows.order_by().aggregate(**aggregates)
    return found | _distinct_counts(rows, [], measures)[()]


def _sum(values: Iterable[Any]) -> Any:
    """The sum of what is known; unknown where nothing is."""
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def _grouped(
    actor: Actor,
    rows: Rows,
    by: tuple[Dimension, ...],
    measures: tuple[Measure, ...],
    *,
    coverage: bool = False,
) -> Groups:
    """Sums and counts per group. Raw groups that belong together are merged: each order and each
    customer lies in one of them, so that even counts of different ones add up."""
    names = [f"g{place}" for place in range(len(by))]
    rows = rows.annotate(
        **{name: _grouping(actor, d.source) for name, d in zip(names, by, strict=True)}
    ).order_by()
    aggregates = _aggregates(measures, coverage=coverage)
    # Not iterator(): a cursor would keep PostgreSQL from working in parallel.
    found = rows.values(*names).annotate(**aggregates).values_list(*names, *aggregates)
    if not aggregates:  # then nothing groups the lines, and each would come out as a group
        found = found.distinct()
    counts = _distinct_counts(rows, names, measures)
    merges = [dimension.merge() if dimension.merge else None for dimension in by]
    groups: Groups = {}
    for row in found:
        raw = row[: len(by)]
        parts = dict(zip(aggregates, row[len(by) :], strict=True)) | counts.get(raw, {})
        key = tuple(
            one if merge is None else merge.get(one) for one, merge in zip(raw, merges, strict=True)
        )
        groups[key] = _added(groups[key], parts) if key in groups else parts
    return groups


def _distinct_counts(rows: Rows, names: list[str], measures: tuple[Measure, ...]) -> Groups:
    """How many different values per group: the values are made different first and then counted, which
    PostgreSQL does by hashing, where count(DISTINCT …) would sort every line."""
    groups: Groups = defaultdict(dict)
    for measure in measures:
        formula = measure.formula
        if not isinstance(formula, CountOf) or not formula.distinct:
            continue
        sql, parameters = (
            rows.order_by().values(*names, formula.distinct).distinct().query.sql_with_params()
        )
        keys = ", ".join(connection.ops.quote_name(name) for name in names)
        grouped = f" GROUP BY {keys}" if names else ""
        with connection.cursor() as cursor:
            # Both parts are our own: the names above and Django's rendering of the rows.
            cursor.execute(
                f"SELECT {keys}{', ' if keys else ''}count(*) FROM ({sql}) AS different{grouped}",  # noqa: S608 - our own
                parameters,
            )
            for row in cursor.fetchall():
                groups[row[:-1]][f"m_{measure.key}"] = row[-1]
    if not names:
        groups.setdefault((), {})
    return groups


def _added(one: Parts, other: Parts) -> Parts:
    """Sums of both; what is unknown on one side is what the other knows."""
    return {
        name: value
        if other[name] is None
        else other[name]
        if value is None
        else value + other[name]
        for name, value in one.items()
    }


def _margins(
    found: Groups | list[Groups], members: list[Mapping[Any, Member]], measures: tuple[Measure, ...]
) -> tuple[dict[str, Figures], ...]:
    """Figures of each member of each dimension alone: counted by themselves, or added up from the groups."""
    margins = []
    for place, named in enumerate(members):
        alone: dict[str, Parts] = {}
        for key, parts in (found[place] if isinstance(found, list) else found).items():
            code = named[key[0 if isinstance(found, list) else place]].code
            alone[code] = _added(alone[code], parts) if code in alone else parts
        margins.append({code: _figures(parts, measures) for code, parts in alone.items()})
    return tuple(margins)


def _share(parts: Parts, name: str) -> Decimal | None:
    part, whole = parts[f"{name}_part"], parts[f"{name}_whole"]
    if not whole:
        return None
    return (Decimal(part or 0) / Decimal(whole)).quantize(_RATIO_UNIT, rounding=ROUND_HALF_UP)


def _figures(parts: Parts, measures: tuple[Measure, ...]) -> Figures:
    """The measures of one group. A sum over no known value is unknown, never zero."""
    figures: Figures = {}
    for measure in measures:
        name = f"m_{measure.key}"
        if isinstance(measure.formula, Share):
            figures[measure.key] = _share(parts, name)
        else:
            value = parts[name]
            figures[measure.key] = Decimal(value) if isinstance(value, int) else value
    return figures

"""Products from a company's own sheet (AUD-4, ORD-1). Codes differ by case, as stock codes do."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from dossier.catalog.derived import derive
from dossier.catalog.fields import PRODUCT_FIELDS, PRODUCT_SHEET_ONLY, SHEET_DECOYS
from dossier.catalog.models import Product
from dossier.catalog.states import ProductStatus
from dossier.core.imports.checks import Cells, PlainFields
from dossier.core.imports.columns import columns_of, kind_columns
from dossier.core.imports.pipeline import Record
from dossier.core.imports.registry import Context, ImportKind, UndoTable, register
from dossier.core.imports.result import Duplicate, Row
from dossier.core.imports.stages import change_rows, copy_rows, draw_ids, fetch
from dossier.core.money import CURRENCIES, DEFAULT_CURRENCY
from dossier.core.values import halfwidth, text

CODE_LENGTH = 50

_CURRENCY_WORDS = {
    "人民币": "CNY", "rmb": "CNY", "元": "CNY", "¥": "CNY", "￥": "CNY", "yuan": "CNY", "美元": "USD", "$": "USD",
    "us$": "USD", "美金": "USD", "欧元": "EUR", "€": "EUR", "英镑": "GBP", "£": "GBP", "港币": "HKD", "港元": "HKD",
    "hk$": "HKD", "日元": "JPY", "台币": "TWD", "新台币": "TWD", "澳门元": "MOP", "澳元": "AUD", "加元": "CAD",
}  # fmt: skip
SHEET = kind_columns(
    "products",
    columns_of(Product, PRODUCT_FIELDS),
    columns_of(Product, PRODUCT_SHEET_ONLY),
    decoys=SHEET_DECOYS,
)
OWN_RULES = frozenset({"code", "name", "family", "currency", "tax_rate"})
"""Fields read by rules of their own; the others by their kind (`PlainFields`)."""
COLUMNS = (
    "code",
    "name",
    "specification",
    "unit",
    "product_class",
    "family_id",
    "cost",
    "list_price",
    "currency",
    "tax_rate",
    "safety_stock",
    "status",
    "remark",
    "sort_key",
    "search_text",
    "search_terms",
)
_NEW: dict[str, Any] = {
    "code": "", "name": "", "specification": "", "unit": "", "product_class": "", "family_id": None, "cost": None,
    "list_price": None, "currency": DEFAULT_CURRENCY, "tax_rate": None, "safety_stock": None,
    "status": ProductStatus.ON_SALE.value, "remark": "", "sort_key": "", "search_text": "", "search_terms": [],
}  # fmt: skip


def product_code(value: object) -> str:
    """The code of a product as it is stored: half-width, case kept."""
    code = (
        value
        if type(value) is str and value.isascii() and value.isprintable()
        else halfwidth(value)
    )
    return code.strip()


def currency_code(given: str) -> str | None:
    """The three letters of a currency a sheet names; None where it is none we know."""
    found = _CURRENCY_WORDS.get(given.casefold()) or halfwidth(given).upper()
    return found if found in CURRENCIES else None


class ProductData:
    """What a row says; ``values`` holds the given columns only."""

    __slots__ = ("code", "family", "values")

    def __init__(self) -> None:
        self.code = ""
        self.family = ""
        self.values: dict[str, Any] = {}


class ProductSession:
    """One import of products."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.kept: list[Row] = []
        self.codes: set[str] = set()
        self.plain = PlainFields(
            Product, PRODUCT_FIELDS, columns=context.columns, titles=context.titles, own=OWN_RULES
        )
        self._facts: dict[str, Any] = {"families": 0}

    def check(self, rows: Sequence[tuple[Row, Record]]) -> None:
        """See Session.check."""
        for row, record in rows:
            self._check(row, record)

    def _check(self, row: Row, record: Record) -> None:
        data = row.data = ProductData()
        cells = Cells(row, record.values)
        values = data.values
        if cells.raw("code"):
            data.code = product_code(cells.values["code"])
            if len(data.code) > CODE_LENGTH:
                cells.note("code", "too_long", "error", limit=CODE_LENGTH)
        name = cells.text("name", 200, "error")
        if name:
            values["name"] = name
        elif "name" in self.context.columns or not data.code:
            cells.note("name", "missing", "error")
        if not data.code:
            if name and len(name) <= CODE_LENGTH and "code" not in self.context.columns:
                data.code = name
            elif not cells.row.refused:
                cells.note("code", "missing", "error")
        self.plain.read(cells, values)
        data.family = cells.text("family", 100)
        self._rate(cells, values)
        ended = cells.yes_no("discontinued")
        if ended is not None:
            values["status"] = (
                ProductStatus.DISCONTINUED if ended else ProductStatus.ON_SALE
            ).value
        given = cells.text("currency", 20) or self.context.options.currency
        if given:
            currency = currency_code(given)
            if currency is None:
                cells.note("currency", "unknown_currency", "error", value=given)
            else:
                values["currency"] = currency

    def _rate(self, cells: Cells, values: dict[str, Any]) -> None:
        rate = cells.decimal("tax_rate", places=6, digits=10, least=Decimal(0))
        if rate is None:
            return
        if rate >= 1:  # 13 is 13 %
            rate /= 100
        if rate >= 1:
            cells.note("tax_rate", "bad_rate", value=text(cells.values["tax_rate"])[:60])
        else:
            values["tax_rate"] = rate.quantize(Decimal("0.0001"))

    def take(self, rows: Sequence[Row]) -> None:
        """Refuse rows with errors, keep the others."""
        for row in rows:
            if not row.refused and row.data.code in self.codes and row.previous is None:
                row.error("code", "duplicate_product", value=row.data.code)
            if row.refused:
                row.settle("rejected")
                self.context.refused()
            else:
                self.codes.add(row.data.code)
                self.kept.append(row)

    def facts(self) -> dict[str, Any]:
        """See Session.facts."""
        return self._facts

    def finish(self) -> list[Duplicate]:
        """Match by code, write."""
        lock = " FOR UPDATE" if self.context.writing else ""
        names = ("id", *COLUMNS)
        there = {
            row[0]: dict(zip(names, row, strict=True))
            for row in fetch(
                f"SELECT {', '.join(names)} FROM catalog_product WHERE code = ANY(%s) OR id = ANY(%s) ORDER BY id{lock}",  # noqa: S608 - own names
                [list(self.codes), [row.previous for row in self.kept if row.previous]],
            )
        }
        by_code = {one["code"]: pk for pk, one in there.items()}
        families = self._families()
        new: list[Row] = []
        changes = []
        for row in self.kept:
            data = row.data
            if data.family:
                data.values["family_id"] = families.get(data.family.lower(), -1)
            pk = row.previous or by_code.get(data.code)
            if pk is None:
                new.append(row)
                continue
            old = there[pk]
            changed = finished(old | data.values | {"code": data.code})
            row.settle("unchanged" if changed == old else "updated", pk)
            if changed != old:
                changes.append([pk, *(changed[name] for name in COLUMNS)])
        if not self.context.writing:
            for row in new:
                row.settle("created")
            return []
        change_rows("catalog_product", COLUMNS, changes)
        for row, pk in zip(new, draw_ids("catalog_product", len(new)), strict=True):
            row.settle("created", pk)
        create_products(
            (row.target, _NEW | row.data.values | {"code": row.data.code}) for row in new
        )
        return []

    def _families(self) -> dict[str, int]:
        wanted = {row.data.family.lower(): row.data.family for row in self.kept if row.data.family}
        found, made = family_ids(wanted, writing=self.context.writing)
        self._facts["families"] = made
        return found


def finished(values: dict[str, Any]) -> dict[str, Any]:
    """The values with the columns that follow from them."""
    derived = derive(
        code=values["code"], name=values["name"], specification=values["specification"]
    )
    return values | derived._asdict()


def create_products(rows: Any) -> None:
    """New products by (id, values); what is not given is not known."""
    lines = []
    for pk, values in rows:
        new = finished(_NEW | values)
        lines.append([pk, *(new[name] for name in COLUMNS)])
    copy_rows("catalog_product", ("id", *COLUMNS), lines)


def family_ids(wanted: dict[str, str], *, writing: bool) -> tuple[dict[str, int], int]:
    """Families by lower-case name; those missing are made on the top of the tree. Also how many."""
    if not wanted:
        return {}, 0
    found: dict[str, int] = {}
    for name, pk in fetch(
        "SELECT lower(name), id FROM catalog_productfamily WHERE lower(name) = ANY(%s)"
        " ORDER BY parent_id NULLS FIRST, id",
        [list(wanted)],
    ):
        found.setdefault(name, pk)
    missing = [key for key in wanted if key not in found]
    if writing and missing:
        ids = draw_ids("catalog_productfamily", len(missing))
        copy_rows(
            "catalog_productfamily",
            ("id", "name"),
            [(pk, wanted[key]) for pk, key in zip(ids, missing, strict=True)],
        )
        found.update(zip(missing, ids, strict=True))
    return found, len(missing)


KIND = register(
    ImportKind(
        key="products",
        label=_("Products"),
        text=_("What is sold: code, name, family, cost, price, tax rate"),
        icon="package",
        order=30,
        columns=SHEET,
        permission="catalog.product",
        model="catalog.Product",
        session=ProductSession,
        undo=(UndoTable("catalog.Product", url="product"), UndoTable("catalog.ProductFamily")),
        locks=lambda options: frozenset({"products"}),
        list_url="products",
        needs=(("name",),),
    )
)

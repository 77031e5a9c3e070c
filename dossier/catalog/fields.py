"""The field list of a product: every surface derives from it. Cost is for those who may see cost."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from dossier.catalog.access import PRODUCT
from dossier.catalog.states import CLASS_WORDS, STATUS_WORDS
from dossier.core.access import Actor
from dossier.core.fields import FieldSpec, Kind, Surface, field, sheet_column

GROUPS: Final = {
    "product": _("Product"),
    "prices": _("Prices"),
    "more": _("Further"),
}


def percent_text(value: Decimal | None) -> str:
    """A rate as people write it: 0.13 → 13%."""
    if value is None:
        return ""
    text = f"{value * 100:f}"
    return f"{text.rstrip('0').rstrip('.') if '.' in text else text}%"


def _tax_rate(product: Any) -> str:
    return percent_text(product.tax_rate)


PRODUCT_FIELDS: Final = (
    field(
        "code",
        Kind.TEXT,
        group="product",
        off=[Surface.FILTER],
        sort=True,
        must=True,
        default_column=True,
        sheet="产品编码, 产品编号, 商品编码, 商品编号, 存货编码, 存货编号, 物料编码, 物料编号, "
        "货品编码, 货号, 产品代码, 商品代码, product code, product id, item code, "
        "product number, stock code, sku, internal reference, default code, 编码, 编号, 代码, "
        "code, id, number, part number",
    ),
    field(
        "name",
        Kind.TEXT,
        group="product",
        off=[Surface.FILTER],
        default_column=True,
        sheet="产品名称, 商品名称, 存货名称, 物料名称, 货品名称, 品名, 产品, 商品, 存货, 名称, "
        "product name, item name, product, item, name, title",
    ),
    field(
        "specification",
        Kind.TEXT,
        group="product",
        off=[Surface.FILTER],
        default_column=True,
        sheet="规格, 规格型号, 型号, 产品规格, 商品规格, 规格描述, specification, spec, model, size, "
        "quantity per unit, attributes",
    ),
    field(
        "unit",
        Kind.TEXT,
        group="product",
        off=[Surface.FILTER],
        default_column=True,
        sheet="单位, 计量单位, 主计量单位, 基本单位, 销售单位, unit, unit of measure, uom, stock uom, "
        "default unit of measure, units, measure",
    ),
    field(
        "product_class",
        Kind.CHOICE,
        group="product",
        label=_("Product class"),
        sort=True,
        default_column=True,
        words=CLASS_WORDS,
        sheet="产品类别, 产品等级, 类别, 等级, 产品级别, 类型, ABC类, ABC分类, product class, class, "
        "grade, abc class, type, product type",
    ),
    field(
        "family",
        Kind.REF,
        group="product",
        label=_("Product family"),
        lookup="family",
        default_column=True,
        sheet="产品系列, 系列, 产品族, 产品线, 产品分类, 商品分类, 存货分类, 物料分类, 商品类别, "
        "存货类别, 物料组, 品类, 分类, 大类, family, product family, category, product category, "
        "category name, item group, product line, group, series",
    ),
    field(
        "status",
        Kind.CHOICE,
        group="product",
        must=True,
        default_column=True,
        words=STATUS_WORDS,
        sheet="状态, 产品状态, 启用状态, 是否启用, 上架状态, 是否上下架, 在售, status, active, state, "
        "enabled",
    ),
    field(
        "list_price",
        Kind.MONEY,
        group="prices",
        off=[Surface.FILTER],
        sort=True,
        default_column=True,
        sheet="价格, 单价, 售价, 销售价, 标准售价, 标准价, 零售价, 参考售价, 批发价, 报价, 目录价, "
        "定价, list price, price, unit price, sales price, sale price, standard selling rate, "
        "selling price, standard rate, retail price",
    ),
    field(
        "cost",
        Kind.MONEY,
        group="prices",
        off=[Surface.FILTER],
        sort=True,
        default_column=True,
        help=_("What one unit costs. Left blank: not known, and never taken as zero."),
        sheet="成本, 单位成本, 成本价, 标准成本, 参考成本, 进价, 采购价, 参考进价, 成本单价, cost, "
        "unit cost, standard cost, cost price, standard price, purchase price, valuation rate, "
        "buying price",
    ),
    field(
        "currency",
        Kind.TEXT,
        group="prices",
        must=True,
        sheet="币种, 货币, currency",
    ),
    field(
        "tax_rate",
        Kind.NUMBER,
        group="prices",
        off=[Surface.FILTER],
        value=_tax_rate,
        help=_("For example 13% or 0.13."),
        sheet="税率, 增值税率, 销项税率, 税率%, tax rate, vat rate, tax, customer taxes, tax percent",
    ),
    field(
        "safety_stock",
        Kind.NUMBER,
        group="more",
        off=[Surface.FILTER],
        sheet="安全库存, 安全库存量, 最低库存, 库存下限, 再订货点, safety stock, reorder level, "
        "minimum stock, reorder point, min stock",
    ),
    field(
        "remark",
        Kind.LONG,
        group="more",
        off=[Surface.FILTER, Surface.LIST],
        wide=True,
        sheet="备注, 说明, 描述, 产品描述, 商品描述, 产品简介, remark, remarks, note, notes, comment, "
        "description",
    ),
)

PRODUCT_SHEET_ONLY: Final = (
    sheet_column(
        "discontinued",
        "停产, 停用, 是否停用, 是否停产, 下架, 停售, discontinued, disabled, archived, inactive, "
        "已停产, 已停售",
        label=_("Discontinued"),
        kind=Kind.BOOL,
    ),
    sheet_column(
        "barcode",
        "条码, 条形码, 国际条码, 商品条码, barcode, ean, gtin, upc",
        label=_("Bar code"),
        kept=True,
    ),
    sheet_column(
        "brand",
        "品牌, brand, manufacturer",
        label=_("Brand"),
        kept=True,
    ),
)
"""Columns of a sheet of products that are no field: the status in other words, or kept with their row."""

SHEET_DECOYS: Final = (
    "category id, supplier id, units in stock, units on order, 供应商编码, 含税成本价, "
    "库存数量, 现存量"
)
"""Names in a sheet of products that only look like a field."""

# Columns of the table that are no field of a surface, and why.
UNLISTED: Final = {
    "id": "the database's own key",
    "version": "guards against stale edits",
    "created_at": "the history shows who made it and when",
    "updated_at": "the history shows who changed it and when",
    "sort_key": "derived from the name",
    "search_text": "derived from code, name and specification",
    "search_terms": "derived from code, name and specification",
}


def fields_for(actor: Actor) -> tuple[FieldSpec, ...]:
    """The fields this actor may see."""
    return tuple(spec for spec in PRODUCT_FIELDS if spec.name != "cost" or may_see_cost(actor))


def may_see_cost(actor: Actor) -> bool:
    """Whether the actor sees cost and profit, here and in every report."""
    return actor.can(PRODUCT.key, "cost")

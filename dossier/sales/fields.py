"""The field lists of orders and their lines: every surface derives from them."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _

from dossier.catalog.fields import PRODUCT_FIELDS
from dossier.catalog.models import Product
from dossier.core.fields import Kind, Surface, field, sheet_column, title_later

_PRODUCT: Final = {spec.name: spec for spec in PRODUCT_FIELDS}

ORDER_FIELDS: Final = (
    field(
        "customer",
        Kind.REF,
        lookup="customer",
        must=True,
        default_column=True,
        sheet_field="customer_name",
        sheet="客户, 客户名称, 客户全称, 公司名称, 单位名称, 往来单位, 往来单位名称, 购货单位, "
        "客户简称, 单位, customer, customer name, company name, account, account name, company, "
        "client, partner, bill to",
    ),
    field(
        "ordered_on",
        Kind.DATE,
        must=True,
        sort=True,
        default_column=True,
        sheet_field="date",
        sheet="日期, 单据日期, 订单日期, 销售日期, 下单日期, 成交日期, 开票日期, 业务日期, 出库日期, "
        "下单时间, 交易日期, 签单日期, date, order date, invoice date, transaction date, "
        "sale date, posting date, document date, date ordered",
    ),
    field(
        "salesperson",
        Kind.REF,
        lookup="employee",
        default_column=True,
        help=_("Who is credited with the order."),
        sheet="业务员, 销售员, 销售人员, 经手人, 负责人, 客户经理, 销售代表, 制单业务员, 业务员姓名, "
        "业务人员, 员工, salesperson, sales person, employee, sales rep, owner, assigned user, "
        "seller, rep, employee id, salesman",
    ),
    field(
        "currency",
        Kind.TEXT,
        must=True,
        sheet="币种, 货币, currency, currency code",
    ),
    field(
        "number",
        Kind.TEXT,
        off=[Surface.FILTER],
        sort=True,
        default_column=True,
        help=_("Left blank, the next order number is given."),
        sheet_field="order_number",
        sheet="单号, 订单号, 订单编号, 销售单号, 单据编号, 单据号, 销售订单号, 出库单号, 销货单号, "
        "合同编号, 发票号, 发票号码, 流水号, order number, order no, order id, invoice, "
        "invoice no, invoice number, order reference, sales order, order, document number, "
        "voucher no",
    ),
    field("source", Kind.CHOICE, off=[Surface.FORM, Surface.IMPORT]),
    field("status", Kind.CHOICE, off=[Surface.FORM, Surface.IMPORT], default_column=True),
    field("remark", Kind.LONG, off=[Surface.FILTER, Surface.LIST, Surface.IMPORT], wide=True),
)
ORDER_UNLISTED: Final = {
    "id": "the database's own key",
    "version": "guards against stale edits",
    "created_at": "the history shows who made it and when",
    "updated_at": "the history shows who changed it and when",
    "void_reason": "shown as a notice on a void order, asked for when it is declared void",
}

_COUNTED = [Surface.FILTER]  # figures are narrowed by what they belong to, not by their size
_THE_ORDERS = [Surface.FORM, Surface.IMPORT]  # entered and brought in with the order
LINE_FIELDS: Final = (
    field(
        "ordered_on", Kind.DATE, off=_THE_ORDERS, label=_("Date"), sort=True, default_column=True
    ),
    field(
        "customer",
        Kind.REF,
        off=_THE_ORDERS,
        label=_("Customer"),
        lookup="customer",
        default_column=True,
    ),
    field(
        "salesperson",
        Kind.REF,
        off=_THE_ORDERS,
        label=_("Salesperson"),
        lookup="employee",
        default_column=True,
    ),
    field(
        "product",
        Kind.REF,
        lookup="product",
        default_column=True,
        sheet_field="product_name",
        sheet="产品, 产品名称, 商品, 商品名称, 存货, 存货名称, 物料名称, 货品名称, 品名, product, "
        "product name, item, item name, description, product description, item description",
    ),
    field(
        "quantity",
        Kind.NUMBER,
        off=_COUNTED,
        sort=True,
        default_column=True,
        sheet="数量, 销售数量, 订货数量, 出库数量, 件数, 订单数量, quantity, qty, ordered quantity, "
        "order qty, quantity ordered, units sold",
    ),
    field(
        "unit_price",
        Kind.MONEY,
        off=_COUNTED,
        default_column=True,
        sheet="单价, 销售单价, 含税单价, 价格, 售价, 成交价, 报价, unit price, price, rate, "
        "sales price, selling price, price unit",
    ),
    field(
        "discount_factor",
        Kind.NUMBER,
        off=_COUNTED,
        label=_("Discount factor"),
        sheet_field="discount",
        sheet="折扣, 折扣率, 折扣系数, 扣率, 折扣%, discount, discount rate, discount %, "
        "discount percent, discount percentage, discount factor",
    ),
    field(
        "amount",
        Kind.MONEY,
        off=_COUNTED,
        sort=True,
        default_column=True,
        sheet="金额, 销售金额, 含税金额, 价税合计, 总金额, 销售额, 应收金额, 订单金额, 成交金额, "
        "实收金额, amount, total, line total, subtotal, net amount, total amount, sales amount, "
        "revenue, net sales, untaxed amount",
    ),
    field(
        "cost",
        Kind.MONEY,
        off=_COUNTED,
        default_column=True,
        sheet="成本, 成本金额, 销售成本, 总成本, 产品成本, cost, cost amount, total cost, "
        "cost of goods, cogs, line cost",
    ),
    field(
        "other_cost",
        Kind.MONEY,
        off=_COUNTED,
        sheet="其他成本, 其它成本, 其他费用, 其它费用, 费用, 杂费, 附加成本, other cost, other costs, "
        "extra cost, additional cost, expenses",
    ),
    field(
        "profit",
        Kind.MONEY,
        off=[*_COUNTED, Surface.FORM, Surface.IMPORT],
        label=_("Profit"),
        default_column=True,
    ),
    field("currency", Kind.TEXT, off=[*_THE_ORDERS, Surface.DETAIL], label=_("Currency")),
    field(
        "remark",
        Kind.TEXT,
        off=[Surface.FILTER, Surface.FORM],
        label=_("Remark"),
        sheet="备注, 说明, 摘要, 备注说明, remark, remarks, note, notes, comment, comments, memo",
    ),
)
SHEET_ONLY: Final = (
    sheet_column(
        "customer_code",
        "客户编码, 客户编号, 客户代码, 客户号, 往来单位编码, 单位编码, customer code, "
        "customer id, customer no, customer number, account number",
        label=_("Customer code"),
    ),
    sheet_column(
        "country",
        "国家, 国别, country",
        label=_("Country"),
    ),
    sheet_column(
        "product_code",
        "产品编码, 产品编号, 商品编码, 商品编号, 存货编码, 存货编号, 物料编码, 货号, 货品编码, "
        "产品代码, product code, product id, stock code, item code, sku, product number, "
        "part number",
        label=_("Product code"),
    ),
    sheet_column(
        "specification",
        "规格, 规格型号, 型号, specification, spec, model",
        label=title_later(_PRODUCT["specification"], Product),
    ),
    sheet_column(
        "product_class",
        "产品类别, 类别, 产品等级, 产品级别, product class, class, abc class",
        label=title_later(_PRODUCT["product_class"], Product),
    ),
    sheet_column(
        "family",
        "产品系列, 系列, 产品族, 产品线, 产品分类, 商品分类, 存货分类, 商品类别, 存货类别, 品类, "
        "分类, family, product family, category, product category, category name, item group, "
        "product line",
        label=title_later(_PRODUCT["family"], Product),
    ),
    sheet_column(
        "unit",
        "计量单位, 销售单位, 主计量单位, unit, uom, unit of measure, units",
        label=_("Unit of measure"),
    ),
    sheet_column(
        "unit_cost",
        "单位成本, 成本单价, 成本价, unit cost, cost price",
        label=_("Unit cost"),
    ),
    sheet_column(
        "line_number",
        "行号, 序号, 行次, 项次, 明细行号, line number, line no, line, seq, idx, sequence",
        label=_("Line number"),
        kept=True,
    ),
    sheet_column(
        "team",
        "部门, 销售部门, 业务部门, 所属部门, department, sales team, team, 团队",
        label=_("Team"),
        kept=True,
    ),
)
"""Columns of a sheet of sales lines that are no field of a line: of its customer, of its product, or kept."""

SHEET_DECOYS: Final = (
    "delivery date, discount amount, due amount, due date, freight, paid amount, "
    "required date, ship name, shipped date, tax amount, 交货日期, 付款日期, 优惠金额, "
    "到期日期, 制单日期, 发货日期, 回款金额, 外币金额, 审核日期, 已收金额, 必需日期, "
    "折扣金额, 折让金额, 未收金额, 税率, 税额, 运费金额, 退货金额, 预计金额"
)
"""Names in a sheet of sales lines that only look like a field."""

LINE_UNLISTED: Final = {
    "id": "the database's own key",
    "version": "guards against stale edits",
    "created_at": "the history shows who made it and when",
    "updated_at": "the history shows who changed it and when",
    "order": "shown as the order's number",
    "line_no": "the order of the lines",
    "product_text": "shown in place of the product's name where it differs",
}
COST_FIELDS: Final = frozenset({"cost", "other_cost", "profit"})

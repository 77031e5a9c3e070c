"""What sheets of customers hold beside the fields of the record (AUD-4)."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _

from dossier.core.fields import FieldSpec, sheet_column

CUSTOMER_SHEET_ONLY: Final[tuple[FieldSpec, ...]] = (
    sheet_column(
        "city",
        "城市, 所在城市, 市, city, billing address city, town",
        label=_("City"),
    ),
    sheet_column(
        "country",
        "国家, 国家地区, 国别, 所属国家, country, billing address country, nation",
        label=_("Country"),
    ),
    sheet_column(
        "head_office_code",
        "总公司编号, 总公司编码, 总公司代码, 上级客户编号, 上级客户编码, 上级单位编码, "
        "结算单位编码, head office code, parent code, parent customer code, parent id",
        label=_("Head office code"),
    ),
    sheet_column(
        "manager",
        "公司负责人, 总经理, 企业负责人, general manager, person in charge, "
        "person in charge of the company",
        label=_("Person in charge of the company"),
    ),
    sheet_column(
        "im",
        "微信, 微信号, QQ, QQ号, 微信QQ, wechat, im, instant messenger, 聊天账号, chat account",
        label=_("Chat account"),
        kept=True,
    ),
    sheet_column(
        "settlement",
        "结算方式, 付款方式, 收款方式, 付款条件, payment method, mode of payment, settlement, "
        "way of settlement",
        label=_("Way of settlement"),
        kept=True,
    ),
    sheet_column(
        "annual_revenue",
        "年营业额, 营业额, 年销售额, 年产值, 销售额, annual revenue, revenue, turnover",
        label=_("Annual revenue"),
        kept=True,
    ),
    sheet_column(
        "currency",
        "币种, 货币, 结算币种, currency, default currency, billing currency",
        label=_("Currency"),
        kept=True,
    ),
    sheet_column(
        "status",
        "状态, 客户状态, 启用状态, 是否停用, 停用, 成交状态, status, active, disabled, "
        "customer status",
        label=_("Status"),
        kept=True,
    ),
    sheet_column(
        "team",
        "部门, 所属部门, 分管部门, 专管部门, 销售部门, 归属部门, department, sales team, team, "
        "teams, 团队",
        label=_("Team"),
        kept=True,
    ),
)
"""Columns of a sheet of customers that are no field: read on the way, or kept with their row."""

SHEET_DECOYS: Final = (
    "created by, modified at, modified by, 下次联系时间, 修改日期, 创建人, 备注2, 家庭地址, "
    "家庭电话, 更新时间, 最近跟进日期, 法人手机, 法人电话, 法人身份证号, 联系人性别, "
    "联系人生日, 负责人电话, signature"
)
"""Names in a sheet of customers that only look like a field."""

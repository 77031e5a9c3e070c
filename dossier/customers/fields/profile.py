"""The field list of the customer's profile."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from django.utils.translation import gettext_lazy as _

from dossier.core.fields import FieldSpec, Kind, Surface, field
from dossier.customers.states import (
    CATEGORY_WORDS,
    CREDIT_WORDS,
    DIRECT_WORDS,
    FORM_WORDS,
    GRADE_WORDS,
    NATURE_WORDS,
    SOURCE_WORDS,
)

_LIST, _FILTER, _FORM = Surface.LIST, Surface.FILTER, Surface.FORM
_IMPORT, _EXPORT, _DETAIL = Surface.IMPORT, Surface.EXPORT, Surface.DETAIL
_PLAIN: Final = (_FILTER,)  # searched rather than filtered
_ASIDE: Final = (_LIST, _FILTER)  # on the profile and the form only

GROUPS: Final = MappingProxyType(
    {
        "identity": _("Name and number"),
        "classification": _("Classification"),
        "reach": _("Addresses and telephone"),
        "enterprise": _("The enterprise"),
        "terms": _("Terms"),
        "ours": _("Our side"),
    }
)

CUSTOMER_FIELDS: Final[tuple[FieldSpec, ...]] = (
    # identity
    field(
        "name",
        Kind.TEXT,
        off=_PLAIN,
        group="identity",
        must=True,
        sort=True,
        default_column=True,
        sheet="公司名称, 客户名称, 客户全称, 公司全称, 企业名称, 单位名称, 单位全称, 往来单位名称, "
        "往来单位, 名称, 全称, 客户, 公司, customer name, company name, company, account name, "
        "customer, name, full name, organization name, display name",
    ),
    field(
        "short_name",
        Kind.TEXT,
        off=_PLAIN,
        group="identity",
        sheet="客户简称, 公司简称, 简称, 单位简称, 往来单位简称, 助记名, short name, abbreviation, "
        "alias",
    ),
    field(
        "code",
        Kind.TEXT,
        off=_PLAIN,
        group="identity",
        sort=True,
        default_column=True,
        help=_("Left blank, the next number is given."),
        sheet="客户编号, 客户编码, 客户代码, 客户号, 往来单位编码, 往来单位编号, 单位编码, 单位编号, "
        "customer code, customer id, customer no, customer number, account number, partner code, "
        "编号, 编码, 代码, code, id, reference, ref, number",
    ),
    field(
        "invoice_name",
        Kind.TEXT,
        off=_ASIDE,
        group="identity",
        help=_("Left blank, the customer name."),
        sheet="开票名称, 发票抬头, 开票抬头, 开票单位, 抬头, 开票单位名称, invoice name, "
        "invoice title, billing name, name on invoices",
    ),
    field(
        "tax_number",
        Kind.TEXT,
        off=_PLAIN,
        group="identity",
        na=True,
        label=_("Unified social credit code / tax number"),
        sheet="税号, 纳税人识别号, 统一社会信用代码, 社会信用代码, 信用代码, 税务登记号, 税务登记证号, "
        "纳税号, 纳税登记号, tax number, tax id, tax no, vat, vat number, "
        "unified social credit code, uscc, tin, sic code, 统一社会信用代码 / 税号, "
        "unified social credit code / tax number",
    ),
    field("status", Kind.CHOICE, off=(_FORM, _IMPORT), group="identity"),
    field("kind", Kind.CHOICE, off=(_LIST, _FILTER, _FORM, _IMPORT), group="identity"),
    # classification
    field(
        "grade",
        Kind.CHOICE,
        na=True,
        group="classification",
        default_column=True,
        words=GRADE_WORDS,
        sheet="等级, 客户等级, 客户级别, 级别, 重要程度, 客户重要程度, 价值等级, 价格等级, grade, "
        "level, customer grade, rating, priority",
    ),
    field(
        "category",
        Kind.CHOICE,
        na=True,
        group="classification",
        default_column=True,
        words=CATEGORY_WORDS,
        sheet="客户类别, 客户分类, 客户类型, 类别, 分类, 类型, 往来单位分类, category, customer group, "
        "customer type, type, account type, tags",
    ),
    field(
        "category_node",
        Kind.REF,
        lookup="category",
        group="classification",
        na=True,
        label=_("Place in the category tree"),
        sheet_field="category_code",
        sheet="分类编码, 客户分类编码, 分类代码, 分类号, 客户分类号, 往来单位分类编码, "
        "classification code, category code, 所属分类, customer category, "
        "place in the category tree",
    ),
    field(
        "region",
        Kind.REF,
        lookup="region",
        group="classification",
        default_column=True,
        sheet="地区, 区域, 所属地区, 所在地区, 所属区域, 省份, 省, 省市, 省市区, 地区分类, 行政区划, "
        "销售区域, region, state, province, territory, area, billing address state, county",
    ),
    field(
        "industry",
        Kind.REF,
        lookup="industry",
        group="classification",
        na=True,
        sheet="所属行业, 行业, 客户行业, 行业类别, 行业分类, 行业名称, industry, market segment, "
        "sector, line of business",
    ),
    field(
        "industry_given", Kind.TEXT, off=(_LIST, _FILTER, _FORM, _IMPORT), group="classification"
    ),
    field(
        "credit_class_stated",
        Kind.CHOICE,
        na=True,
        group="classification",
        sheet_field="credit_class",
        words=CREDIT_WORDS,
        sheet="信誉, 信誉等级, 信用等级, 信用级别, 客户信誉, 信用, 资信等级, credit class, "
        "credit rating, credit grade, credit level",
    ),
    field(
        "direct",
        Kind.CHOICE,
        na=True,
        group="classification",
        words=DIRECT_WORDS,
        sheet="直接或间接, 直接/间接, 直接间接客户, 直接客户或间接客户, direct or indirect, "
        "direct/indirect, direct customer",
    ),
    field(
        "nature",
        Kind.CHOICE,
        na=True,
        group="classification",
        words=NATURE_WORDS,
        sheet="客户性质, 客户属性, 客户主体, nature, nature of customer, customer nature, buyer type",
    ),
    field(
        "head_office",
        Kind.REF,
        off=_ASIDE,
        lookup="customer",
        group="classification",
        na=True,
        sheet="总公司, 总公司名称, 上级客户, 上级单位, 母公司, 上级公司, 集团, 所属集团, head office, "
        "parent, parent company, parent account, parent customer",
    ),
    # reach
    field(
        "address",
        Kind.TEXT,
        off=_PLAIN,
        group="reach",
        wide=True,
        sheet="公司地址, 地址, 详细地址, 单位地址, 办公地址, 客户地址, 联系地址, 通讯地址, 通信地址, "
        "经营地址, address, street, company address, street address, address line 1, "
        "primary address, billing address street, full address",
    ),
    field(
        "registered_address",
        Kind.TEXT,
        off=_ASIDE,
        group="reach",
        na=True,
        wide=True,
        sheet="注册地址, 注册地, 工商注册地址, 法定地址, 住所, registered address, registered office, "
        "legal address",
    ),
    field(
        "delivery_address",
        Kind.TEXT,
        off=_ASIDE,
        group="reach",
        na=True,
        wide=True,
        sheet="送货地址, 收货地址, 发货地址, 交货地址, shipping address, delivery address, ship to, "
        "shipping address street",
    ),
    field(
        "invoice_address",
        Kind.TEXT,
        off=_ASIDE,
        group="reach",
        na=True,
        wide=True,
        sheet="开票地址, 发票地址, 寄票地址, billing address, invoice address, bill to",
    ),
    field(
        "postal_code",
        Kind.TEXT,
        na=True,
        off=_ASIDE,
        group="reach",
        sheet="邮政编码, 邮编, zip, zip code, postal code, postcode, billing address postal code",
    ),
    field(
        "phone",
        Kind.PHONE,
        off=_PLAIN,
        group="reach",
        must=True,
        default_column=True,
        sheet="联系电话, 电话, 固定电话, 座机, 办公电话, 公司电话, 电话号码, 联系方式, 单位电话, "
        "客户电话, 联系人电话, phone, telephone, phone number, tel, office phone, phone no, "
        "work phone, landline",
    ),
    field(
        "fax",
        Kind.PHONE,
        off=_ASIDE,
        group="reach",
        na=True,
        sheet="传真, 传真号, 传真号码, 公司传真, fax, fax number, fax no",
    ),
    field(
        "email",
        Kind.EMAIL,
        off=_PLAIN,
        group="reach",
        na=True,
        label=_("Company e-mail"),
        sheet_field="company_email",
        sheet="公司邮箱, 单位邮箱, 企业邮箱, 公司电子邮箱, 公司邮件, company e-mail, company email, "
        "business email, office email",
    ),
    field(
        "website",
        Kind.WEB,
        off=_ASIDE,
        group="reach",
        na=True,
        sheet="网址, 公司网址, 网站, 公司网站, 主页, 官网, 企业网址, website, web site, url, "
        "home page, homepage, web",
    ),
    # enterprise
    field(
        "enterprise_form",
        Kind.CHOICE,
        na=True,
        group="enterprise",
        words=FORM_WORDS,
        sheet="企业性质, 公司性质, 单位性质, 企业类型, 公司类型, 经济性质, 企业形式, 所有制, 经济类型, "
        "enterprise form, ownership, ownership type, company type, enterprise type, "
        "form of enterprise",
    ),
    field(
        "organisation_form",
        Kind.TEXT,
        off=_ASIDE,
        group="enterprise",
        na=True,
        sheet="组织形式, 组织类型, 法律形式, 机构类型, organisation form, organization form, "
        "legal form, organization type",
    ),
    field(
        "legal_representative",
        Kind.TEXT,
        off=_PLAIN,
        group="enterprise",
        na=True,
        sheet="法人, 法人代表, 法定代表人, 法人姓名, 企业法人, legal representative, legal person",
    ),
    field(
        "registered_capital",
        Kind.MONEY,
        group="enterprise",
        na=True,
        unit=_("CNY"),
        sort=True,
        sheet="注册资本, 注册资金, 注册资本金, 注册资金（万元）, registered capital, share capital",
    ),
    field(
        "assets",
        Kind.MONEY,
        off=_ASIDE,
        group="enterprise",
        na=True,
        unit=_("CNY"),
        sheet="资产总额, 总资产, 资产, 资产规模, 固定资产, assets, total assets",
    ),
    field(
        "founded_on",
        Kind.DATE,
        group="enterprise",
        na=True,
        sort=True,
        sheet="成立日期, 成立时间, 创立日期, 注册日期, 注册时间, 成立年份, 创办日期, founded on, "
        "founded, established, date of incorporation, incorporated on, founding date",
    ),
    field(
        "employee_count",
        Kind.COUNT,
        group="enterprise",
        na=True,
        sort=True,
        sheet="员工人数, 人数, 职工人数, 员工数, 从业人数, 企业人数, 人员规模, 公司人数, "
        "employee count, employees, number of employees, no of employees, headcount",
    ),
    field(
        "scale",
        Kind.TEXT,
        off=_PLAIN,
        group="enterprise",
        na=True,
        sheet="企业规模, 公司规模, 规模, 经营规模, 客户规模, scale, company size, size",
    ),
    field(
        "business_line",
        Kind.TEXT,
        off=_PLAIN,
        group="enterprise",
        na=True,
        wide=True,
        sheet="主营业务, 主营产品, 主要产品, 主营, main business, business line, main products",
    ),
    field(
        "business_scope",
        Kind.LONG,
        off=_ASIDE,
        group="enterprise",
        na=True,
        wide=True,
        sheet="经营范围, 业务范围, 经营项目, business scope, scope of business, "
        "description of business",
    ),
    # terms
    field(
        "credit_limit",
        Kind.MONEY,
        group="terms",
        na=True,
        unit=_("CNY"),
        sort=True,
        sheet="信用额度, 授信额度, 额度, 赊销额度, 信誉额度, credit limit, credit line",
    ),
    field(
        "payment_term_days",
        Kind.COUNT,
        off=_PLAIN,
        group="terms",
        na=True,
        unit=_("days"),
        sheet="账期, 账期天数, 信用天数, 信用期限, 付款期限, 收款期限, 付款天数, 结算天数, 账期（天）, "
        "payment term days, payment term, payment terms, credit days, payment days",
    ),
    # ours
    field(
        "owner",
        Kind.REF,
        lookup="employee",
        group="ours",
        default_column=True,
        sheet="业务员, 负责人, 负责业务员, 销售员, 销售人员, 专营业务员, 所属业务员, 分管业务员, "
        "客户经理, 销售代表, 跟进人, 归属人, 所有者, 客户负责人, 所属销售, 销售负责人, owner, "
        "salesperson, sales person, account manager, assigned user, sales rep, assigned to, "
        "responsible",
    ),
    field(
        "source",
        Kind.CHOICE,
        na=True,
        group="ours",
        words=SOURCE_WORDS,
        sheet="客户来源, 来源, 信息来源, 获客渠道, 来源渠道, 线索来源, source, lead source, "
        "customer source, channel",
    ),
    field(
        "filed_on",
        Kind.DATE,
        group="ours",
        sort=True,
        default_column=True,
        sheet="建档日期, 建档时间, 建立日期, 创建日期, 创建时间, 登记日期, 录入日期, 立档日期, "
        "filed on, created on, created at, creation date, created, date created, create date",
    ),
    field(
        "first_contact_on",
        Kind.DATE,
        group="ours",
        na=True,
        sort=True,
        sheet="首次接触日期, 首次联系日期, 首次联系时间, 开发日期, 初次接触日期, 首次拜访日期, "
        "first contact on, first contact date, first contacted, 首次联系, first contact",
    ),
    field(
        "first_deal_on",
        Kind.DATE,
        group="ours",
        na=True,
        sort=True,
        sheet="首次成交日期, 首次成交时间, 首次交易日期, 首次合作日期, 成交日期, 首单日期, 合作日期, "
        "first deal on, first deal date, first order date, customer since, 首次成交",
    ),
    field(
        "remark",
        Kind.LONG,
        off=_ASIDE,
        group="ours",
        wide=True,
        sheet="备注, 备注说明, 说明, 注释, 附注, 摘要, 描述, remark, remarks, note, notes, comment, "
        "comments, description, customer details",
    ),
    field(
        "archive_reason",
        Kind.TEXT,
        off=(_LIST, _FILTER, _FORM, _IMPORT),
        group="ours",
        label=_("Reason of archiving"),
    ),
    field(
        "ended_on",
        Kind.DATE,
        off=(_LIST, _FILTER, _FORM, _IMPORT),
        group="ours",
    ),
    field(
        "ended_by",
        Kind.TEXT,
        off=(_LIST, _FILTER, _FORM, _IMPORT),
        group="ours",
    ),
    field(
        "updated_at",
        Kind.DATE,
        off=(_DETAIL, _FILTER, _FORM, _IMPORT),
        group="ours",
        sort=True,
        label=_("Last changed"),
    ),
)

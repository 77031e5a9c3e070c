"""Names that sheets give to columns, in Chinese and English, for the four kinds of file first brought in.

Gathered from how departments head their own sheets and from the exports of 用友 T+, 金蝶, 悟空 CRM,
Odoo, ERPNext and EspoCRM. Compared by `columns.normalised`: case, width, spaces and punctuation do
not matter. Within a kind no name belongs to two fields; names that only look like a field are decoys.

A line reads ``field | label | names, the most trusted first``, ``*`` marking a field no row can do
without; an indented line goes on with more names, and ``decoys`` ends the list.
"""

from __future__ import annotations

from .columns import ColumnSpec, KindColumns


def _kind(kind: str, table: str) -> KindColumns:
    """Reads one of the tables below."""
    specs: list[tuple[str, str, list[str]]] = []
    for line in table.strip().splitlines():
        if line.startswith(" "):
            specs[-1][2].extend(line.split(","))
        else:
            field, label, names = line.split("|")
            specs.append((field.strip(), label.strip(), names.split(",")))
    cleaned = [
        (field, label, tuple(filter(None, map(str.strip, names)))) for field, label, names in specs
    ]
    *columns, (_decoys, _label, decoys) = cleaned
    return KindColumns(
        kind,
        tuple(
            ColumnSpec(field.rstrip("*"), label, names, field.endswith("*"))
            for field, label, names in columns
        ),
        frozenset(decoys),
    )


EMPLOYEES = _kind(
    "employees",
    """
number | 工号 | 工号, 员工编号, 员工编码, 员工号, 职员编号, 职员编码, 人员编码, 人员编号, 编号,
    编码, 代码, employee number, employee no, employee id, employee code, staff id, staff no,
    number, no, code, id, Employee
name* | 姓名 | 姓名, 员工姓名, 职员姓名, 人员姓名, 员工名称, 职员名称, 人员名称, 员工, 职员, 名字,
    业务员, 销售员, name, full name, employee name, staff name, display name
last_name | 姓 | 姓, 姓氏, last name, family name, surname
first_name | 名 | 名, first name, given name, forename
team | 部门 | 部门, 所属部门, 部门名称, 所在部门, 团队, 所属团队, 小组, 销售组, 科室, department,
    team, default team, teams, sales team, dept, group, unit
position | 职务 | 职务, 职位, 岗位, 岗位名称, 职称, 职务名称, position, job title, title,
    job position, designation, post, job
supervisor | 直接主管 | 直接主管, 主管, 上级, 直属上级, 直接上级, 上级主管, 直属主管, 汇报对象,
    部门负责人, supervisor, manager, reports to, line manager, direct manager
status | 状态 | 状态, 在职状态, 员工状态, 人员状态, 是否在职, 在职, status, active,
    employment status, state
hired_on | 入职日期 | 入职日期, 入职时间, 到岗日期, 参加工作日期, 到职日期, 进入公司日期,
    hire date, hired on, date of joining, joining date, start date, joined, join date,
    employed since
left_on | 离职日期 | 离职日期, 离职时间, 离岗日期, 离开日期, left on, leave date, leaving date,
    relieving date, end date, departure date, termination date
mobile | 手机 | 手机, 手机号, 手机号码, 移动电话, 联系电话, 电话, 联系方式, 手机号（登录名）,
    mobile, mobile phone, cell, cell phone, cell number, work mobile, phone, phone number,
    telephone, work phone
email | 邮箱 | 邮箱, 电子邮箱, 电子邮件, 邮件, 邮箱地址, e-mail, email, mail, email address,
    work email, company email
login | 登录名 | 登录名, 登录账号, 用户名, 账号, 帐号, 账户, login, user name, username, user id,
    account, user
decoys | | birth date, home phone, title of courtesy, 姓名拼音, 家庭电话, 紧急联系人电话,
    紧急联系电话
""",
)

CUSTOMERS = _kind(
    "customers",
    """
code | 客户编号 | 客户编号, 客户编码, 客户代码, 客户号, 往来单位编码, 往来单位编号, 单位编码,
    单位编号, customer code, customer id, customer no, customer number, account number,
    partner code, 编号, 编码, 代码, code, id, reference, ref, number
name* | 公司名称 | 公司名称, 客户名称, 客户全称, 公司全称, 企业名称, 单位名称, 单位全称,
    往来单位名称, 往来单位, 名称, 全称, 客户, 公司, customer name, company name, company,
    account name, customer, name, full name, organization name, display name
short_name | 客户简称 | 客户简称, 公司简称, 简称, 单位简称, 往来单位简称, 助记名, short name,
    abbreviation, alias
invoice_name | 开票名称 | 开票名称, 发票抬头, 开票抬头, 开票单位, 抬头, 开票单位名称,
    invoice name, invoice title, billing name
category_code | 分类编码 | 分类编码, 客户分类编码, 分类代码, 分类号, 客户分类号, 往来单位分类编码,
    classification code, category code
category | 客户类别 | 客户类别, 客户分类, 客户类型, 类别, 分类, 类型, 往来单位分类, 客户性质,
    category, customer group, customer type, customer category, type, account type, tags
address | 公司地址 | 公司地址, 地址, 详细地址, 单位地址, 办公地址, 客户地址, 联系地址, 通讯地址,
    通信地址, 经营地址, 注册地址, address, street, company address, street address,
    address line 1, primary address, billing address street, full address
city | 城市 | 城市, 所在城市, 市, city, billing address city, town
region | 地区 | 地区, 区域, 所属地区, 所在地区, 所属区域, 省份, 省, 省市, 省市区, 地区分类,
    行政区划, 销售区域, region, state, province, territory, area, billing address state, county
country | 国家 | 国家, 国家地区, 国别, 所属国家, country, billing address country, nation
postal_code | 邮政编码 | 邮政编码, 邮编, zip, zip code, postal code, postcode,
    billing address postal code
contact | 联系人 | 联系人, 联系人姓名, 主要联系人, 首要联系人, 姓名, 联络人, 对接人, contact,
    contact name, contact person, primary contact, attention
contact_post | 职务 | 职务, 职位, 联系人职务, 联系人职位, 岗位, 称呼, contact title, job position,
    job title, position, title, designation
phone | 联系电话 | 联系电话, 电话, 固定电话, 座机, 办公电话, 公司电话, 电话号码, 联系方式,
    单位电话, 客户电话, 联系人电话, phone, telephone, phone number, tel, office phone, phone no,
    work phone, landline
mobile | 手机 | 手机, 手机号, 手机号码, 移动电话, 联系人手机, 联系手机, mobile, mobile phone,
    cell phone, cell, mobile no, mobile number
fax | 传真 | 传真, 传真号, 传真号码, 公司传真, fax, fax number, fax no
email | 电子邮箱 | E-mail, email, 电子邮箱, 邮箱, 电子邮件, 邮件, 邮箱地址, email address,
    email id, mail
im | 微信/QQ | 微信, 微信号, QQ, QQ号, 微信QQ, wechat, im, instant messenger
website | 网址 | 网址, 公司网址, 网站, 公司网站, 主页, 官网, 企业网址, website, web site, url,
    home page, homepage, web
industry | 所属行业 | 所属行业, 行业, 客户行业, 行业类别, 行业分类, 行业名称, industry,
    market segment, sector, line of business
enterprise_form | 企业性质 | 企业性质, 公司性质, 单位性质, 企业类型, 公司类型, 经济性质, 企业形式,
    所有制, 经济类型, enterprise form, ownership, ownership type, company type, enterprise type
organisation_form | 组织形式 | 组织形式, 组织类型, 法律形式, 机构类型, organisation form,
    organization form, legal form, organization type
grade | 等级 | 等级, 客户等级, 客户级别, 级别, 重要程度, 客户重要程度, 价值等级, 价格等级, grade,
    level, customer grade, rating, priority
credit_class | 信誉 | 信誉, 信誉等级, 信用等级, 信用级别, 客户信誉, 信用, 资信等级, credit class,
    credit rating, credit grade, credit level
credit_limit | 信用额度 | 信用额度, 授信额度, 额度, 赊销额度, 信誉额度, credit limit, credit line
payment_term_days | 账期 | 账期, 账期天数, 信用天数, 信用期限, 付款期限, 收款期限, 付款天数,
    结算天数, 账期（天）, payment term days, payment term, payment terms, credit days,
    payment days
settlement | 结算方式 | 结算方式, 付款方式, 收款方式, 付款条件, payment method, mode of payment,
    settlement
tax_number | 税号 | 税号, 纳税人识别号, 统一社会信用代码, 社会信用代码, 信用代码, 税务登记号,
    税务登记证号, 纳税号, 纳税登记号, tax number, tax id, tax no, vat, vat number,
    unified social credit code, uscc, tin, sic code
legal_representative | 法人 | 法人, 法人代表, 法定代表人, 法人姓名, 企业法人,
    legal representative, legal person
manager | 公司负责人 | 公司负责人, 总经理, 企业负责人, general manager, person in charge
bank | 开户银行 | 开户银行, 开户行, 银行, 银行名称, 开户行名称, bank, bank name, bank branch
bank_account | 账号 | 账号, 银行账号, 银行帐号, 帐号, 开户账号, 开户帐号, 银行账户, 卡号,
    bank account, account no, bank account number, bank account no, iban
owner | 业务员 | 业务员, 负责人, 负责业务员, 销售员, 销售人员, 专营业务员, 所属业务员, 分管业务员,
    客户经理, 销售代表, 跟进人, 归属人, 所有者, 客户负责人, 所属销售, 销售负责人, owner,
    salesperson, sales person, account manager, assigned user, sales rep, assigned to,
    responsible
team | 部门 | 部门, 所属部门, 分管部门, 专管部门, 销售部门, 归属部门, department, sales team,
    team, teams
filed_on | 建档日期 | 建档日期, 建档时间, 建立日期, 创建日期, 创建时间, 登记日期, 录入日期,
    立档日期, filed on, created on, created at, creation date, created, date created, create date
first_contact_on | 首次接触日期 | 首次接触日期, 首次联系日期, 首次联系时间, 开发日期,
    初次接触日期, 首次拜访日期, first contact on, first contact date, first contacted
first_deal_on | 首次成交日期 | 首次成交日期, 首次成交时间, 首次交易日期, 首次合作日期, 成交日期,
    首单日期, 合作日期, first deal on, first deal date, first order date, customer since
source | 客户来源 | 客户来源, 来源, 信息来源, 获客渠道, 来源渠道, 线索来源, source, lead source,
    customer source, channel
status | 状态 | 状态, 客户状态, 启用状态, 是否停用, 停用, 成交状态, status, active,
    disabled, customer status
registered_capital | 注册资本 | 注册资本, 注册资金, 注册资本金, 注册资金（万元）,
    registered capital, share capital
assets | 资产总额 | 资产总额, 总资产, 资产, 资产规模, 固定资产, assets, total assets
annual_revenue | 年营业额 | 年营业额, 营业额, 年销售额, 年产值, 销售额, annual revenue, revenue,
    turnover
founded_on | 成立日期 | 成立日期, 成立时间, 创立日期, 注册日期, 注册时间, 成立年份, 创办日期,
    founded on, founded, established, date of incorporation, incorporated on
employee_count | 员工人数 | 员工人数, 人数, 职工人数, 员工数, 从业人数, 企业人数, 人员规模,
    公司人数, employee count, employees, number of employees, no of employees, headcount
scale | 企业规模 | 企业规模, 公司规模, 规模, 经营规模, 客户规模, scale, company size, size
business_scope | 经营范围 | 经营范围, 主营业务, 主营产品, 主要产品, 业务范围, 经营项目,
    business scope, main business, scope of business, description of business
delivery_address | 送货地址 | 送货地址, 收货地址, 发货地址, 交货地址, shipping address,
    delivery address, ship to, shipping address street
invoice_address | 开票地址 | 开票地址, 发票地址, 寄票地址, billing address, invoice address,
    bill to
head_office_code | 总公司编号 | 总公司编号, 总公司编码, 总公司代码, 上级客户编号, 上级客户编码,
    上级单位编码, 结算单位编码, head office code, parent code, parent customer code, parent id
head_office | 总公司 | 总公司, 总公司名称, 上级客户, 上级单位, 母公司, 上级公司, 集团, 所属集团,
    head office, parent, parent company, parent account, parent customer
currency | 币种 | 币种, 货币, 结算币种, currency, default currency, billing currency
remark | 备注 | 备注, 备注说明, 说明, 注释, 附注, 摘要, 描述, remark, remarks, note, notes,
    comment, comments, description, customer details
decoys | | created by, modified at, modified by, 下次联系时间, 修改日期, 创建人, 备注2, 家庭地址,
    家庭电话, 更新时间, 最近跟进日期, 法人手机, 法人电话, 法人身份证号, 联系人性别, 联系人生日,
    负责人电话
""",
)

PRODUCTS = _kind(
    "products",
    """
code | 产品编码 | 产品编码, 产品编号, 商品编码, 商品编号, 存货编码, 存货编号, 物料编码, 物料编号,
    货品编码, 货号, 产品代码, 商品代码, product code, product id, item code, product number,
    stock code, sku, internal reference, default code, 编码, 编号, 代码, code, id, number,
    part number
name* | 产品名称 | 产品名称, 商品名称, 存货名称, 物料名称, 货品名称, 品名, 产品, 商品, 存货, 名称,
    product name, item name, product, item, name, title
specification | 规格 | 规格, 规格型号, 型号, 产品规格, 商品规格, 规格描述, specification, spec,
    model, size, quantity per unit, attributes
unit | 单位 | 单位, 计量单位, 主计量单位, 基本单位, 销售单位, unit, unit of measure, uom,
    stock uom, default unit of measure, units, measure
product_class | 产品类别 | 产品类别, 产品等级, 类别, 等级, 产品级别, 类型, ABC类, ABC分类,
    product class, class, grade, abc class, type, product type
family | 产品系列 | 产品系列, 系列, 产品族, 产品线, 产品分类, 商品分类, 存货分类, 物料分类,
    商品类别, 存货类别, 物料组, 品类, 分类, 大类, family, product family, category,
    product category, category name, item group, product line, group, series
cost | 成本 | 成本, 单位成本, 成本价, 标准成本, 参考成本, 进价, 采购价, 参考进价, 成本单价, cost,
    unit cost, standard cost, cost price, standard price, purchase price, valuation rate,
    buying price
list_price | 价格 | 价格, 单价, 售价, 销售价, 标准售价, 标准价, 零售价, 参考售价, 批发价, 报价,
    目录价, 定价, list price, price, unit price, sales price, sale price, standard selling rate,
    selling price, standard rate, retail price
tax_rate | 税率 | 税率, 增值税率, 销项税率, 税率%, tax rate, vat rate, tax, customer taxes,
    tax percent
status | 状态 | 状态, 产品状态, 启用状态, 是否启用, 上架状态, 是否上下架, 在售, status, active,
    state, enabled
discontinued | 停产 | 停产, 停用, 是否停用, 是否停产, 下架, 停售, discontinued, disabled,
    archived, inactive
safety_stock | 安全库存 | 安全库存, 安全库存量, 最低库存, 库存下限, 再订货点, safety stock,
    reorder level, minimum stock, reorder point, min stock
currency | 币种 | 币种, 货币, currency
barcode | 条码 | 条码, 条形码, 国际条码, 商品条码, barcode, ean, gtin, upc
brand | 品牌 | 品牌, brand, manufacturer
remark | 备注 | 备注, 说明, 描述, 产品描述, 商品描述, 产品简介, remark, remarks, note, notes,
    comment, description
decoys | | category id, supplier id, units in stock, units on order, 供应商编码, 含税成本价,
    库存数量, 现存量
""",
)

SALES = _kind(
    "sales",
    """
order_number* | 单号 | 单号, 订单号, 订单编号, 销售单号, 单据编号, 单据号, 销售订单号, 出库单号,
    销货单号, 合同编号, 发票号, 发票号码, 流水号, order number, order no, order id, invoice,
    invoice no, invoice number, order reference, sales order, order, document number, voucher no
line_number | 行号 | 行号, 序号, 行次, 项次, 明细行号, line number, line no, line, seq, idx,
    sequence
date* | 日期 | 日期, 单据日期, 订单日期, 销售日期, 下单日期, 成交日期, 开票日期, 业务日期,
    出库日期, 下单时间, 交易日期, 签单日期, date, order date, invoice date, transaction date,
    sale date, posting date, document date, date ordered
customer_code | 客户编码 | 客户编码, 客户编号, 客户代码, 客户号, 往来单位编码, 单位编码,
    customer code, customer id, customer no, customer number, account number
customer_name | 客户 | 客户, 客户名称, 客户全称, 公司名称, 单位名称, 往来单位, 往来单位名称,
    购货单位, 客户简称, 单位, customer, customer name, company name, account, account name,
    company, client, partner, bill to
product_code | 产品编码 | 产品编码, 产品编号, 商品编码, 商品编号, 存货编码, 存货编号, 物料编码,
    货号, 货品编码, 产品代码, product code, product id, stock code, item code, sku,
    product number, part number
product_name | 产品 | 产品, 产品名称, 商品, 商品名称, 存货, 存货名称, 物料名称, 货品名称, 品名,
    product, product name, item, item name, description, product description, item description
specification | 规格 | 规格, 规格型号, 型号, specification, spec, model
product_class | 产品类别 | 产品类别, 类别, 产品等级, 产品级别, product class, class, abc class
family | 产品系列 | 产品系列, 系列, 产品族, 产品线, 产品分类, 商品分类, 存货分类, 商品类别,
    存货类别, 品类, 分类, family, product family, category, product category, category name,
    item group, product line
unit | 计量单位 | 计量单位, 销售单位, 主计量单位, unit, uom, unit of measure, units
quantity | 数量 | 数量, 销售数量, 订货数量, 出库数量, 件数, 订单数量, quantity, qty,
    ordered quantity, order qty, quantity ordered, units sold
unit_price | 单价 | 单价, 销售单价, 含税单价, 价格, 售价, 成交价, 报价, unit price, price, rate,
    sales price, selling price, price unit
discount | 折扣 | 折扣, 折扣率, 折扣系数, 扣率, 折扣%, discount, discount rate, discount %,
    discount percent, discount percentage
amount | 金额 | 金额, 销售金额, 含税金额, 价税合计, 总金额, 销售额, 应收金额, 订单金额, 成交金额,
    实收金额, amount, total, line total, subtotal, net amount, total amount, sales amount,
    revenue, net sales, untaxed amount
cost | 成本 | 成本, 成本金额, 销售成本, 总成本, 产品成本, cost, cost amount, total cost,
    cost of goods, cogs, line cost
unit_cost | 单位成本 | 单位成本, 成本单价, 成本价, unit cost, cost price
other_cost | 其他成本 | 其他成本, 其它成本, 其他费用, 其它费用, 费用, 杂费, 附加成本, other cost,
    other costs, extra cost, additional cost, expenses
salesperson | 业务员 | 业务员, 销售员, 销售人员, 经手人, 负责人, 客户经理, 销售代表, 制单业务员,
    业务员姓名, 业务人员, 员工, salesperson, sales person, employee, sales rep, owner,
    assigned user, seller, rep, employee id, salesman
team | 部门 | 部门, 销售部门, 业务部门, 所属部门, department, sales team, team
currency | 币种 | 币种, 货币, currency, currency code
country | 国家 | 国家, 国别, country
remark | 备注 | 备注, 说明, 摘要, 备注说明, remark, remarks, note, notes, comment, comments, memo
decoys | | delivery date, discount amount, due amount, due date, freight, paid amount,
    required date, ship name, shipped date, tax amount, 交货日期, 付款日期, 优惠金额, 到期日期,
    制单日期, 发货日期, 回款金额, 外币金额, 审核日期, 已收金额, 必需日期, 折扣金额, 折让金额,
    未收金额, 税率, 税额, 运费金额, 退货金额, 预计金额
""",
)

#: Kind of import → its columns.
KINDS: dict[str, KindColumns] = {
    known.kind: known for known in (EMPLOYEES, CUSTOMERS, PRODUCTS, SALES)
}

"""Values of the customer file (CUS-4, CUS-6, CUS-8), and the words people use for them.

Stored values are stable; labels are English message ids. The `*_WORDS` mappings serve
`core.values.parse_choice`.
"""

from __future__ import annotations

from typing import Final

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dossier.core.values import choice_words


class EnterpriseForm(TextChoices):
    """Form of enterprise (企业性质)."""

    STATE = "state", _("State-owned")
    FOREIGN = "foreign", _("Foreign-owned")
    JOINT = "joint", _("Joint venture")
    PRIVATE = "private", _("Private")
    OTHER = "other", _("Other form")


class Category(TextChoices):
    """Customer category (所属分类), stated by people."""

    IMPORTANT = "important", _("Strategic customer")
    MAJOR = "major", _("Major customer")
    ORDINARY = "ordinary", _("Regular customer")
    PROSPECTIVE = "prospective", _("Prospective customer")


class Grade(TextChoices):
    """Grade (等级), best first; the order of the members is the order A > A1 > B > B1 > C."""

    A = "A", _("Grade A")
    A1 = "A1", _("Grade A1")
    B = "B", _("Grade B")
    B1 = "B1", _("Grade B1")
    C = "C", _("Grade C")


class CreditClass(TextChoices):
    """Credit class (信誉): how a customer pays."""

    A = "A", _("A: pays cash or on time")
    B = "B", _("B: pays when chased")
    C = "C", _("C: in arrears, hard to collect")


class CustomerKind(TextChoices):
    """A customer with a file of its own, or the one walk-in sales are booked on."""

    CUSTOMER = "customer", _("Customer")
    WALK_IN = "walk_in", _("Walk-in customer")


class CustomerStatus(TextChoices):
    """In use, not yet complete (CUS-1), or ended (CUS-18)."""

    ACTIVE = "active", _("Active")
    DRAFT = "draft", _("Draft, to be completed")
    ARCHIVED = "archived", _("Archived")


class Direct(TextChoices):
    """Whether the customer buys for itself or sells on."""

    DIRECT = "direct", _("Direct")
    INDIRECT = "indirect", _("Indirect")


class Nature(TextChoices):
    """What kind of buyer it is (CUS-8)."""

    GOVERNMENT = "government", _("Government")
    SPECIAL = "special", _("Special")
    COMPANY = "company", _("Ordinary company")
    INDIVIDUAL = "individual", _("Individual")
    PARTNER = "partner", _("Trading partner")


class Source(TextChoices):
    """Where the customer came from (CUS-11)."""

    INBOUND = "inbound", _("Inbound (web, telephone)")
    RELATIONSHIP = "relationship", _("Relationship")
    OUTBOUND = "outbound", _("Outbound telephone")
    PURCHASED = "purchased", _("Purchased list")
    EVENT = "event", _("Event")
    PARTNER = "partner", _("Partner")


class ContactKind(TextChoices):
    """What a person is to the customer (CUS-6)."""

    CONTACT = "contact", _("Contact")
    OWNER = "owner", _("Owner of the enterprise")
    MANAGER = "manager", _("Manager")
    LEGAL = "legal", _("Legal representative")


class Gender(TextChoices):
    """Gender of a person, where stated."""

    FEMALE = "female", _("Female")
    MALE = "male", _("Male")


class QuestionStatus(TextChoices):
    """State of a data query (数据疑问, CUS-13)."""

    OPEN = "open", _("Open")
    ANSWERED = "answered", _("Answered")
    ACCEPTED = "accepted", _("Accepted as it is")
    VOID = "void", _("Withdrawn")


class QuestionOrigin(TextChoices):
    """What opened a data query."""

    IMPORT = "import", _("An import")
    EDIT = "edit", _("An entry on the pages")
    CHECK = "check", _("The nightly check")


class AnswerSource(TextChoices):
    """Where the supplement of a data query comes from."""

    CUSTOMER = "customer", _("The customer said so")
    VISIT = "visit", _("Seen on a visit")
    DOCUMENT = "document", _("A document")
    REGISTER = "register", _("A public register")
    WEB = "web", _("The web")
    COLLEAGUE = "colleague", _("A colleague")
    OTHER = "other", _("Another source")


class TimeClass(TextChoices):
    """Since when it buys, computed (CUS-8)."""

    EXISTING = "existing", _("Existing customer")
    NEW = "new", pgettext_lazy("computed class", "New customer")
    PROSPECTIVE = "prospective", pgettext_lazy("computed class", "Prospective customer")
    FORMER = "former", _("Former customer")


class TransactionState(TextChoices):
    """How far dealings with it are, computed (CUS-8)."""

    RUNNING = "running", _("In progress")
    STARTING = "starting", _("About to start")
    PAST = "past", _("Past")


class Weight(TextChoices):
    """How much it weighs among our customers, computed (CUS-8)."""

    KEY = "key", _("Key customer")
    GENERAL = "general", _("General customer")
    OCCASIONAL = "occasional", _("Occasional customer")


class Supplier(TextChoices):
    """Who has to supply what a profile lacks (CUS-9)."""

    OWNER = "owner", _("The owner")
    KEEPER = "keeper", _("The customer-information administrator")
    FINANCE = "finance", _("Finance")


class NoteKind(TextChoices):
    """What a note is about (CUS-14)."""

    NEED = "need", _("Need")
    PREFERENCE = "preference", _("Preference")
    TENDENCY = "tendency", _("Purchase tendency")
    WISH = "wish", _("Special wish")
    INTENTION = "intention", _("Intention")
    PROJECT = "project", _("Cooperation project")
    MARKET = "market", _("Market area")
    IDEAS = "ideas", _("Management ideas")
    METHODS = "methods", _("Management methods")
    POLICY = "policy", _("Business policy")
    STAFF = "staff", _("Staff: number, age, quality, attitude")
    SALES = "sales", _("Sales ability")
    POTENTIAL = "potential", _("Development potential")
    LOCAL = "local", _("Local policy for large customers")
    TERMS = "terms", _("Transaction conditions")
    PROBLEM = "problem", _("Existing problem")
    COMPETITOR = "competitor", _("Bought from a competitor")
    CARE = "care", _("Gift or other care")


NOTE_GROUPS: Final = (
    (_("Needs and intentions"), ("need", "preference", "tendency", "wish", "intention", "project")),
    (
        _("Characteristics"),
        ("market", "ideas", "methods", "policy", "staff", "sales", "potential", "local"),
    ),
    (_("Dealings"), ("terms", "problem")),
    (_("Competitors they buy from"), ("competitor",)),
    (_("Customer care"), ("care",)),
)
"""Kinds of note as the page shows them."""

SENSITIVE_NOTES: Final = frozenset({"staff", "care"})
"""Notes about people: covered for those who do not see a customer's sensitive values (ORG-4)."""

OPENING_NOTES: Final = ("intention", "project")
"""Notes that say a transaction is about to start while they are open (CUS-8)."""


STATUS_COLOURS: Final[dict[str, str]] = {
    "active": "green",
    "draft": "yellow",
    "archived": "secondary",
}
"""Colour of a status badge."""

STATUS_MOVES: Final[dict[str, frozenset[str]]] = {
    "active": frozenset({"archived"}),
    "draft": frozenset({"active", "archived"}),
    "archived": frozenset({"active", "draft"}),
}
"""Which status may follow which (CUS-18)."""

GRADE_ORDER: Final[dict[str, int]] = {grade.value: place for place, grade in enumerate(Grade)}
"""Place of each grade, 0 for the best."""

FORM_WORDS: Final = choice_words(
    (
        (
            EnterpriseForm.STATE,
            [
                "国有企业",
                "国有",
                "国企",
                "国营",
                "国营企业",
                "央企",
                "中央企业",
                "国有独资",
                "国有控股",
                "全民所有制",
                "地方国企",
                "state",
                "state-owned",
                "stateowned",
                "soe",
            ],
        ),
        (
            EnterpriseForm.FOREIGN,
            [
                "外资企业",
                "外资",
                "外商独资",
                "外商独资企业",
                "外企",
                "独资外企",
                "外商投资企业",
                "港澳台企业",
                "港澳台独资",
                "foreign",
                "foreign-owned",
                "wfoe",
            ],
        ),
        (
            EnterpriseForm.JOINT,
            [
                "合资企业",
                "合资",
                "中外合资",
                "中外合资企业",
                "中外合作",
                "合作企业",
                "中外合作企业",
                "joint",
                "jointventure",
                "jv",
            ],
        ),
        (
            EnterpriseForm.PRIVATE,
            [
                "私营企业",
                "私营",
                "民营",
                "民营企业",
                "私企",
                "民企",
                "私有企业",
                "个体",
                "个体户",
                "个体工商户",
                "个人独资企业",
                "private",
                "privateenterprise",
            ],
        ),
        (
            EnterpriseForm.OTHER,
            [
                "其他",
                "其它",
                "其他企业",
                "集体",
                "集体企业",
                "集体所有制",
                "股份合作",
                "事业单位",
                "政府机关",
                "政府",
                "社会团体",
                "other",
                "otherform",
            ],
        ),
    )
)
CATEGORY_WORDS: Final = choice_words(
    (
        (
            Category.IMPORTANT,
            [
                "重要客户",
                "重要",
                "战略客户",
                "战略",
                "important",
                "strategic",
                "strategiccustomer",
                "vip",
            ],
        ),
        (
            Category.MAJOR,
            ["主要客户", "主要", "主力客户", "主力", "大客户", "major", "majorcustomer"],
        ),
        (
            Category.ORDINARY,
            [
                "普通客户",
                "普通",
                "一般客户",
                "一般",
                "常规客户",
                "ordinary",
                "regular",
                "regularcustomer",
            ],
        ),
        (
            Category.PROSPECTIVE,
            [
                "潜在客户",
                "潜在",
                "意向客户",
                "准客户",
                "potential",
                "prospective",
                "prospect",
                "prospectivecustomer",
            ],
        ),
    )
)
GRADE_WORDS: Final = choice_words(
    (
        grade,
        (
            grade.value,
            f"{grade.value}级",
            f"{grade.value}类",
            f"{grade.value}级客户",
            f"{grade.value}类客户",
            f"grade{grade.value}",
        ),
    )
    for grade in Grade
)
CREDIT_WORDS: Final = choice_words(
    (
        (CreditClass.A, ["A", "A级", "A类", "信誉A", "优", "优秀", "良好", "好", "classA"]),
        (CreditClass.B, ["B", "B级", "B类", "信誉B", "一般", "中", "classB"]),
        (CreditClass.C, ["C", "C级", "C类", "信誉C", "差", "不良", "classC"]),
        (CreditClass.A, ["A：现款或按期付款", "A: pays cash or on time"]),
        (CreditClass.B, ["B：催款后付款", "B: pays when chased"]),
        (CreditClass.C, ["C：拖欠，难以收回", "C: in arrears, hard to collect"]),
    )
)
DIRECT_WORDS: Final = choice_words(
    (
        (
            Direct.DIRECT,
            "直接 直接客户 直接用户 直销 直供 终端 终端客户 终端用户 最终用户"
            " direct directcustomer enduser endcustomer".split(),
        ),
        (
            Direct.INDIRECT,
            "间接 间接客户 经销 经销商 代理 代理商 分销 分销商 批发商 中间商 渠道 渠道商 渠道客户"
            " indirect indirectcustomer reseller dealer distributor agent wholesaler".split(),
        ),
    )
)
NATURE_WORDS: Final = choice_words(
    (
        (
            Nature.GOVERNMENT,
            "政府 政府机关 政府机构 政府部门 政府客户 机关 机关单位 行政机关"
            " government governmentagency publicsector".split(),
        ),
        (Nature.SPECIAL, "特种 特种客户 特殊 特殊客户 special specialcustomer".split()),
        (
            Nature.COMPANY,
            "普通公司 普通企业 一般公司 一般企业 公司 企业 公司客户 企业客户"
            " company ordinarycompany business enterprise corporate".split(),
        ),
        (
            Nature.INDIVIDUAL,
            "个人 个人客户 自然人 个体 individual person privateperson".split(),
        ),
        (
            Nature.PARTNER,
            "贸易伙伴 贸易 贸易商 贸易公司 贸易客户 同行 partner tradingpartner trader trade".split(),
        ),
    )
)
SOURCE_WORDS: Final = choice_words(
    (
        (
            Source.INBOUND,
            "主动来访（网站、电话） 主动来访 主动咨询 主动联系 上门 上门咨询 来电 来电咨询 电话咨询 网站 官网"
            " 公司网站 网络 网上 互联网 inbound inboundwebtelephone web website internet incomingcall".split(),
        ),
        (
            Source.RELATIONSHIP,
            "关系介绍 关系 介绍 转介绍 熟人介绍 朋友介绍 客户介绍 老客户介绍 老客户 推荐 客户推荐"
            " relationship referral wordofmouth existingcustomer".split(),
        ),
        (
            Source.OUTBOUND,
            "电话开发 电话营销 电话销售 陌生电话 外呼 电销"
            " outbound outboundtelephone coldcall coldcalling telemarketing".split(),
        ),
        (
            Source.PURCHASED,
            "购买名单 购买资料 外购名单 名单 名录 企业名录 purchased purchasedlist list".split(),
        ),
        (
            Source.EVENT,
            "市场活动 活动 展会 展览 博览会 会议 交流会 公开课"
            " event exhibition tradeshow fair conference seminar campaign".split(),
        ),
        (
            Source.PARTNER,
            "合作伙伴 伙伴 合作方 伙伴推荐 渠道 渠道推荐 代理商 经销商 partner channelpartner".split(),
        ),
    )
)

"""Values of the customer file (CUS-4, CUS-6, CUS-8), and the words people use for them.

Stored values are stable; labels are English message ids. The `*_WORDS` mappings serve
`core.values.parse_choice`.
"""

from __future__ import annotations

from typing import Final

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

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
    VOID = "void", _("Withdrawn")


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
    )
)

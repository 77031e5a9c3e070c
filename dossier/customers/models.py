"""The customer file: profile, contacts, bank accounts, aliases, open questions (CUS-1 … CUS-7)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, ClassVar, Final

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce, Collate, Left, Lower, Upper
from django.utils.translation import gettext_lazy as _

from dossier.core.access import ScopedManager
from dossier.core.fields import Mask, masked
from dossier.core.models import Industry, Record, Region
from dossier.core.search import PENDING_KB
from dossier.customers.duplicate_models import (
    DuplicateAsking,
    DuplicateKeys,
    DuplicateNotice,
    DuplicatePair,
)
from dossier.customers.quality_models import (
    CompletenessRule,
    Note,
    OwnerSum,
    ProfileRules,
    Standing,
    StandingMark,
)
from dossier.customers.states import (
    AnswerSource,
    Category,
    ContactKind,
    CreditClass,
    CustomerKind,
    CustomerStatus,
    Direct,
    EnterpriseForm,
    Gender,
    Grade,
    Nature,
    QuestionOrigin,
    QuestionStatus,
    Source,
)
from dossier.people.models import Employee

__all__ = [
    "BankAccount",
    "CompletenessRule",
    "Contact",
    "Customer",
    "CustomerAlias",
    "CustomerCategory",
    "DuplicateAsking",
    "DuplicateKeys",
    "DuplicateNotice",
    "DuplicatePair",
    "Note",
    "OwnerSum",
    "ProfileRules",
    "Question",
    "Standing",
    "StandingMark",
]

FULL_SOUND_KEPT, INITIALS_KEPT = 12, 8
_SECOND_WORD = Func(F("pinyin"), Value(" "), Value(2), function="split_part")
FULL_SOUND = Collate(Left("pinyin", FULL_SOUND_KEPT), "C")
INITIALS = Collate(Left(_SECOND_WORD, INITIALS_KEPT, output_field=models.TextField()), "C")
"""The beginnings of a name's sound, full and by initials, as the column pinyin holds them (indexed)."""


SORTED_WITH_UNKNOWN: Final = {
    "registered_capital": Decimal(-1),
    "founded_on": date(1, 1, 1),
    "employee_count": -1,
    "credit_limit": Decimal(-1),
    "filed_on": date(1, 1, 1),
    "first_contact_on": date(1, 1, 1),
    "first_deal_on": date(1, 1, 1),
}
"""Columns that lists are sorted by and that may be unknown, and what unknown counts as in that order."""


class CustomerCategory(Record):
    """A node of the company's own tree of customer categories (所属分类), by code.

    One no longer in use (``is_active``) is not offered any more; customers that have it keep it.
    """

    code = models.CharField(_("category code"), max_length=20, unique=True)
    name = models.CharField(_("name"), max_length=60)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children"
    )
    is_active = models.BooleanField(_("in use"), default=True, db_default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(Upper("code"), name="category_code_once"),
            models.UniqueConstraint(
                "parent", Lower("name"), name="category_name_once", nulls_distinct=False
            ),
            models.CheckConstraint(
                condition=~Q(name="") & Q(code__regex=r"^\S{1,20}$"), name="category_code_and_name"
            ),
            models.CheckConstraint(
                condition=Q(parent__isnull=True) | ~Q(parent=F("pk")),
                name="category_not_own_parent",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class Customer(Record):
    """A customer's profile (CUS-4).

    ``not_applicable`` names the optional fields answered 'none' (CUS-7). ``main_contact`` and
    ``main_phone`` repeat the primary contact's name and the first telephone of any kind, so that the
    database itself can demand them (CUS-1) and a list needs no join; services keep them.
    """

    history_skip = (
        *Record.history_skip,
        "name_key",
        "pinyin",
        "search_text",
        "search_terms",
        "guarded_numbers",
        "sort_key",
        "main_contact",
        "main_phone",
    )

    kind = models.CharField(
        _("kind"), max_length=10, choices=CustomerKind, default=CustomerKind.CUSTOMER
    )
    status = models.CharField(
        _("status"), max_length=10, choices=CustomerStatus, default=CustomerStatus.ACTIVE
    )
    code = models.CharField(_("customer code"), max_length=20, unique=True)
    name = models.CharField(_("customer name"), max_length=98)
    short_name = models.CharField(_("short name"), max_length=60, blank=True)
    invoice_name = models.CharField(_("name on invoices"), max_length=98, blank=True)

    # classification as stated by people (CUS-8)
    category_node = models.ForeignKey(
        CustomerCategory, models.PROTECT, null=True, blank=True, verbose_name=_("customer category")
    )
    category = models.CharField(_("category"), max_length=12, choices=Category, blank=True)
    grade = models.CharField(_("grade"), max_length=2, choices=Grade, blank=True)
    credit_class_stated = models.CharField(
        _("credit class (stated)"), max_length=1, choices=CreditClass, blank=True
    )
    direct = models.CharField(_("direct or indirect"), max_length=10, choices=Direct, blank=True)
    nature = models.CharField(_("nature"), max_length=12, choices=Nature, blank=True)
    region = models.ForeignKey(
        Region,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("region"),
        db_index=False,  # customer_region below; the others would only cost time on each write
    )
    industry = models.ForeignKey(
        Industry,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("industry"),
    )
    industry_given = models.CharField(_("industry as given"), max_length=100, blank=True)
    head_office = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="branches",
        verbose_name=_("head office"),
    )

    # the enterprise
    tax_number = models.CharField(_("tax number"), max_length=40, blank=True)
    legal_representative = models.CharField(_("legal representative"), max_length=60, blank=True)
    enterprise_form = models.CharField(
        _("form of enterprise"), max_length=14, choices=EnterpriseForm, blank=True
    )
    organisation_form = models.CharField(_("organisation form"), max_length=60, blank=True)
    registered_capital = models.DecimalField(
        _("registered capital"), max_digits=20, decimal_places=2, null=True, blank=True
    )
    assets = models.DecimalField(
        _("assets"), max_digits=20, decimal_places=2, null=True, blank=True
    )
    founded_on = models.DateField(_("founding date"), null=True, blank=True)
    employee_count = models.PositiveIntegerField(_("employee count"), null=True, blank=True)
    scale = models.CharField(_("scale"), max_length=60, blank=True)
    business_line = models.CharField(_("business line"), max_length=200, blank=True)
    business_scope = models.TextField(_("business scope"), blank=True)

    # where and how to reach it
    address = models.CharField(_("address"), max_length=300, blank=True)
    registered_address = models.CharField(_("registered address"), max_length=300, blank=True)
    delivery_address = models.CharField(_("delivery address"), max_length=300, blank=True)
    invoice_address = models.CharField(_("invoice address"), max_length=300, blank=True)
    postal_code = models.CharField(_("postal code"), max_length=20, blank=True)
    phone = models.CharField(_("telephone"), max_length=100, blank=True)
    fax = models.CharField(_("fax"), max_length=100, blank=True)
    email = models.CharField(_("e-mail"), max_length=200, blank=True)
    website = models.CharField(_("web site"), max_length=200, blank=True)

    # terms
    credit_limit = models.DecimalField(
        _("credit limit"), max_digits=20, decimal_places=2, null=True, blank=True
    )
    payment_term_days = models.PositiveIntegerField(_("payment term (days)"), null=True, blank=True)

    # ours
    owner = models.ForeignKey(
        Employee,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="customers",
        verbose_name=_("owner"),
        db_index=False,  # customer_owner_sort begins with it
    )
    source = models.CharField(_("source"), max_length=14, choices=Source, blank=True)
    filed_on = models.DateField(_("filed on"), null=True, blank=True)
    first_contact_on = models.DateField(_("first contact"), null=True, blank=True)
    first_deal_on = models.DateField(_("first deal"), null=True, blank=True)
    remark = models.TextField(_("remark"), blank=True)
    not_applicable = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    archived_at = models.DateTimeField(null=True, blank=True)
    archive_reason = models.CharField(max_length=200, blank=True)
    ended_on = models.DateField(_("relationship ended on"), null=True, blank=True)
    ended_by = models.CharField(_("ended by"), max_length=100, blank=True, default="")

    # derived
    main_contact = models.CharField(max_length=60, blank=True, editable=False)
    main_phone = models.CharField(max_length=100, blank=True, editable=False)
    name_key = models.CharField(
        max_length=200, blank=True, editable=False
    )  # normalised for comparison
    sort_key = models.CharField(max_length=200, blank=True, editable=False)  # pinyin order
    pinyin = models.CharField(max_length=400, blank=True, editable=False)  # full and initials
    search_text = models.TextField(blank=True, editable=False)
    search_terms = ArrayField(
        models.IntegerField(), default=list, blank=True, editable=False
    )  # see core.search
    guarded_numbers = ArrayField(
        models.TextField(), default=list, blank=True, editable=False
    )  # contacts' telephones, for those who may see them (ORG-4)

    objects: ClassVar[ScopedManager[Any]] = ScopedManager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(code__regex=r"^[A-Za-z0-9]{1,20}$"), name="customer_code_shape"
            ),
            models.CheckConstraint(condition=~Q(name=""), name="customer_name_given"),
            models.CheckConstraint(
                condition=~Q(kind=CustomerKind.CUSTOMER)
                | Q(status=CustomerStatus.DRAFT)
                | (~Q(main_contact="") & ~Q(main_phone="")),
                name="customer_has_contact_and_phone",
                violation_error_message=_(
                    "A customer needs at least one contact and one telephone number."
                ),
            ),
            models.CheckConstraint(
                condition=Q(head_office__isnull=True) | ~Q(head_office=F("pk")),
                name="customer_not_own_head_office",
            ),
            models.CheckConstraint(
                condition=Q(credit_limit__isnull=True) | Q(credit_limit__gte=0),
                name="customer_credit_limit_positive",
            ),
            # NaN is larger than every number to PostgreSQL, so an upper bound keeps it out.
            models.CheckConstraint(
                condition=(Q(credit_limit__isnull=True) | Q(credit_limit__lt=10**18))
                & (Q(registered_capital__isnull=True) | Q(registered_capital__lt=10**18))
                & (Q(assets__isnull=True) | Q(assets__lt=10**18)),
                name="customer_numbers",
            ),
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True, ended_by="") | Q(status=CustomerStatus.ARCHIVED),
                name="customer_ended_is_archived",
            ),
        ]
        indexes = [
            models.Index(fields=["sort_key", "id"], name="customer_sort"),
            models.Index(fields=["owner", "sort_key", "id"], name="customer_owner_sort"),
            models.Index(fields=["-updated_at", "-id"], name="customer_updated"),
            # the columns lists are sorted by, not known first, as `core.screens.lists` asks for them
            *(
                models.Index(
                    Coalesce(column, Value(unknown)), "id", name=f"customer_by_{column}"[:30]
                )
                for column, unknown in SORTED_WITH_UNKNOWN.items()
            ),
            models.Index(fields=["name_key"], name="customer_name_key"),
            models.Index(fields=["tax_number"], name="customer_tax", condition=~Q(tax_number="")),
            models.Index(fields=["region"], name="customer_region"),
            # groups of the list; a group of few customers is read along these, a large one in the list's order
            models.Index(fields=["grade"], name="customer_grade"),
            models.Index(fields=["category"], name="customer_category"),
            models.Index(
                fields=["status"], name="customer_not_active", condition=~Q(status="active")
            ),
            GinIndex(
                fields=["search_terms"], name="customer_terms", gin_pending_list_limit=PENDING_KB
            ),
            models.Index(FULL_SOUND, "id", name="customer_sound"),
            models.Index(INITIALS, "id", name="customer_initials"),
            GinIndex(fields=["guarded_numbers"], name="customer_guarded", fastupdate=False),
        ]

    def __str__(self) -> str:
        return self.short_name or self.name


class CustomerAlias(Record):
    """Another code that still finds a customer (an old code, a merged duplicate's)."""

    code = models.CharField(max_length=20, unique=True)
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="aliases")


class Contact(Record):
    """A person at a customer; personal traits are sensitive and optional (CUS-6)."""

    customer = models.ForeignKey(
        Customer,
        models.CASCADE,
        related_name="contacts",
        db_index=False,  # contact_customer begins with it
    )
    kind = models.CharField(
        _("kind"), max_length=12, choices=ContactKind, default=ContactKind.CONTACT
    )
    name = models.CharField(_("name"), max_length=60)
    is_main = models.BooleanField(_("primary contact"), default=False, db_default=False)
    is_active = models.BooleanField(_("still there"), default=True, db_default=True)
    post = models.CharField(_("post"), max_length=60, blank=True)
    phone = models.CharField(_("telephone"), max_length=100, blank=True)
    mobile = models.CharField(_("mobile"), max_length=100, blank=True)
    email = models.CharField(_("e-mail"), max_length=200, blank=True)
    decision_role = models.CharField(_("decision role"), max_length=60, blank=True)
    gender = models.CharField(_("gender"), max_length=6, choices=Gender, blank=True)
    birthday = models.DateField(_("birthday"), null=True, blank=True)
    education = models.CharField(_("education"), max_length=100, blank=True)
    work_background = models.TextField(_("work background"), blank=True)
    personality = models.CharField(_("personality"), max_length=200, blank=True)
    interests = models.CharField(_("interests"), max_length=200, blank=True)
    family = models.CharField(_("family"), max_length=200, blank=True)
    ability = models.CharField(_("ability"), max_length=200, blank=True)
    remark = models.TextField(_("remark"), blank=True)
    not_applicable = ArrayField(models.CharField(max_length=40), default=list, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="contact_name_given"),
            models.UniqueConstraint(
                fields=["customer"], condition=Q(is_main=True), name="contact_one_main_per_customer"
            ),
        ]
        indexes = [models.Index(fields=["customer", "id"], name="contact_customer")]

    def __str__(self) -> str:
        return self.name


class BankAccount(Record):
    """A customer's bank account; the number is sensitive, one is the usual one."""

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="bank_accounts")
    bank = models.CharField(_("bank of deposit"), max_length=100, blank=True)
    number = models.CharField(_("account number"), max_length=60, blank=True)
    is_usual = models.BooleanField(_("usual account"), default=False, db_default=False)
    is_active = models.BooleanField(_("in use"), default=True, db_default=True)
    remark = models.CharField(_("remark"), max_length=200, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(bank="", number=""), name="bank_account_not_empty"),
            models.UniqueConstraint(
                fields=["customer"], condition=Q(is_usual=True), name="bank_account_one_usual"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.bank} {masked(self.number, Mask.TAIL)}".strip()


class Question(Record):
    """A data query: what was given on a profile, why it is doubtful, who answers it by when (CUS-13).

    What a column cannot hold (30 February, an owner who left) is kept here as typed. Asked of
    ``asked_of`` where somebody was named, else of the customer's owner, else of the administrator.
    The same is never asked twice at a time.
    """

    customer = models.ForeignKey(
        Customer,
        models.CASCADE,
        related_name="questions",
        db_index=False,  # question_customer
    )
    field = models.CharField(max_length=40)
    given = models.CharField(max_length=300, blank=True)
    code = models.CharField(max_length=40)
    params = models.JSONField(default=dict)
    status = models.CharField(max_length=10, choices=QuestionStatus, default=QuestionStatus.OPEN)
    import_run_id = models.BigIntegerField(null=True, blank=True)
    answer = models.CharField(max_length=300, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    origin = models.CharField(
        max_length=10, choices=QuestionOrigin, default=QuestionOrigin.EDIT, db_default="import"
    )
    asked_of = models.ForeignKey(
        Employee, models.PROTECT, null=True, blank=True, related_name="questions"
    )
    due_on = models.DateField(db_default=RawSQL("(CURRENT_DATE + 14)", []))
    answer_source = models.CharField(
        max_length=10, choices=AnswerSource, blank=True, default="", db_default=""
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "field", "code", "given"],
                condition=Q(status=QuestionStatus.OPEN),
                name="question_asked_once_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(status=QuestionStatus.OPEN, closed_at__isnull=True)
                | (~Q(status=QuestionStatus.OPEN) & Q(closed_at__isnull=False)),
                name="question_closed_at",
            ),
        ]
        indexes = [
            models.Index(fields=["customer"], name="question_customer"),
            models.Index(fields=["status", "id"], name="question_status"),
            models.Index(
                fields=["asked_of"],
                name="question_asked_of",
                condition=Q(status=QuestionStatus.OPEN, asked_of__isnull=False),
            ),
            models.Index(
                fields=["due_on", "id"],
                name="question_due",
                condition=Q(status=QuestionStatus.OPEN),
            ),
        ]

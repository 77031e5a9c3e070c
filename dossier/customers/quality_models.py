"""What is known about a customer beside the profile, and what follows from it (CUS-8, CUS-13, CUS-14).

`Note` is entered by people. `Standing` is computed from the recorded facts, one row per customer, opened
by a trigger with the customer and taken away with it; the history does not record it, for it follows from
what the history records. `StandingMark` is what triggers leave where a fact has changed.
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from dossier.core.models import Record
from dossier.customers.states import (
    OPENING_NOTES,
    CreditClass,
    Grade,
    NoteKind,
    Supplier,
    TimeClass,
    TransactionState,
    Weight,
)

_MOST = 10**14  # NaN is larger than every number to PostgreSQL, so an upper bound keeps it out


class Note(Record):
    """A dated note on a customer: a need, a characteristic, a competitor's order, a gift (CUS-14).

    ``party`` is the other side of it: the competitor, the partner of a project, who was given something.
    ``ended_on`` says since when it no longer holds or is done.
    """

    customer = models.ForeignKey("customers.Customer", models.CASCADE, related_name="notes")
    kind = models.CharField(_("kind"), max_length=16, choices=NoteKind)
    text = models.TextField(_("what is known"))
    noted_on = models.DateField(_("date"))
    noted_by = models.ForeignKey(
        "people.Employee",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("noted by"),
    )
    party = models.CharField(_("competitor, partner or recipient"), max_length=100, blank=True)
    product = models.CharField(_("product"), max_length=100, blank=True)
    quantity = models.DecimalField(
        _("quantity"), max_digits=18, decimal_places=4, null=True, blank=True
    )
    price = models.DecimalField(
        _("their unit price"), max_digits=18, decimal_places=4, null=True, blank=True
    )
    our_price = models.DecimalField(
        _("our unit price"), max_digits=18, decimal_places=4, null=True, blank=True
    )
    amount = models.DecimalField(
        _("amount or value"), max_digits=20, decimal_places=2, null=True, blank=True
    )
    ended_on = models.DateField(_("done, or no longer so, since"), null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="note_text_given"),
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True) | Q(ended_on__gte=F("noted_on")),
                name="note_ends_after_it_began",
            ),
            models.CheckConstraint(
                condition=(Q(quantity__isnull=True) | Q(quantity__gte=0, quantity__lt=_MOST))
                & (Q(price__isnull=True) | Q(price__gte=0, price__lt=_MOST))
                & (Q(our_price__isnull=True) | Q(our_price__gte=0, our_price__lt=_MOST))
                & (Q(amount__isnull=True) | Q(amount__gte=0, amount__lt=_MOST)),
                name="note_numbers",
            ),
        ]
        indexes = [
            models.Index(fields=["customer", "-noted_on", "-id"], name="note_customer_day"),
            models.Index(
                fields=["customer", "noted_on"],
                name="note_opening",
                condition=Q(ended_on__isnull=True, kind__in=OPENING_NOTES),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.text[:60]}"


class Standing(models.Model):
    """A customer's computed classes and completeness, with the facts they were computed from.

    ``as_of`` is the day they hold for; ``computed_at`` is empty while nothing was computed yet.
    ``missing`` names the unanswered items, the weightiest first.
    """

    customer = models.OneToOneField(
        "customers.Customer",
        models.DO_NOTHING,
        primary_key=True,
        db_constraint=False,  # the migration lays one that takes the row away with the customer
        related_name="standing",
    )
    time_class = models.CharField(max_length=12, choices=TimeClass, db_default="")
    transaction_state = models.CharField(max_length=12, choices=TransactionState, db_default="")
    weight = models.CharField(max_length=12, choices=Weight, db_default="")
    credit_class = models.CharField(max_length=1, choices=CreditClass, db_default="")
    completeness = models.SmallIntegerField(db_default=0)
    missing = ArrayField(models.CharField(max_length=40), db_default=[])
    orders = models.IntegerField(db_default=0)
    first_on = models.DateField(null=True)
    last_on = models.DateField(null=True)
    recent_orders = models.IntegerField(db_default=0)
    recent_amount = models.DecimalField(max_digits=20, decimal_places=2, db_default=0)
    openings = models.IntegerField(db_default=0)
    opened_on = models.DateField(null=True)
    receipts = models.IntegerField(db_default=0)
    late_receipts = models.IntegerField(db_default=0)
    overdue_days = models.IntegerField(db_default=0)
    as_of = models.DateField(null=True)
    computed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(completeness__gte=0, completeness__lte=100),
                name="standing_completeness",
            ),
            # NaN is larger than every number to PostgreSQL, so an upper bound keeps it out.
            models.CheckConstraint(
                condition=Q(recent_amount__lt=10**18),
                name="standing_amount",
            ),
        ]
        indexes = [
            models.Index(fields=["completeness", "customer"], name="standing_complete"),
            models.Index(fields=["time_class", "customer"], name="standing_time"),
            models.Index(fields=["transaction_state", "customer"], name="standing_transaction"),
            models.Index(fields=["weight", "customer"], name="standing_weight"),
            models.Index(fields=["credit_class", "customer"], name="standing_credit"),
            models.Index(
                fields=["customer"], name="standing_waiting", condition=Q(computed_at__isnull=True)
            ),
        ]


class StandingMark(models.Model):
    """A customer whose facts have changed; only ever inserted by triggers and taken by the job."""

    customer_id = models.BigIntegerField()


class OwnerSum(models.Model):
    """Completeness of one owner's files in use, summed by the job (no owner: those without one)."""

    owner = models.OneToOneField(
        "people.Employee",
        models.DO_NOTHING,
        null=True,
        db_constraint=False,
        related_name="+",
    )
    customers = models.IntegerField()
    total = models.BigIntegerField()
    below = models.IntegerField()
    overdue = models.IntegerField()
    at = models.DateTimeField()


class ProfileRules(Record):
    """The company's thresholds of the computed classes and of data queries; one row (CUS-8, CUS-13)."""

    new_days = models.PositiveIntegerField(_("new for so many days"), default=180)
    former_days = models.PositiveIntegerField(_("former after so many days"), default=365)
    active_days = models.PositiveIntegerField(_("in progress for so many days"), default=90)
    opening_days = models.PositiveIntegerField(
        _("an intention holds for so many days"), default=180
    )
    weight_days = models.PositiveIntegerField(_("days that weigh"), default=365)
    key_amount = models.DecimalField(
        _("a key customer buys for at least"), max_digits=16, decimal_places=2, default=100_000
    )
    general_orders = models.PositiveIntegerField(_("a general customer orders at least"), default=3)
    late_share = models.PositiveIntegerField(_("late receipts of class A at most"), default=20)
    arrears_days = models.PositiveIntegerField(_("days in arrears of class C"), default=90)
    answer_days = models.PositiveIntegerField(_("days to answer a question"), default=14)
    stale_days = models.PositiveIntegerField(_("a profile is stale after"), default=365)
    shared_phones = models.PositiveIntegerField(_("customers on one telephone"), default=3)
    low_score = models.PositiveIntegerField(_("completeness is low below"), default=60)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(pk=1), name="profile_rules_one_row"),
            models.CheckConstraint(
                condition=Q(
                    new_days__range=(1, 3650),
                    former_days__range=(1, 3650),
                    active_days__range=(1, 3650),
                    opening_days__range=(1, 3650),
                    weight_days__range=(1, 3650),
                    general_orders__range=(1, 1000),
                    late_share__lte=100,
                    arrears_days__range=(1, 3650),
                    answer_days__range=(1, 365),
                    stale_days__range=(1, 3650),
                    shared_phones__range=(2, 1000),
                    low_score__lte=100,
                    key_amount__gte=0,
                    key_amount__lt=_MOST,
                ),
                name="profile_rules_in_range",
            ),
            models.CheckConstraint(
                condition=Q(active_days__lte=F("former_days")), name="profile_rules_in_order"
            ),
        ]


class CompletenessRule(Record):
    """How much an item counts, from which grade upward, and who has to supply it (CUS-9, CUS-13)."""

    item = models.CharField(max_length=40, unique=True)
    weight = models.PositiveSmallIntegerField()
    lowest_grade = models.CharField(max_length=2, choices=Grade, blank=True)
    supplier = models.CharField(max_length=12, choices=Supplier)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(weight__lte=10), name="completeness_weight"),
        ]

"""What is irregular on customers' profiles, found by the job: checks that open data queries (CUS-13)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from dossier.core.fields import Mask
from dossier.core.values import PROBLEM_MESSAGES, ValueProblem, parse_phones
from dossier.customers.registries import Check, register_check
from dossier.customers.rules import TAX_PROBLEMS, uscc_check

_MINE = "(%(ids)s::bigint[] IS NULL OR c.id = ANY(%(ids)s)) AND c.status <> 'archived'"


def _of(columns: str, tables: str, where: str) -> str:
    """The query of a check over customers in use (``c``)."""
    return f"SELECT c.id, {columns} FROM customers_customer c {tables} WHERE {_MINE} AND ({where})"  # noqa: S608 - own words


def _phone_fault(given: str) -> str | None:
    try:
        numbers = parse_phones(given)
    except ValueProblem as problem:
        return problem.code
    return next((number.doubtful for number in numbers if number.doubtful), None)


def _tax_fault(given: str) -> str | None:
    return uscc_check(given)


register_check(
    Check(
        code="check_digit",
        label=_("Check digit of a tax number"),
        message=TAX_PROBLEMS["check_digit"],
        sql=_of("'tax_number', c.tax_number, '{}'::jsonb", "", "c.tax_number <> ''"),
        judge=_tax_fault,
    )
)
register_check(
    Check(
        code="bad_phone",
        label=_("Telephone"),
        message=PROBLEM_MESSAGES["bad_phone"],
        sql=_of("'phone', c.phone, '{}'::jsonb", "", "c.phone <> ''"),
        judge=_phone_fault,
    )
)
register_check(
    Check(
        code="bad_mobile",
        label=_("Mobile"),
        message=PROBLEM_MESSAGES["bad_mobile"],
        sql=_of(
            "'mobile', k.mobile, '{}'::jsonb",
            "JOIN customers_contact k ON k.customer_id = c.id",
            "k.is_active AND k.mobile <> ''",
        ),
        judge=_phone_fault,
        mask=Mask.PHONE,
    )
)
register_check(
    Check(
        code="future_date",
        label=_("Date in the future"),
        message=_("“%(value)s” lies in the future. Enter the right day."),
        sql=_of(
            "d.field, d.day::text, '{}'::jsonb",
            "CROSS JOIN LATERAL (VALUES ('founded_on', c.founded_on), ('filed_on', c.filed_on),"
            " ('first_contact_on', c.first_contact_on), ('first_deal_on', c.first_deal_on)) AS d (field, day)",
            "d.day > %(today)s::date",
        ),
    )
)
register_check(
    Check(
        code="date_order",
        label=_("Dates in the wrong order"),
        message=_(
            "The first deal, %(value)s, lies before the company was founded. Compare both days."
        ),
        sql=_of(
            "'first_deal_on', c.first_deal_on::text, '{}'::jsonb",
            "",
            "c.first_deal_on < c.founded_on",
        ),
    )
)
register_check(
    Check(
        code="owner_left",
        label=_("Owner has left"),
        message=_("“%(value)s” has left. Give the customer to somebody in post."),
        sql=_of(
            "'owner', e.name, '{}'::jsonb",
            "JOIN people_employee e ON e.id = c.owner_id",
            "e.status <> 'in_post'",
        ),
    )
)
register_check(
    Check(
        code="orphan_region",
        label=_("Region of no territory"),
        message=_(
            "“%(value)s” belongs to no sales territory. Correct the region, or have a territory extended."
        ),
        sql=_of(
            "'region', r.full_name, '{}'::jsonb",
            "JOIN core_region r ON r.code = c.region_id",
            """
            c.region_id IN (
                SELECT u.region_id FROM (SELECT DISTINCT region_id FROM customers_customer) u
                WHERE NOT EXISTS (
                    SELECT 1 FROM people_territory_regions t
                    WHERE u.region_id LIKE CASE WHEN t.region_id LIKE '%%0000' THEN left(t.region_id, 2)
                          WHEN t.region_id LIKE '%%00' THEN left(t.region_id, 4) ELSE t.region_id END || '%%'))
            AND EXISTS (SELECT 1 FROM people_territory_regions)
            """,
        ),
    )
)
register_check(
    Check(
        code="shared_phone",
        label=_("Telephone of many customers"),
        # Who reads this need not see the other files, so they are not named here.
        message=_(
            "“%(value)s” stands on %(customers)s files. Ask each company for its own number."
        ),
        sql=_of(
            "'phone', c.phone, jsonb_build_object('customers', p.customers)",
            "JOIN (SELECT phone, count(*) AS customers FROM customers_customer"
            " WHERE phone <> '' AND status <> 'archived' AND kind = 'customer' GROUP BY phone) p ON p.phone = c.phone",
            "p.customers >= %(shared_phones)s",
        ),
    )
)
register_check(
    Check(
        code="stale_profile",
        label=_("Stale profile"),
        message=_(
            "Nothing on this file was changed for %(days)s days. Go through it and say what is still right."
        ),
        sql=_of(
            "'profile', '', jsonb_build_object('days', %(today)s::date - c.updated_at::date)",
            "",
            "c.updated_at < %(today)s::date - %(stale_days)s::integer AND NOT EXISTS ("
            "SELECT 1 FROM customers_question a WHERE a.customer_id = c.id AND a.code = 'stale_profile'"
            " AND a.closed_at > %(today)s::date - %(stale_days)s::integer)",
        ),
        again=True,
    )
)

"""Keeping keys and pairs of possible duplicates, deciding on pairs, searching the archive (CUS-3)."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from dossier.core.access import Actor
from dossier.core.errors import NotFound, Refusal
from dossier.core.imports.stages import copy_lines, fetch
from dossier.core.reasons import reason_text
from dossier.core.services import command
from dossier.customers.duplicate_models import DuplicateKeys, DuplicatePair, FoundBy, PairStatus
from dossier.customers.models import Customer
from dossier.customers.rules import DuplicateRow
from dossier.customers.rules.companies_alike import Company, compare
from dossier.customers.rules.duplicate_keys import keys_of
from dossier.customers.rules.duplicates import duplicate_groups
from dossier.customers.selectors.duplicates import candidates, pairs_seen, rows_of

_CHUNK = 5_000
_MOST_PER_KEY = 200

_STORE = """
INSERT INTO customers_duplicatepair AS kept
    (first_id, second_id, score, reasons, found_by, import_run_id, status, decision, decided_by)
SELECT least(one, other), greatest(one, other), score, string_to_array(reasons, ','), %(by)s, %(run)s, 'open', '', ''
FROM unnest(%(one)s::bigint[], %(other)s::bigint[], %(score)s::numeric[], %(reasons)s::text[])
     AS given (one, other, score, reasons)
ON CONFLICT (first_id, second_id) DO UPDATE
SET score = excluded.score, reasons = excluded.reasons, status = 'open', version = kept.version + 1, updated_at = now()
WHERE kept.status = 'gone'
   OR kept.status = 'open' AND (kept.score, kept.reasons) IS DISTINCT FROM (excluded.score, excluded.reasons)
RETURNING kept.version = 1
"""

_KEEP_ONE = """
INSERT INTO customers_duplicatekeys (customer_id, keys, searched) VALUES (%s, %s::integer[], true)
ON CONFLICT (customer_id) DO UPDATE SET keys = excluded.keys, searched = true
"""

Found = tuple[int, int, float, tuple[str, ...]]
"""Two customers, score, reasons."""


def keep_keys(rows: Iterable[DuplicateRow], *, searched: bool) -> None:
    """Keep the keys of customers (``ref`` is their key), over those kept before."""
    companies = {int(row.ref): Company(row) for row in rows}
    if companies:
        fetch(
            "DELETE FROM customers_duplicatekeys WHERE customer_id = ANY(%s) RETURNING customer_id",
            [list(companies)],
        )
        add_keys(companies.items(), searched=searched)


def add_keys(companies: Iterable[tuple[int, Company]], *, searched: bool) -> None:
    """Keep the keys of customers that have none yet."""
    end = "t" if searched else "f"
    copy_lines(
        "customers_duplicatekeys",
        ("customer_id", "keys", "searched"),
        (f"{pk}\t{{{','.join(map(str, keys_of(company)))}}}\t{end}" for pk, company in companies),
    )


def store_pairs(found: Sequence[Found], by: FoundBy, run: int | None = None) -> int:
    """Keep pairs; what somebody decided stays decided. How many are new."""
    if not found:
        return 0
    kept = fetch(
        _STORE,
        {
            "by": by.value,
            "run": run,
            "one": [one for one, _other, _score, _reasons in found],
            "other": [other for _one, other, _score, _reasons in found],
            "score": [round(score, 3) for _one, _other, score, _reasons in found],
            "reasons": [",".join(reasons) for _one, _other, _score, reasons in found],
        },
    )
    return sum(new for (new,) in kept)


def keep_alike(customer: Customer) -> None:
    """After a customer was written: its keys, and the pairs with others it is now like.

    Runs inside the command that writes. Where the keys stay as they were nothing is looked for; an
    open pair that is no longer alike is closed by itself.
    """
    row = next(iter(rows_of([customer.pk])), None)
    if row is None:
        return  # the walk-in customer
    own = Company(row)
    keys = keys_of(own)
    kept = DuplicateKeys.objects.filter(customer=customer).first()
    if kept is not None and set(kept.keys) == set(keys):
        return
    with connection.cursor() as cursor:
        cursor.execute(_KEEP_ONE, [customer.pk, keys])
    found: list[Found] = []
    for row in rows_of(pk for pk in candidates(keys) if pk != customer.pk):
        likely = compare(own, Company(row))
        if likely is not None and likely.enough:
            found.append((customer.pk, int(row.ref), likely.score, likely.reasons))
    store_pairs(found, FoundBy.SAVE)
    alike = {other for _own, other, _score, _reasons in found}
    open_ones = DuplicatePair.objects.select_for_update().filter(
        Q(first=customer) | Q(second=customer), status=PairStatus.OPEN
    )
    for pair in open_ones.order_by("pk"):
        if (pair.second_id if pair.first_id == customer.pk else pair.first_id) not in alike:
            pair.status = PairStatus.GONE
            pair.version += 1
            pair.save(update_fields=["status", "version", "updated_at"])


def duplicate_pair_settle(*, actor: Actor, pair_id: int, reason: str) -> DuplicatePair:
    """Say that two customers are not one, and why (CUS-3). Sent twice it is done once.

    The pair must be one of which the actor sees both customers, else NotFound.
    """
    why = reason_text(reason)
    actor.require("customers.customer", "duplicates")
    with command(actor, why=why):
        pair = _locked(actor, pair_id)
        if pair.status == PairStatus.DISTINCT:
            return pair
        if pair.status != PairStatus.OPEN:
            raise Refusal(
                "closed", _("This pair was settled meanwhile. Nothing of yours is saved.")
            )
        pair.status, pair.decision = PairStatus.DISTINCT, why
        pair.decided_by, pair.decided_at = actor.login, timezone.now()
        _save(pair)
        return pair


def duplicate_pair_reopen(*, actor: Actor, pair_id: int, reason: str) -> DuplicatePair:
    """Take back that two customers are not one."""
    why = reason_text(reason)
    actor.require("customers.customer", "duplicates")
    with command(actor, why=why):
        pair = _locked(actor, pair_id)
        if pair.status == PairStatus.DISTINCT:
            pair.status, pair.decision, pair.decided_by = PairStatus.OPEN, "", ""
            pair.decided_at = None
            _save(pair)
        return pair


def _locked(actor: Actor, pair_id: int) -> DuplicatePair:
    if not pairs_seen(actor).filter(pk=pair_id).exists():
        raise NotFound("not_found", _("There is no such record, or it is not yours to see."))
    return DuplicatePair.objects.select_for_update().get(pk=pair_id)


def _save(pair: DuplicatePair) -> None:
    pair.version += 1
    pair.save(
        update_fields=["status", "decision", "decided_by", "decided_at", "version", "updated_at"]
    )


# The whole archive -----------------------------------------------------------------------------------


@dataclass
class Searched:
    """What a search through the archive came to."""

    customers: int = 0
    found: int = 0
    open: int = 0
    seconds: float = 0.0

    def as_json(self) -> dict[str, Any]:
        """For ``--json``."""
        return {
            "customers": self.customers,
            "found": self.found,
            "open": self.open,
            "seconds": round(self.seconds, 3),
        }


def archive_searched(*, actor: Actor, everything: bool = False) -> Searched:
    """Look for possible duplicates among all customers, in pieces, each a transaction of its own.

    Looks at customers whose keys changed since they were looked at last, and at those that have none
    yet; ``everything``: at all. Repeating it changes nothing.
    """
    actor.require("customers.customer", "duplicates")
    began = time.monotonic()
    done = Searched()
    with command(actor, why="duplicates --archive"):
        if everything:
            fetch(
                "UPDATE customers_duplicatekeys SET searched = false WHERE searched RETURNING customer_id"
            )
        missing = [
            pk
            for (pk,) in fetch(
                "SELECT c.id FROM customers_customer c LEFT JOIN customers_duplicatekeys k ON k.customer_id = c.id"
                " WHERE k.customer_id IS NULL AND c.kind = 'customer' ORDER BY c.id"
            )
        ]
    for at in range(0, len(missing), _CHUNK):
        with command(actor, why="duplicates --archive"):
            keep_keys(rows_of(missing[at : at + _CHUNK]), searched=False)
    while True:
        with command(actor, why="duplicates --archive"):
            looked, found = _search_piece()
        if not looked:
            break
        done.customers += looked
        done.found += found
    done.open = DuplicatePair.objects.filter(status=PairStatus.OPEN).count()
    done.seconds = time.monotonic() - began
    return done


def _search_piece() -> tuple[int, int]:
    """Search for the next customers not yet searched for: how many, and how many new pairs."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT customer_id FROM customers_duplicatekeys WHERE NOT searched ORDER BY customer_id"
            " LIMIT %s FOR UPDATE SKIP LOCKED",
            [_CHUNK],
        )
        ids = [pk for (pk,) in cursor.fetchall()]
    if not ids:
        return 0, 0
    companies = [Company(row) for row in rows_of(ids)]
    keys = {key for company in companies for key in keys_of(company, names_near=False)}
    wanted = set(ids)
    others = [pk for pk in candidates(keys, most=_MOST_PER_KEY) if pk not in wanted]
    found = [
        (int(pair.first), int(pair.second), pair.score, pair.reasons)
        for group in duplicate_groups([*companies, *map(Company, rows_of(others))])
        for pair in group.pairs
        if pair.first in wanted or pair.second in wanted
    ]
    new = store_pairs(found, FoundBy.SEARCH)
    fetch(
        "UPDATE customers_duplicatekeys SET searched = true WHERE customer_id = ANY(%s) RETURNING customer_id",
        [ids],
    )
    return len(ids), new

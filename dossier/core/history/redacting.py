"""Redactions: asked by one person, approved by another, carried out as the database's owner (AUD-3).

The application's role can put a request on record and a decision, but it cannot alter the history: only the
owner's connection can, which the job or the command `dossier history redact` opens. And the owner's side acts
only on an approval keyed with the secret of the seals, which no SQL can make. So neither somebody who gets SQL
into the program nor somebody who has the database alone can empty an entry and have it pass.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import psycopg
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from dossier.core.access import Actor, system_actor
from dossier.core.errors import NotFound, Refusal
from dossier.core.history.marks import KEY, mark
from dossier.core.history.sealing import seal_key
from dossier.core.history.signing import Approved, certificate
from dossier.core.history.subjects import subject_of
from dossier.core.models import Redaction
from dossier.core.reasons import reason_text
from dossier.core.services import command, once

KIND = "core.redaction"
_LONGEST = 300
Status = Redaction.Status


def redaction_ask(
    *,
    actor: Actor,
    subject: str,
    pk: int,
    fields: Sequence[str],
    ground: str,
    reason: str,
    submission: str,
) -> Redaction:
    """Ask that all past values of these fields of a record be emptied in the history.

    The record must be within the actor's reach. What stands in the record now stays; who wants that gone too
    empties the field first, by an ordinary edit.
    """
    actor.require(KIND, "ask")
    kind = subject_of(subject)
    row = kind.reach(actor, pk)
    known = {spec.name: column for spec, column in kind.columns()}
    wrong = [name for name in fields if name not in known]
    if wrong or not fields:
        raise Refusal(
            "no_fields", _("Choose at least one field whose past values are to go."), field="fields"
        )
    if ground not in Redaction.Ground.values:
        raise Refusal("no_ground", _("Choose the legal ground."), field="ground")
    if actor.account_id is None:
        raise Refusal("nobody", _("Only a person with an account can ask for this or approve it."))
    why = reason_text(reason, longest=_LONGEST)
    with command(actor, why=gettext("Redaction asked for")):
        claim = once(actor=actor, key=submission, what="redaction_ask")
        if claim.result:
            return Redaction.objects.get(pk=int(claim.result))
        made = Redaction.objects.create(
            subject=subject,
            table=row._meta.db_table,
            row_id=str(row.pk),
            columns=sorted({known[name] for name in fields}),
            ground=ground,
            reason=why,
            asked_by_id=actor.account_id,
            asked_by=actor.login,
            asked_name=actor.name,
        )
        claim.result = str(made.pk)
        claim.save(update_fields=["result"])
        return made


def redaction_approve(*, actor: Actor, redaction_id: int, decision: str = "") -> Redaction:
    """Approve a request somebody else made; it is carried out by the owner's side. Twice is once."""
    return _decide(actor, redaction_id, Status.APPROVED, reason_text(decision, needed=False))


def redaction_refuse(*, actor: Actor, redaction_id: int, decision: str) -> Redaction:
    """Refuse a request and say why; nothing is emptied. Twice is once."""
    said = reason_text(decision, field_name="answer", longest=_LONGEST)
    return _decide(actor, redaction_id, Status.REFUSED, said)


def _decide(actor: Actor, redaction_id: int, status: str, said: str) -> Redaction:
    from dossier.core.jobs import carry_out_redactions

    actor.require(KIND, "approve")
    titles = {
        Status.APPROVED.value: gettext("Redaction approved"),
        Status.REFUSED.value: gettext("Redaction refused"),
    }
    with command(actor, why=titles[status]):
        row = Redaction.objects.select_for_update().filter(pk=redaction_id).first()
        if row is None:
            raise NotFound("not_found", _("There is no such record, or it is not yours to see."))
        if row.status == status and row.decided_by_id == actor.account_id:
            return row
        if row.status != Status.WAITING:
            raise Refusal("decided", _("This request was decided meanwhile."))
        if actor.account_id is None or actor.account_id == row.asked_by_id:
            raise Refusal(
                "four_eyes",
                _("Whoever asks for a redaction cannot approve it. A second person has to decide."),
            )
        row.status, row.decision = status, said
        row.decided_at, row.decided_by_id = timezone.now(), actor.account_id
        row.decided_by, row.decided_name = actor.login, actor.name
        if status == Status.APPROVED:
            row.approval = approved(row).mac(seal_key())
            if settings.OWNER_DATABASE_URL:
                carry_out_redactions.defer()
        row.version += 1
        row.save()
        return row


def approved(row: Redaction) -> Approved:
    """What the approval of this request speaks for."""
    assert row.decided_by_id is not None and row.decided_at is not None
    return Approved(
        id=row.pk,
        table=row.table,
        row_id=row.row_id,
        columns=tuple(row.columns),
        ground=row.ground,
        reason=row.reason,
        asked_by_id=row.asked_by_id,
        asked_at=row.asked_at,
        decided_by_id=row.decided_by_id,
        decided_at=row.decided_at,
    )


# The owner's side ------------------------------------------------------------------------------------

_WAITING = """
SELECT id, "table", row_id, columns, ground, reason, asked_by_id, asked_at, decided_by_id, decided_at,
       approval, asked_by, decided_by
FROM public.core_redaction WHERE status = 'approved' ORDER BY id FOR UPDATE
"""
# The value that stands in a live row stays: its entry is the last that set the column.
_STANDING = """
SELECT coalesce(max(id) FILTER (WHERE after ? %(column)s), 0) FROM public.history_entry
WHERE table_name = %(table)s AND row_id = %(row)s
  AND NOT EXISTS (SELECT FROM public.history_entry d WHERE d.table_name = %(table)s AND d.row_id = %(row)s AND d.op = 'D'
                  AND d.id = (SELECT max(l.id) FROM public.history_entry l WHERE l.table_name = %(table)s AND l.row_id = %(row)s))
"""
_HOLDS = "{side} ? %(column)s AND {side} -> %(column)s NOT IN ('null', '\"\"', '[]') AND NOT {side} -> %(column)s ? %(key)s"
_EMPTY = """
UPDATE public.history_entry SET
  before = CASE WHEN {before} THEN jsonb_set(before, ARRAY[%(column)s], %(mark)s::jsonb) ELSE before END,
  after = CASE WHEN {after} AND id <> %(standing)s THEN jsonb_set(after, ARRAY[%(column)s], %(mark)s::jsonb) ELSE after END
WHERE table_name = %(table)s AND row_id = %(row)s AND ({before} OR {after} AND id <> %(standing)s)
RETURNING id
""".replace("{before}", f"coalesce({_HOLDS.format(side='before')}, false)").replace(
    "{after}", f"coalesce({_HOLDS.format(side='after')}, false)"
)
_DIGESTS = """
SELECT id, encode(public.history_entry_digest(id, xid, table_name, row_id, op, before, after), 'hex')
FROM public.history_entry WHERE id = ANY(%s) ORDER BY id
"""


def carry_out(connection: psycopg.Connection[Any], *, key: bytes | None = None) -> list[int]:
    """As the owner: empty what approved requests name, in one transaction; the requests carried out.

    An approval that was not made with the key, or by one person alone, stops everything with ValueError.
    """
    key = key or seal_key()
    done: list[int] = []
    with connection.transaction():
        connection.execute("SET LOCAL search_path = pg_catalog, pg_temp")
        for row in connection.execute(_WAITING).fetchall():
            request = Approved(row[0], row[1], row[2], tuple(row[3]), *row[4:10])
            approval, asked_by, decided_by = row[10:]
            if request.asked_by_id == request.decided_by_id or approval != request.mac(key):
                raise ValueError(f"redaction {request.id} was not approved with the key")
            _say_who(connection, request.id, asked_by, decided_by)
            _carry_out(connection, request, approval, key)
            done.append(request.id)
    return done


def _say_who(
    connection: psycopg.Connection[Any], number: int, asked_by: str, decided_by: str
) -> None:
    """The first request fixes who and why of the transaction; each has its own rows besides."""
    context = system_actor(via="job").context() | {
        "why": f"redaction {number}: {asked_by}, {decided_by}"
    }
    connection.execute(
        "SELECT set_config('dossier.context', %s, true)", [json.dumps(context, ensure_ascii=False)]
    )


def _carry_out(
    connection: psycopg.Connection[Any], request: Approved, approval: str, key: bytes
) -> None:
    row = connection.execute("SELECT now()").fetchone()
    assert row is not None
    now = row[0]
    emptied: dict[int, list[str]] = {}
    counts: dict[str, int] = {}
    for column in request.columns:
        values: dict[str, Any] = {
            "table": request.table,
            "row": request.row_id,
            "column": column,
            "key": KEY,
            "mark": json.dumps(mark(request.id, timezone.localtime(now).date())),
        }
        found = connection.execute(_STANDING, values).fetchone()
        values["standing"] = found[0] if found else 0
        entries = [one[0] for one in connection.execute(_EMPTY, values)]
        counts[column] = len(entries)
        for entry in entries:
            emptied.setdefault(entry, []).append(column)
    listed = [
        (entry, sorted(emptied[entry]), digest)
        for entry, digest in connection.execute(_DIGESTS, [list(emptied)])
    ]
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO public.core_redactedentry (redaction_id, entry_id, columns, emptied_digest)"
            " VALUES (%s, %s, %s, %s)",
            [(request.id, *one) for one in listed],
        )
    connection.execute(
        "UPDATE public.core_redaction SET status = 'done', done_at = %s, entry_count = %s, counts = %s::jsonb,"
        " certificate = %s, version = version + 1, updated_at = now() WHERE id = %s",
        [
            now,
            len(listed),
            json.dumps(counts),
            certificate(key, approval, now, listed),
            request.id,
        ],
    )


def carry_out_as_owner() -> list[int]:
    """Carry out what is approved, where the program knows the owner's address; else nothing is done."""
    if not settings.OWNER_DATABASE_URL:
        return []
    with psycopg.connect(settings.OWNER_DATABASE_URL, connect_timeout=5) as owner:
        return carry_out(owner)

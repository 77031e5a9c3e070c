"""Redaction: asked by one, approved by another, carried out by the owner; the chain still verifies (AUD-3)."""

from __future__ import annotations

import json

import psycopg
import pytest
from django.db import IntegrityError, connection

from dossier import testing
from dossier.core.access import system_actor
from dossier.core.errors import NotAllowed, NotFound, Refusal
from dossier.core.history.reading import changes
from dossier.core.history.redacting import (
    carry_out,
    redaction_approve,
    redaction_ask,
    redaction_refuse,
)
from dossier.core.history.verifying import verify_at
from dossier.core.models import HistoryEntry, Redaction
from dossier.core.services import command
from dossier.customers.selectors import customer_as_of
from tests.factories import (
    actor_for,
    actor_of_role,
    client_for,
    make_account,
    make_customer,
    make_employee,
)
from tests.sealing import seal_all

SECRET = "canary-38417"
NEXT = "canary-99120"


def ask(actor, customer, fields=("remark",), **more):
    values = {
        "subject": "customer",
        "pk": customer.pk,
        "fields": list(fields),
        "ground": "consent_withdrawn",
        "reason": "asked in writing",
        "submission": f"{actor.login}-{customer.pk}",
    }
    return redaction_ask(actor=actor, **(values | more))


@pytest.fixture
def place(committed_db, settings, tmp_path, monkeypatch):
    """A customer whose remark was twice something personal and is harmless now, all sealed."""
    monkeypatch.setenv("DOSSIER_SEAL_HEADS", str(tmp_path / "heads.jsonl"))
    settings.DATABASE_URL = testing.app_url(committed_db)
    settings.OWNER_DATABASE_URL = testing.owner_url(committed_db)
    with command(system_actor(), why="filed"):
        customer = make_customer("天津格致", remark=SECRET)
    for text in (NEXT, "harmless"):
        with command(system_actor(), why="edited"):
            customer.remark = text
            customer.save(update_fields=["remark"])
    seal_all(committed_db)
    return committed_db, customer


def carried_out(database):
    with psycopg.connect(testing.owner_url(database)) as owner:
        return carry_out(owner)


def verdict(database):
    return verify_at(testing.owner_url(database))


def approved_request(customer):
    asker, second = (
        actor_of_role("customer_information_administrator"),
        actor_of_role("general_manager"),
    )
    request = ask(asker, customer)
    return redaction_approve(actor=second, redaction_id=request.pk)


def test_an_approved_redaction_empties_past_values_and_the_chain_verifies(place):
    database, customer = place
    assert verdict(database).faults == []
    digests = dict(HistoryEntry.objects.values_list("pk", "digest"))
    request = approved_request(customer)
    assert carried_out(database) == [request.pk]
    request.refresh_from_db()
    assert (request.status, request.counts) == ("done", {"remark": 3})
    found = verdict(database)
    assert found.faults == []
    assert found.redactions == {request.pk: 3}
    kept = json.dumps(
        [[e.before, e.after] for e in HistoryEntry.objects.filter(row_id=str(customer.pk))],
        default=str,
    )
    assert SECRET not in kept and NEXT not in kept
    assert "harmless" in kept
    for entry in HistoryEntry.objects.filter(pk__in=digests):
        assert bytes(entry.digest) == bytes(digests[entry.pk])
    seal_all(database)
    assert verdict(database).faults == []


def test_the_redaction_itself_is_in_the_history_without_the_data(place):
    database, customer = place
    request = approved_request(customer)
    carried_out(database)
    told = list(
        HistoryEntry.objects.filter(
            table_name__in=["core_redaction", "core_redactedentry"]
        ).select_related("transaction")
    )
    said = json.dumps([[e.before, e.after, e.transaction.context] for e in told], default=str)
    assert [e.op for e in told if e.table_name == "core_redaction"] == ["I", "U", "U"]
    assert request.asked_by in said and request.decided_by in said and "asked in writing" in said
    assert SECRET not in said and NEXT not in said


def test_a_second_redaction_of_the_same_record_verifies_too(place):
    database, customer = place
    first = approved_request(customer)
    carried_out(database)
    with command(system_actor(), why="emptied"):
        customer.remark = ""
        customer.save(update_fields=["remark"])
    asker, second = (
        actor_of_role("customer_information_administrator"),
        actor_of_role("general_manager"),
    )
    again = ask(asker, customer, ("remark", "name"), submission="second")
    redaction_approve(actor=second, redaction_id=again.pk)
    assert carried_out(database) == [again.pk]
    found = verdict(database)
    assert found.faults == []
    assert set(found.redactions) == {first.pk, again.pk}
    assert "harmless" not in str([[c.before, c.after] for c in changes(customer)])


def test_past_states_and_time_line_say_that_a_value_was_redacted(place):
    database, customer = place
    request = approved_request(customer)
    first = changes(customer)[0].at
    carried_out(database)
    manager = make_account(roles=["general_manager"], employee=make_employee())
    shown = customer_as_of(actor_for(manager), customer.pk, first).customer.remark
    assert f"under request {request.pk}" in shown
    pages = client_for(manager)
    for url in (
        f"/customers/{customer.pk}/",
        f"/customers/{customer.pk}/?at={first.isoformat().replace('+00:00', 'Z')}",
        f"/history/customer/{customer.pk}/remark",
    ):
        page = pages.get(url).content.decode()
        assert f"under request {request.pk}" in page, url
        assert SECRET not in page and NEXT not in page


# Who may -----------------------------------------------------------------------------------------------


def test_nobody_approves_what_he_asked_for(place):
    _database, customer = place
    manager = actor_of_role("general_manager")
    request = ask(manager, customer)
    with pytest.raises(Refusal) as refused:
        redaction_approve(actor=manager, redaction_id=request.pk)
    assert refused.value.code == "four_eyes"
    request.refresh_from_db()
    assert (request.status, request.approval) == ("waiting", "")
    request.decided_by_id = request.asked_by_id
    with pytest.raises(IntegrityError):
        request.save()


def test_without_the_right_nobody_asks_or_approves(place):
    _database, customer = place
    asker = actor_of_role("customer_information_administrator")
    with pytest.raises(NotAllowed):
        ask(actor_of_role("salesperson"), customer)
    request = ask(asker, customer)
    with pytest.raises(NotAllowed):
        redaction_approve(actor=actor_of_role("auditor"), redaction_id=request.pk)


def test_a_refused_request_empties_nothing_and_says_why(place):
    database, customer = place
    request = ask(actor_of_role("customer_information_administrator"), customer)
    redaction_refuse(
        actor=actor_of_role("general_manager"),
        redaction_id=request.pk,
        decision="needed for a claim",
    )
    assert carried_out(database) == []
    assert SECRET in str([c.after for c in changes(customer)])
    with pytest.raises(Refusal):
        redaction_approve(actor=actor_of_role("general_manager"), redaction_id=request.pk)


def test_fields_ground_and_reason_are_demanded_and_the_record_is_in_reach(place):
    _database, customer = place
    asker = actor_of_role("customer_information_administrator")
    for more, code in (
        ({"fields": []}, "no_fields"),
        ({"fields": ["version"]}, "no_fields"),
        ({"ground": "because"}, "no_ground"),
        ({"reason": ""}, "missing"),
    ):
        with pytest.raises(Refusal) as refused:
            ask(asker, customer, **more)
        assert refused.value.code == code
    with pytest.raises(NotFound):
        ask(asker, customer, pk=999_999)
    assert not Redaction.objects.exists()


# Tampering -----------------------------------------------------------------------------------------------


def superuser(database, statement, *values):
    with psycopg.connect(testing.superuser_url(database), autocommit=True) as connected:
        connected.execute(statement, values)


def test_an_entry_emptied_without_an_approved_redaction_is_named(place):
    database, customer = place
    superuser(
        database,
        'UPDATE history_entry SET after = jsonb_set(after, \'{remark}\', \'{"$redacted": 1, "on": "2026-11-22"}\')'
        " WHERE row_id = %s AND after ? 'remark' AND op = 'I'",
        str(customer.pk),
    )
    assert ("entry_emptied", str(customer.pk)) in {
        (f.code, f.row) for f in verdict(database).faults
    }


def test_a_redaction_forged_by_a_superuser_without_the_key_is_named(place):
    """All rows made through the triggers, as a clever superuser would: approval and certificate are not keyed."""
    database, customer = place
    superuser(
        database,
        'INSERT INTO core_redaction (subject, "table", row_id, columns, ground, reason, asked_by_id, asked_by, asked_name,'
        " decided_at, decided_by_id, decided_by, decided_name, decision, status, approval, done_at, entry_count, counts, certificate)"
        " VALUES ('customer', 'customers_customer', %s, '{remark}', 'ordered', 'x', 1, 'a', 'a', now(), 2, 'b', 'b', '',"
        " 'done', repeat('0', 64), now(), 1, '{}', repeat('0', 64))",
        str(customer.pk),
    )
    superuser(
        database,
        "WITH e AS (UPDATE history_entry SET after = jsonb_set(after, '{remark}', '{\"$redacted\": 1}')"
        " WHERE row_id = %s AND after ? 'remark' AND op = 'I'"
        " RETURNING id, history_entry_digest(id, xid, table_name, row_id, op, before, after) AS d)"
        " INSERT INTO core_redactedentry (redaction_id, entry_id, columns, emptied_digest)"
        " SELECT (SELECT max(id) FROM core_redaction), id, '{remark}', encode(d, 'hex') FROM e",
        str(customer.pk),
    )
    found = verdict(database)
    assert {"redaction_forged", "entry_emptied"} <= {f.code for f in found.faults}
    assert found.redactions == {}


def test_an_emptied_entry_edited_afterwards_is_named(place):
    database, customer = place
    approved_request(customer)
    carried_out(database)
    superuser(
        database,
        "UPDATE history_entry SET after = jsonb_set(after, '{name}', '\"forged\"') WHERE row_id = %s AND op = 'I'"
        " AND table_name = 'customers_customer'",
        str(customer.pk),
    )
    assert "entry_edited" in {f.code for f in verdict(database).faults}


def test_an_approval_made_without_the_key_is_not_carried_out(place):
    database, customer = place
    request = approved_request(customer)
    superuser(
        database, "UPDATE core_redaction SET columns = '{remark,name}' WHERE id = %s", request.pk
    )
    with pytest.raises(ValueError, match="not approved with the key"):
        carried_out(database)
    assert SECRET in str([c.after for c in changes(customer)])


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE history_entry SET after = '{}'",
        "INSERT INTO core_redactedentry (redaction_id, entry_id, columns, emptied_digest) VALUES (1, 1, '{}', '')",
        "UPDATE core_redactedentry SET emptied_digest = ''",
        "DELETE FROM core_redaction",
        "TRUNCATE core_redaction",
    ],
)
@pytest.mark.django_db
def test_the_applications_role_cannot_redact_by_itself(statement):
    with pytest.raises(Exception) as refused, connection.cursor() as cursor:
        cursor.execute(statement)
    assert refused.value.__cause__.sqlstate == "42501"


# Pages -----------------------------------------------------------------------------------------------


def test_asked_approved_and_certified_on_the_pages(place):
    database, customer = place
    asker = client_for(make_account(roles=["customer_information_administrator"], login="asks"))
    second = client_for(make_account(roles=["general_manager"], login="approves"))
    form = asker.get(f"/redactions/new/customer/{customer.pk}?field=remark").content.decode()
    assert 'value="remark" checked' in form
    data = {"fields": "remark", "ground": "", "reason": "asked in writing", "once_token": "t1"}
    assert asker.post(f"/redactions/new/customer/{customer.pk}", data).status_code == 422
    made = asker.post(f"/redactions/new/customer/{customer.pk}", data | {"ground": "ordered"})
    request = Redaction.objects.get()
    assert made.headers["Location"] == f"/redactions/{request.pk}/"
    own = asker.get(f"/redactions/{request.pk}/").content.decode()
    assert "somebody else has to approve" in own and "/approval" not in own
    assert asker.post(f"/redactions/{request.pk}/approval").status_code == 403
    assert "/approval" in second.get(f"/redactions/{request.pk}/").content.decode()
    assert second.post(f"/redactions/{request.pk}/approval", {"reason": ""}).status_code == 302
    carried_out(database)
    shown = second.get(f"/redactions/{request.pk}/").content.decode()
    assert "Certificate of redaction" in shown and Redaction.objects.get().certificate in shown
    assert SECRET not in shown
    assert f"/redactions/{request.pk}/" in second.get("/redactions/").content.decode()


@pytest.mark.django_db
def test_outsiders_bad_numbers_and_wrong_methods_on_the_pages():
    customer = make_customer()
    seller = client_for(make_account(roles=["salesperson"], employee=make_employee()))
    asker = client_for(make_account(roles=["customer_information_administrator"]))
    auditor = client_for(make_account(roles=["auditor"]))
    assert seller.get("/redactions/").status_code == 403
    assert seller.get(f"/redactions/new/customer/{customer.pk}").status_code == 403
    assert auditor.get("/redactions/").status_code == 200
    assert auditor.get(f"/redactions/new/customer/{customer.pk}").status_code == 403
    for url in ("/redactions/999/", "/redactions/new/customer/999999", "/redactions/new/nothing/1"):
        assert asker.get(url).status_code == 404, url
    assert asker.post("/redactions/").status_code == 405
    assert asker.delete("/redactions/1/").status_code == 405

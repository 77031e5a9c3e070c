"""Needs, characteristics, competitors, care: entered on the tab, compared, covered, in the time line (CUS-14)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from dossier.core.models import Unmasking
from dossier.customers.fields import NOTE_FIELDS, UNLISTED
from dossier.customers.models import Note
from dossier.customers.services import customer_archive
from dossier.customers.states import NOTE_GROUPS, NoteKind
from dossier.customers.tests.pages import body, form_values, world
from tests.factories import actor_of_role

pytestmark = pytest.mark.django_db


@pytest.fixture
def here():
    return world()


def tab(here, client):
    return client.get(reverse("customer", args=[here.customer.pk]), {"tab": "notes"})


def note(here, **values):
    return Note.objects.create(
        **{
            "customer": here.customer,
            "kind": "need",
            "text": "NOTECANARY",
            "noted_on": "2026-05-01",
        }
        | values
    )


def test_every_field_of_a_note_is_listed_or_said_why_not():
    listed = {spec.name for spec in NOTE_FIELDS}
    assert {f.name for f in Note._meta.concrete_fields} == listed | set(UNLISTED["Note"])
    assert {kind for _title, kinds in NOTE_GROUPS for kind in kinds} == set(NoteKind.values)


def test_a_need_is_noted_in_one_go_by_telephone(here):
    assert tab(here, here.mine).context["note_form"]
    url = reverse("note-new", args=[here.customer.pk])
    given = {"kind": "need", "text": "要防爆型号", "once_token": "n1"}
    assert here.mine.post(url, given | {"text": ""}).status_code == 422
    assert here.mine.post(url, given | {"noted_on": "2199-01-01"}).status_code == 422
    assert not Note.objects.exists()
    for _twice in range(2):
        assert here.mine.post(url, given).status_code == 302
    one = Note.objects.get()
    assert (one.noted_on, one.noted_by_id) == (timezone.localdate(), here.seller.employee_id)
    assert "要防爆型号" in body(tab(here, here.mine))
    assert "Noted, Need: 要防爆型号" in body(
        here.mine.get(reverse("customer", args=[here.customer.pk]))
    )


@pytest.mark.parametrize(("who", "status"), [("stranger", 404), ("reader", 403)])
def test_outsiders_and_readers_write_no_note(here, who, status):
    one = note(here)
    client = getattr(here, who)
    new = reverse("note-new", args=[here.customer.pk])
    edit = reverse("note-edit", args=[one.pk])
    for url in (new, edit):
        assert client.get(url).status_code == status
        response = client.post(url, {"kind": "need", "text": "X", "noted_on": "2026-05-01"})
        assert response.status_code == status and "NOTECANARY" not in body(response)
    one.refresh_from_db()
    assert (Note.objects.count(), one.text) == (1, "NOTECANARY")
    assert here.mine.get(reverse("note-edit", args=[999_999_999])).status_code == 404
    assert here.mine.put(edit).status_code == 405


def test_readers_see_notes_and_outsiders_do_not(here):
    note(here)
    shown = tab(here, here.reader)
    assert "NOTECANARY" in body(shown) and "note_form" not in shown.context
    outside = tab(here, here.stranger)
    assert outside.status_code == 404 and "NOTECANARY" not in body(outside)


def test_a_competitors_single_order_is_compared_with_our_price(here):
    here.mine.post(
        reverse("note-new", args=[here.customer.pk]),
        {
            "kind": "competitor",
            "text": "六月下的单",
            "party": "远洋仪器",
            "product": "压力表",
            "quantity": "20",
            "price": "80",
            "our_price": "92",
        },
    )
    text = body(tab(here, here.mine))
    assert "远洋仪器" in text and "压力表 × 20" in text and "+15.0%" in text


def test_notes_on_people_are_covered_until_asked_for(here):
    one = note(here, kind="care", party="王芳", text="GIFTCANARY", amount=388)
    open_note = note(here)
    mine, theirs = body(tab(here, here.mine)), body(tab(here, here.leader))
    assert "GIFTCANARY" in mine and "388" in mine
    assert "GIFTCANARY" not in theirs and "388" not in theirs and "NOTECANARY" in theirs
    page = body(here.leader.get(reverse("customer", args=[here.customer.pk])))
    assert "GIFTCANARY" not in page  # nor in the time line
    assert "GIFTCANARY" not in body(here.leader.get(reverse("note-edit", args=[one.pk])))
    url = reverse("value-reveal", args=["customers_note", one.pk, "text"])
    assert here.stranger.post(url).status_code == 404
    assert here.reader.post(url).status_code == 403
    assert not Unmasking.objects.exists()
    assert "GIFTCANARY" in body(here.leader.post(url))
    assert Unmasking.objects.get().table == "customers_note"
    plain = reverse("value-reveal", args=["customers_note", open_note.pk, "text"])
    assert here.leader.post(plain).status_code == 404  # nothing is covered there


def test_a_covered_value_left_blank_is_kept(here):
    one = note(here, kind="care", text="GIFTCANARY", amount=388)
    url = reverse("note-edit", args=[one.pk])
    values = form_values(here.leader, url)
    assert here.leader.post(url, values | {"ended_on": "2026-06-01"}).status_code == 302
    one.refresh_from_db()
    assert (one.text, str(one.ended_on)) == ("GIFTCANARY", "2026-06-01")


def test_a_stale_edit_shows_both_versions_and_loses_nothing(here):
    one = note(here)
    url = reverse("note-edit", args=[one.pk])
    values = form_values(here.mine, url)
    Note.objects.filter(pk=one.pk).update(text="THEIRS", version=2)
    response = here.mine.post(url, values | {"text": "MINE"})
    assert response.status_code == 409
    assert "THEIRS" in body(response) and "MINE" in body(response)
    one.refresh_from_db()
    assert one.text == "THEIRS"


def test_an_ended_relationship_takes_no_notes(here):
    customer_archive(
        actor=actor_of_role("sales_manager"), customer_id=here.customer.pk, reason="停业"
    )
    response = here.mine.post(
        reverse("note-new", args=[here.customer.pk]), {"kind": "need", "text": "X"}
    )
    assert response.status_code == 422 and "archived" in body(response)
    assert not Note.objects.exists()


@pytest.mark.parametrize(
    "values",
    [{"text": ""}, {"ended_on": "2026-04-30"}, {"amount": -1}, {"price": -1}],
)
def test_the_database_refuses_impossible_notes(here, values):
    with pytest.raises(IntegrityError), transaction.atomic():
        note(here, **values)


def test_an_old_intention_no_longer_counts_as_open(here):
    from dossier.customers.models import Standing
    from dossier.customers.services import standing_refresh

    note(here, kind="intention", noted_on=timezone.localdate() - timedelta(days=181))
    standing_refresh([here.customer.pk])
    assert Standing.objects.get(pk=here.customer.pk).openings == 0

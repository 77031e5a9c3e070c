"""Every file taken out is put on record, for good, and read by those it concerns (AUD-2)."""

import hashlib

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils.translation import gettext_lazy, override

from dossier.core.access import system_actor
from dossier.core.exports import Said, exports_seen, record_export
from dossier.core.models import Export
from tests.factories import actor_for, client_for, make_account

pytestmark = pytest.mark.django_db


def record(account, **more):
    values = {
        "kind": "reports.report",
        "title": gettext_lazy("Sales and profit"),
        "content": b"the file",
        "file_name": "sales.xlsx",
        "file_format": "xlsx",
        "rows": 1234,
        "columns": [gettext_lazy("Month"), gettext_lazy("Revenue")],
        "said": [
            Said(gettext_lazy("Split by"), [gettext_lazy("Month")], words=True),
            Said(gettext_lazy("Customer"), ["000840"]),
        ],
        "scope": {"team", "own"},
    }
    return record_export(actor=actor_for(account), **(values | more))


def test_the_record_says_who_what_how_much_and_which_file():
    account = make_account(roles=["salesperson"])
    with override("zh-hans"):  # words are kept as message ids whatever the language
        made = Export.objects.get(pk=record(account).pk)
    assert (made.account_id, made.login, made.name) == (
        account.pk,
        account.login,
        account.employee.name,
    )
    assert (made.rows, made.size, made.file_format) == (1234, 8, "xlsx")
    assert made.sha256 == hashlib.sha256(b"the file").hexdigest()
    assert made.columns == ["Month", "Revenue"] and made.scope == ["own", "team"]
    assert made.said == [
        {"label": "Split by", "values": ["Month"], "words": True},
        {"label": "Customer", "values": ["000840"], "words": False},
    ]


@pytest.mark.parametrize(
    "sql", ["UPDATE core_export SET rows = 1", "DELETE FROM core_export", "TRUNCATE core_export"]
)
def test_the_program_can_neither_change_nor_remove_a_record(sql):
    record(make_account())
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        connection.cursor().execute(sql)
    assert Export.objects.get().rows == 1234


@pytest.mark.parametrize("role", ["auditor", "system_administrator", "general_manager"])
def test_auditors_and_administrators_see_all(role):
    record(make_account(login="ann", roles=["salesperson"]))
    client = client_for(make_account(roles=[role]))
    page = client.get("/exports/")
    assert page.status_code == 200 and [row["cells"][1]["text"] for row in page.context["rows"]]
    assert 'href="/exports/"' in page.content.decode()
    detail = client.get(f"/exports/{Export.objects.get().pk}").content.decode()
    for text in (
        "ann",
        "1,234",
        "000840",
        "Month, Revenue",
        hashlib.sha256(b"the file").hexdigest(),
    ):
        assert text in detail


def test_everybody_else_sees_their_own_alone():
    mine, theirs = make_account(roles=["sales_manager"]), make_account(roles=["salesperson"])
    own, other = record(mine), record(theirs, file_name="canary.xlsx")
    client = client_for(mine)
    page = client.get("/exports/")
    assert [row["url"] for row in page.context["rows"]] == [f"/exports/{own.pk}"]
    assert "canary" not in page.content.decode()
    assert client.get(f"/exports/{own.pk}").status_code == 200
    assert client.get(f"/exports/{other.pk}").status_code == 404
    assert client.get("/exports/?q=canary").context["rows"] == []
    nobody = make_account()  # no role: an empty list, no menu entry
    page = client_for(nobody).get("/exports/")
    assert page.context["rows"] == []
    assert not [item for item in page.context["page"]["nav"] if item["url"] == "/exports/"]


def test_what_the_command_takes_out_belongs_to_no_account():
    record_export(
        actor=system_actor(os_user="operator", via="command"),
        kind="reports.report",
        title="Sales and profit",
        content=b"",
        file_name="r.json",
        file_format="json",
        rows=0,
        columns=[],
    )
    assert Export.objects.get().login == "system:operator"
    assert not exports_seen(system_actor()).filter(account_id__isnull=False).exists()
    assert exports_seen(actor_for(make_account(roles=["salesperson"]))).count() == 0
    auditor = client_for(make_account(roles=["auditor"]))
    assert "the command line" in auditor.get(f"/exports/{Export.objects.get().pk}").content.decode()


def test_found_by_person_kind_and_size():
    record(make_account(roles=["salesperson"], login="ann"))
    record(make_account(roles=["salesperson"], login="bob"), rows=5)
    client = client_for(make_account(roles=["auditor"]))
    for query, number in (
        ("", 2),
        ("q=bob", 1),
        ("rows_from=1000", 1),
        ("kind=reports.report", 2),
        ("sort=rows", 2),
        ("at_from=2000-01-01", 2),
        ("at_to=2000-01-01", 0),
        ("columns=at,ip,login", 2),
    ):
        assert len(client.get(f"/exports/?{query}").context["rows"]) == number, query
    assert client.get("/exports/?kind=nothing").status_code == 400


def test_words_are_shown_in_the_readers_language():
    export = record(make_account(roles=["salesperson"]))
    client = client_for(make_account(roles=["auditor"]))
    page = client.get(f"/exports/{export.pk}", headers={"accept-language": "zh-hans"})
    text = page.content.decode()
    assert "月" in text and "销售额" in text and "Revenue" not in text and "000840" in text

"""Every page of people opens for those who may, in both languages; others get 403, 404, 405 or the sign-in."""

import pytest
from django.test import Client
from django.urls import reverse

from dossier.people.models import Role, Territory
from tests.factories import client_for, make_account, make_employee, make_team

pytestmark = pytest.mark.django_db

ADMIN = ("people", "teams", "territories", "accounts", "roles", "sign-ins")
FORMS = ("employee-new", "team-new", "territory-new", "account-new", "role-new")
OF_A_RECORD = (
    "employee",
    "employee-edit",
    "employee-leave",
    "team-edit",
    "territory-edit",
    "account",
    "role",
)
POSTS = (
    "employee-return",
    "territory-delete",
    "account-open",
    "account-close",
    "account-password",
    "role-delete",
)


def records():
    team = make_team("canary team")
    employee = make_employee("canary person", team=team, mobile="13800000000")
    other = make_account(roles=["salesperson"])
    return {
        "employee": employee.pk,
        "team": team.pk,
        "territory": Territory.objects.create(name="canary land").pk,
        "account": other.pk,
        "role": Role.objects.get(key="salesperson").pk,
    }


def address(name, keys):
    return reverse(name, args=[keys[name.split("-")[0]]])


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_administrator_opens_everything(language):
    client = client_for(make_account(roles=["system_administrator"]))
    client.cookies["dossier-language"] = language
    keys = records()
    urls = [reverse(name) for name in (*ADMIN, *FORMS, "my-sessions", "password-change")]
    for url in urls + [address(name, keys) for name in OF_A_RECORD]:
        assert client.get(url).status_code == 200, url


def test_signed_out_is_sent_to_sign_in():
    keys = records()
    for name in (*ADMIN, *FORMS, "my-sessions", "password-change"):
        response = Client().get(reverse(name))
        assert (response.status_code, response.headers["Location"].split("?")[0]) == (
            302,
            "/sign-in/",
        ), name
    for name in OF_A_RECORD:
        assert Client().get(address(name, keys)).status_code == 302, name
    for name in POSTS:
        assert Client().post(address(name, keys)).headers["Location"].startswith("/sign-in/"), name


def test_part_of_a_page_takes_the_whole_page_to_sign_in():
    response = Client(headers={"hx-request": "true", "hx-current-url": "http://x/people/?q=a"}).get(
        "/people/"
    )
    assert response.status_code == 204
    assert response.headers["HX-Redirect"] == "/sign-in/?next=/people/%3Fq%3Da"


def test_salesperson_reads_people_and_changes_nothing():
    client = client_for(make_account(roles=["salesperson"]))
    keys = records()
    for name in ("people", "teams", "territories"):
        assert client.get(reverse(name)).status_code == 200
    for name in ("accounts", "roles", "sign-ins", *FORMS):
        assert client.get(reverse(name)).status_code == 403, name
    for name in (
        "employee-edit",
        "employee-leave",
        "team-edit",
        "territory-edit",
        "account",
        "role",
    ):
        assert client.get(address(name, keys)).status_code == 403, name
        assert client.post(address(name, keys), {"name": "changed"}).status_code == 403, name
    for name in POSTS:
        assert client.post(address(name, keys)).status_code == 403, name
    assert Territory.objects.filter(pk=keys["territory"], name="canary land").exists()


def test_auditor_looks_at_settings_and_changes_nothing():
    client = client_for(make_account(roles=["auditor"]))
    keys = records()
    for url in [reverse(name) for name in ADMIN] + [
        address("account", keys),
        address("role", keys),
    ]:
        assert client.get(url).status_code == 200
    for name in ("account", "role", "account-close", "account-password", "role-delete"):
        assert client.post(address(name, keys), {"version": "1"}).status_code == 403, name


def test_no_role_sees_no_people():
    client = client_for(make_account(roles=[]))
    keys = records()
    response = client.get(address("employee", keys))
    assert response.status_code == 403
    assert b"canary" not in response.content


def test_bad_keys_are_not_found():
    client = client_for(make_account(roles=["system_administrator"]))
    for name in OF_A_RECORD:
        for key in (987654321, 10**18):
            assert client.get(reverse(name, args=[key])).status_code == 404, name
    for name in POSTS:
        assert client.post(reverse(name, args=[987654321])).status_code == 404, name


def test_wrong_methods():
    client = client_for(make_account(roles=["system_administrator"]))
    keys = records()
    for name in (*ADMIN, *FORMS):
        assert client.delete(reverse(name)).status_code == 405, name
    for name in (
        "territory-delete",
        "account-open",
        "account-close",
        "account-password",
        "role-delete",
    ):
        assert client.get(address(name, keys)).status_code == 405, name
    assert client.get("/sign-out/").status_code == 405


@pytest.mark.parametrize(
    "query",
    [
        "sort=password",
        "sort=-account__password",
        "status=x",
        "team=0",
        "team=' OR 1=1",
        "hired_on_from=30 Feb",
        "q=%00",
        "after=x",
        "columns=remark__",
    ],
)
def test_odd_addresses_are_refused_in_words(query):
    client = client_for(make_account(roles=["system_administrator"]))
    assert client.get(f"/people/?{query}").status_code == 400


def test_lookups_find_by_name_number_and_sound_and_only_in_post():
    client = client_for(make_account(roles=["salesperson"]))
    wang = make_employee("王晓芳", number="0007")
    make_employee("王已走", number="0008", status="left")
    for typed in ("王晓", "0007", "wangxiao", "wxf"):
        found = client.get("/lookup/employee", {"q": typed}).json()["results"]
        assert found == [{"value": str(wang.pk), "code": "0007", "text": "王晓芳"}], typed
    assert client.get("/lookup/employee/name", {"code": "0007"}).content.decode() == "王晓芳"
    assert client.get("/lookup/employee/name", {"code": "\u0660"}).content == b""


def test_lookup_without_right_is_refused():
    assert client_for(make_account(roles=[])).get("/lookup/employee").status_code == 403

"""The first administrator: made once, from this machine or with the console's code."""

import pytest
from django.test import Client

from dossier.people.first_run import code_matches, first_run_code
from dossier.people.models import Account
from tests.factories import PASSWORD, make_account


@pytest.fixture(autouse=True)
def _local(settings):
    settings.ALLOWED_HOSTS = ["localhost"]


def Browser(**more):  # noqa: N802 - stands for a class
    """A browser on this machine unless told otherwise."""
    return Client(SERVER_NAME="localhost", headers={"accept-language": "en"}, **more)


FORM = {"login": "boss", "new": PASSWORD, "again": PASSWORD}


@pytest.mark.django_db
def test_sign_in_leads_there_while_there_is_no_account():
    assert Browser().get("/sign-in/").headers["Location"] == "/first-run/"
    make_account()
    assert Browser().get("/sign-in/").status_code == 200


@pytest.mark.django_db
def test_makes_the_administrator_and_signs_in():
    client = Browser()
    assert "from the console" not in client.get("/first-run/").content.decode()
    assert client.post("/first-run/", FORM).status_code == 302
    account = Account.objects.get()
    assert set(account.roles.values_list("key", flat=True)) == {
        "system_administrator",
        "customer_information_administrator",
        "sales_manager",
    }
    assert client.get("/settings/roles/").status_code == 200


@pytest.mark.django_db
def test_is_closed_once_there_is_an_account():
    make_account()
    assert Browser().get("/first-run/").headers["Location"] == "/sign-in/"
    assert Browser().post("/first-run/", FORM).headers["Location"] == "/sign-in/"
    assert not Account.objects.filter(login="boss").exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "where",
    [
        {"REMOTE_ADDR": "10.0.0.7"},
        {"HTTP_X_FORWARDED_FOR": "1.2.3.4"},
        {"HTTP_FORWARDED": "for=1.2.3.4"},
        {"REMOTE_ADDR": ""},
    ],
)
def test_from_elsewhere_the_code_is_asked(settings, where):
    client = Browser(**where)
    for code in ("", "AAAA-BBBB-CCCC", "x" * 40):
        assert client.post("/first-run/", {**FORM, "code": code}).status_code == 422
    assert not Account.objects.exists()
    code = first_run_code(settings.HOME_DIR).lower().replace("-", " ")
    assert client.post("/first-run/", {**FORM, "code": code}).status_code == 302
    assert Account.objects.filter(login="boss").exists()


@pytest.mark.django_db
def test_a_server_with_a_name_asks_the_code_of_everybody(settings):
    settings.ALLOWED_HOSTS = ["localhost", "dossier.example.com"]
    assert Browser().post("/first-run/", FORM).status_code == 422
    assert not Account.objects.exists()


def test_code_is_steady_and_forgiving(tmp_path):
    code = first_run_code(tmp_path)
    assert code == first_run_code(tmp_path)
    assert code_matches(tmp_path, f" {code.lower()} ")
    assert not code_matches(tmp_path, code[:-1])
    assert not code_matches(tmp_path, "")


@pytest.mark.django_db
@pytest.mark.parametrize(
    "change",
    [
        {"login": ""},
        {"login": "a b"},
        {"new": "short", "again": "short"},
        {"again": "other"},
        {"login": "x" * 61},
    ],
)
def test_bad_input_makes_nothing(change):
    assert Browser().post("/first-run/", FORM | change).status_code == 422
    assert not Account.objects.exists()

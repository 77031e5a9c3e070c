"""The first administrator: made once, from this machine or with the console's code."""

import threading

import pytest
from django.db import connection
from django.test import Client

from dossier.core.errors import Refusal
from dossier.people.first_run import code_matches, first_run_code
from dossier.people.models import Account
from dossier.people.services import account_bootstrap
from tests.factories import PASSWORD, make_account

FORM = {"login": "boss", "new": PASSWORD, "again": PASSWORD}


@pytest.mark.django_db
def test_sign_in_leads_there_while_there_is_no_account():
    assert Client().get("/sign-in/").headers["Location"] == "/first-run/"
    make_account()
    assert Client().get("/sign-in/").status_code == 200


@pytest.mark.django_db
def test_makes_the_administrator_and_signs_in():
    client = Client()
    assert "Code" not in client.get("/first-run/", headers={"accept-language": "en"}).content.decode()
    assert client.post("/first-run/", FORM).status_code == 302
    account = Account.objects.get()
    assert set(account.roles.values_list("key", flat=True)) == {
        "system_administrator", "customer_information_administrator", "sales_manager",
    }
    assert client.get("/settings/roles/").status_code == 200


@pytest.mark.django_db
def test_is_closed_once_there_is_an_account():
    make_account()
    assert Client().get("/first-run/").headers["Location"] == "/sign-in/"
    assert Client().post("/first-run/", FORM).headers["Location"] == "/sign-in/"
    assert not Account.objects.filter(login="boss").exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "where",
    [{"REMOTE_ADDR": "10.0.0.7"}, {"HTTP_X_FORWARDED_FOR": "1.2.3.4"}, {"HTTP_FORWARDED": "for=1.2.3.4"}, {"REMOTE_ADDR": ""}],
)
def test_from_elsewhere_the_code_is_asked(settings, where):
    client = Client(**where)
    for code in ("", "AAAA-BBBB-CCCC", "x" * 40):
        assert client.post("/first-run/", {**FORM, "code": code}).status_code == 422
    assert not Account.objects.exists()
    code = first_run_code(settings.HOME_DIR).lower().replace("-", " ")
    assert client.post("/first-run/", {**FORM, "code": code}).status_code == 302
    assert Account.objects.filter(login="boss").exists()


@pytest.mark.django_db
def test_a_server_with_a_name_asks_the_code_of_everybody(settings):
    settings.ALLOWED_HOSTS = ["testserver", "dossier.example.com"]
    assert Client().post("/first-run/", FORM).status_code == 422
    assert not Account.objects.exists()


def test_code_is_steady_and_forgiving(tmp_path):
    code = first_run_code(tmp_path)
    assert code == first_run_code(tmp_path)
    assert code_matches(tmp_path, f" {code.lower()} ")
    assert not code_matches(tmp_path, code[:-1])
    assert not code_matches(tmp_path, "")


@pytest.mark.django_db
@pytest.mark.parametrize("change", [{"login": ""}, {"login": "a b"}, {"new": "short", "again": "short"}, {"again": "other"}, {"login": "x" * 61}])
def test_bad_input_makes_nothing(change):
    assert Client().post("/first-run/", FORM | change).status_code == 422
    assert not Account.objects.exists()


def test_two_that_race_make_one(committed_db):
    start = threading.Barrier(4)
    made, refused = [], []

    def run(name):
        start.wait()
        try:
            made.append(account_bootstrap(login=name, password=PASSWORD).login)
        except Refusal as refusal:
            refused.append(refusal.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(f"boss{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 1
    assert refused == ["already_set_up"] * 3
    assert Account.objects.count() == 1

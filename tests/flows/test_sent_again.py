"""Nothing typed is lost when a form cannot be taken: it is kept in the answer and sent by one press."""

from __future__ import annotations

import json

import pytest
from django.contrib.sessions.models import Session
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError
from django.test import Client
from django.urls import reverse

from dossier.core.screens.again import kept_from
from dossier.customers.models import Customer
from dossier.customers.screens.edit import customer_create
from dossier.people.models import SignInSession
from tests.factories import PASSWORD, make_account, make_customer
from tests.page_forms import forms_on

pytestmark = pytest.mark.django_db

HERE = {"Origin": "http://testserver"}


@pytest.fixture
def seller():
    return make_account(roles=["salesperson"])


@pytest.fixture
def browser(seller):
    """A signed-in browser whose forms need their token."""
    client = Client(enforce_csrf_checks=True, headers={"accept-language": "en"})
    client.force_login(seller, backend="django.contrib.auth.backends.ModelBackend")
    client.raise_request_exception = False
    return client


def form_to(response, path):
    """The form on an answer that is sent to ``path``."""
    (form,) = [
        form
        for form in forms_on(response.content.decode(), response.request["PATH_INFO"])
        if form.action == path
    ]
    return form


def new_customer(browser):
    """The form of a new customer, filled in but not sent yet."""
    path = reverse("customer-new")
    form = form_to(browser.get(path), path)
    form.values |= {
        "name": "天津“格致”<科技>有限公司",
        "contact-name": "王芳",
        "phone": "022-81234567",
        "remark": "line one\r\nline two & more",
    }
    return path, form.values


def sent_on(browser, response, path, values):
    """Send what the answer kept; it is what was typed."""
    kept = form_to(response, path).values
    typed = {name: text for name, text in values.items() if name != "csrfmiddlewaretoken"}
    assert {name: kept[name] for name in typed} == typed
    done = browser.post(path, kept, headers=HERE)
    assert done.status_code == 302, done.content.decode()
    saved = Customer.objects.get(name="天津“格致”<科技>有限公司")
    assert saved.remark.splitlines() == ["line one", "line two & more"]


def test_a_busy_archive_keeps_the_form(browser, monkeypatch):
    path, values = new_customer(browser)
    with monkeypatch.context() as patch:
        patch.setattr(
            "dossier.customers.screens.edit.customer_create",
            lambda **more: (_ for _ in ()).throw(OperationalError("lock timeout")),
        )
        response = browser.post(path, values, headers=HERE)
    assert response.status_code == 503
    sent_on(browser, response, path, values)


def test_a_database_lost_while_the_session_is_stored_keeps_the_form(browser, monkeypatch):
    path, values = new_customer(browser)
    with monkeypatch.context() as patch:
        patch.setattr(
            "django.contrib.sessions.models.Session.save",
            lambda *given, **more: (_ for _ in ()).throw(OperationalError("the database is gone")),
        )
        response = browser.post(path, values, headers=HERE)
    assert response.status_code == 503
    sent_on(browser, response, path, values)  # taken once, though it was sent twice


def test_a_session_ended_meanwhile_does_not_spoil_what_was_done(browser, monkeypatch):
    path, values = new_customer(browser)
    with monkeypatch.context() as patch:
        patch.setattr(
            "dossier.customers.screens.edit.customer_create",
            after(customer_create, lambda: Session.objects.all().delete()),
        )
        response = browser.post(path, values, headers=HERE)
    assert response.status_code == 302
    assert Customer.objects.filter(name="天津“格致”<科技>有限公司").count() == 1
    assert browser.get(response["Location"])["Location"].startswith(reverse("sign-in"))


def after(service, then):
    """The service, and something that happens right after it."""

    def both(**given):
        done = service(**given)
        then()
        return done

    return both


def test_a_fault_of_the_program_keeps_the_form(browser, monkeypatch):
    path, values = new_customer(browser)
    with monkeypatch.context() as patch:
        patch.setattr(
            "dossier.customers.screens.edit.customer_create",
            lambda **more: (_ for _ in ()).throw(ZeroDivisionError()),
        )
        response = browser.post(path, values, headers=HERE)
    assert response.status_code == 500
    sent_on(browser, response, path, values)


def test_a_fault_that_keeps_the_page_from_being_made_still_gets_an_answer(browser, monkeypatch):
    def fails(*given, **more):
        raise OperationalError("the database is gone")

    path, values = new_customer(browser)
    monkeypatch.setattr("dossier.customers.screens.edit.customer_create", lambda **more: 1 / 0)
    monkeypatch.setattr("dossier.core.screens.again.render", fails)
    response = browser.post(path, values, headers=HERE)
    assert response.status_code == 500
    assert "系统出错了" in response.content.decode()


def test_an_expired_page_keeps_the_form_if_it_is_ours(browser):
    path, values = new_customer(browser)
    stale = values | {"csrfmiddlewaretoken": "x" * 64}
    response = browser.post(path, stale, headers=HERE)
    assert response.status_code == 403
    sent_on(browser, response, path, values)


@pytest.mark.parametrize(
    "origin", [{}, {"Origin": "https://elsewhere.example"}, {"Origin": "null"}]
)
def test_what_another_site_sends_is_never_offered(browser, origin):
    path, values = new_customer(browser)
    response = browser.post(path, values | {"csrfmiddlewaretoken": "x" * 64}, headers=origin)
    assert response.status_code == 403
    assert "格致" not in response.content.decode()
    assert not Customer.objects.exists()


def test_an_ended_session_keeps_the_form_through_the_sign_in(browser, seller):
    path, values = new_customer(browser)
    SignInSession.objects.all().delete()
    browser.session.flush()
    signing = browser.post(path, values, headers=HERE)
    assert signing.status_code == 401
    page = reverse("sign-in")
    assert not Customer.objects.exists()
    for password, status in (("wrong", 422), (PASSWORD, 200)):
        form = form_to(signing, page).values | {"login": seller.login, "password": password}
        signing = browser.post(page, form, headers=HERE)
        assert signing.status_code == status
    sent_on(browser, signing, path, values)


def test_an_edit_kept_is_still_checked_for_what_others_changed_meanwhile(browser, seller):
    customer = make_customer("试件有限公司", owner=seller.employee)
    path = reverse("customer-edit", args=[customer.pk])
    form = form_to(browser.get(path), path)
    values = form.values | {"website": "http://mine.example"}
    Customer.objects.filter(pk=customer.pk).update(website="http://theirs.example", version=9)
    response = browser.post(path, values | {"csrfmiddlewaretoken": "x"}, headers=HERE)
    again = browser.post(path, form_to(response, path).values, headers=HERE)
    assert again.status_code == 409
    assert "http://theirs.example" in again.content.decode()
    customer.refresh_from_db()
    assert customer.website == "http://theirs.example"


def test_a_form_with_a_file_is_not_kept_as_if_it_were_whole(browser):
    file = SimpleUploadedFile("客户.csv", "名称\nFILECANARY".encode())
    form = {"kind": "customers", "file": file, "remark": "TYPEDCANARY"}
    response = browser.post(reverse("imports"), form, headers=HERE)
    assert response.status_code == 403
    assert "TYPEDCANARY" not in response.content.decode()


def test_a_button_called_again_is_no_password(browser):
    form = {"again": "1", "sheet": "SHEETCANARY"}
    response = browser.post(reverse("import-columns", args=[1]), form, headers=HERE)
    assert response.status_code == 403
    assert "SHEETCANARY" in response.content.decode()


def test_what_was_typed_outlives_a_password_that_must_be_changed_first(browser, seller):
    path, values = new_customer(browser)
    SignInSession.objects.all().delete()
    browser.session.flush()
    seller.must_change_password = True
    seller.save()
    signing = browser.post(path, values, headers=HERE)
    page = reverse("sign-in")
    signing = browser.post(
        page,
        form_to(signing, page).values | {"login": seller.login, "password": PASSWORD},
        headers=HERE,
    )
    change = reverse("password-change")
    for again in ("not the same", "Gezhi-2026-tianjin"):
        form = form_to(signing, change).values
        form |= {"old": PASSWORD, "new": "Gezhi-2026-tianjin", "again": again}
        signing = browser.post(change, form, headers=HERE)
    sent_on(browser, signing, path, values)


def test_a_database_lost_before_the_page_is_busy_and_offers_nothing_foreign(browser, monkeypatch):
    path, values = new_customer(browser)
    bad = values | {"csrfmiddlewaretoken": "x" * 64, "remark": "FOREIGNCANARY"}
    with monkeypatch.context() as patch:
        patch.setattr(
            "dossier.people.middleware.may_sign_in",
            lambda account: (_ for _ in ()).throw(OperationalError("starting")),
        )
        foreign = browser.post(path, bad, headers={"Origin": "https://elsewhere.example"})
        assert "FOREIGNCANARY" not in foreign.content.decode()
        response = browser.post(path, values, headers=HERE)
    assert (foreign.status_code, response.status_code) == (503, 503)
    sent_on(browser, response, path, values)


def test_passwords_are_never_kept(seller):
    anonymous = Client(headers={"accept-language": "en"})
    secrets = {"old": "SECRETCANARY", "new": "SECRETCANARY", "again": "SECRETCANARY"}
    response = anonymous.post(reverse("password-change"), secrets)
    assert response.status_code == 302
    strict = Client(enforce_csrf_checks=True)
    response = strict.post(
        reverse("sign-in"), {"login": "a", "password": "SECRETCANARY"}, headers=HERE
    )
    assert response.status_code == 403
    assert "SECRETCANARY" not in response.content.decode()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        '["/customers/new", 3]',
        '["/customers/new", [["name"]]]',
        '["/customers/new", [["name", 3]]]',
        '["/customers/new", []]',
        '["https://elsewhere.example/", [["name", "x"]]]',
        '["//elsewhere.example/", [["name", "x"]]]',
        '["javascript:alert(1)", [["name", "x"]]]',
        '["/sign-in/", [["password", "x"]]]',
        "[" * 100_000,
        json.dumps(["/customers/new", [["name", "x" * 1_500_000]]]),
    ],
)
def test_odd_things_carried_by_the_sign_in_page_are_dropped(text):
    assert kept_from(text) is None

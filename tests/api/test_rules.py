"""The API refuses what the pages refuse, shows what they show, and nothing of others (SECURITY E 1-10)."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from django.apps import apps
from django.test import Client
from django.urls import reverse

from dossier.catalog.fields import PRODUCT_FIELDS
from dossier.core.api.document import described
from dossier.core.api.routes import all_routes
from dossier.core.fields import Surface
from dossier.core.models import HistoryEntry, Unmasking
from dossier.customers.fields import BANK_ACCOUNT_FIELDS, CONTACT_FIELDS, CUSTOMER_FIELDS
from dossier.customers.models import BankAccount, Contact, Customer, CustomerAlias
from dossier.customers.tests.pages import form_values
from dossier.people.fields import EMPLOYEE
from dossier.people.models import Territory
from dossier.sales.fields import LINE_FIELDS, ORDER_FIELDS
from dossier.sales.models import SalesOrder
from tests.api.callers import ROOT, Api, api_for, token_for
from tests.factories import (
    client_for,
    make_account,
    make_customer,
    make_family,
    make_order,
    make_product,
    make_team,
)
from tests.permissions.test_two_salespeople import TEXTS, world  # noqa: F401 - a fixture

pytestmark = pytest.mark.django_db


@pytest.fixture
def seller():
    return make_account(roles=["salesperson"], team=make_team())


@pytest.fixture
def keeper():
    roles = ["system_administrator", "customer_information_administrator", "general_manager"]
    return make_account(roles=roles, team=make_team())


def operations():
    """Every operation: method, path, its entry in the document."""
    return [
        (method, path.removeprefix(ROOT), entry)
        for path, methods in described("en")["paths"].items()
        for method, entry in methods.items()
    ]


# Guards ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path"), [(m, p) for m, p, _e in operations()], ids=lambda part: str(part)
)
def test_every_operation_asks_for_a_token_its_scope_and_a_right(method, path, request):
    address = path.replace("{id}", "1")
    plain = Client(headers={"accept-language": "en"})
    assert getattr(plain, method)(f"{ROOT}{address}").status_code == 401
    nobody = make_account()
    word = "products:read" if path.startswith(("/reg", "/ind")) else "reference:read"
    assert api_for(nobody, word).call(method, address, {}).status_code == 403
    answer = api_for(nobody).call(method, address, {})
    reference = path.startswith(("/regions", "/industries"))
    assert answer.status_code == (403 if not reference else answer.status_code)


def test_every_operation_names_the_right_it_needs():
    for routes in all_routes():
        for operation in routes.operations:
            if operation.of.word != "reference":
                assert operation.needs, operation.name


# Nothing of others --------------------------------------------------------------------------------------


def assert_silent(response, path):
    answer = response.content.decode() + str(dict(response.headers))
    for text in TEXTS:
        assert text not in answer.replace(path, ""), (path, text)


def test_no_answer_holds_anything_of_another_salespersons_records(world):  # noqa: F811 - the fixture
    mine, _foreign, ids = world
    api = api_for(mine)
    entries = HistoryEntry.objects.exclude(table_name="people_apitoken").count()
    for method, path, entry in operations():
        keys = sorted(ids) if "{id}" in path else [0]
        if path.startswith(("/regions", "/industries", "/reports/")):
            keys = ["sales"]
        body = None
        sent = entry.get("requestBody")
        if sent:
            body = sent["content"]["application/json"]["example"]
        for key in keys:
            address = path.replace("{id}", str(key))
            if method == "get":
                assert_silent(api.get(address), address)
            elif "{id}" in path:
                if own_row(mine, path, key):
                    continue
                response = api.call(method, address, body)
                assert_silent(response, address)
                assert response.status_code in (403, 404, 422), (method, address, body)
    assert HistoryEntry.objects.exclude(table_name="people_apitoken").count() == entries


def own_row(account, path, key):
    """Whether the salesperson may act on this row."""
    kind = path.split("/")[1]
    owned = {
        "customers": Customer.objects.filter(owner=account.employee),
        "contacts": Contact.objects.filter(customer__owner=account.employee),
        "bank-accounts": BankAccount.objects.filter(customer__owner=account.employee),
        "orders": SalesOrder.objects.filter(salesperson=account.employee),
    }
    return kind in owned and owned[kind].filter(pk=key).exists()


def test_searching_and_filtering_find_nothing_of_others(world):  # noqa: F811 - the fixture
    mine, foreign, _ids = world
    api = api_for(mine)
    for query in (
        "q=CANARY1",
        "q=夜莺",
        "q=13812345678",
        "code=CANARY1",
        f"owner={foreign.owner_id}",
        "sort=-code",
    ):
        response = api.get(f"/customers?{query}")
        assert response.status_code == 200
        assert foreign.pk not in [one["id"] for one in response.json()["items"]]
    assert api.get("/orders?q=夜莺").json()["items"] == []
    assert api.get(f"/orders?customer={foreign.pk}").json()["items"] == []
    assert api.get(f"/contacts?customer={foreign.pk}").json()["items"] == []


def test_a_head_office_outside_the_reach_does_not_exist(seller):
    head = make_customer("夜莺集团")
    branch = make_customer(owner=seller.employee, head_office=head)
    api = api_for(seller)
    assert api.get(f"/customers/{branch.pk}").json()["head_office"] is None
    listed = api.get("/customers?fields=head_office").json()["items"]
    assert listed == [{"id": branch.pk, "head_office": None}]
    assert api.get(f"/customers?head_office={head.pk}").json()["items"] == []


def test_keys_of_records_outside_the_reach_are_refused_in_every_body(seller):
    other = make_account(roles=["salesperson"], team=make_team())
    foreign = make_customer(owner=other.employee)
    mine = make_customer(owner=seller.employee)
    product = make_product()
    api = api_for(seller)
    line = {"product": product.pk, "quantity": "1", "unit_price": "10"}
    order = {"customer": foreign.pk, "ordered_on": "2026-01-05", "lines": [line]}
    attempts = [
        ("post", "/orders", order),
        ("post", "/orders", order | {"customer": mine.pk, "salesperson": other.employee_id}),
        ("post", "/orders", order | {"customer": mine.pk, "lines": [line | {"product": 999}]}),
        ("patch", f"/customers/{mine.pk}", {"version": 1, "head_office": foreign.pk}),
        ("patch", f"/customers/{mine.pk}", {"version": 1, "owner": other.employee_id}),
        ("patch", f"/customers/{foreign.pk}", {"version": 1, "remark": "x"}),
        ("post", f"/customers/{foreign.pk}/contacts", {"name": "x"}),
        ("post", f"/customers/{foreign.pk}/bank-accounts", {"bank": "x"}),
    ]
    entries = HistoryEntry.objects.exclude(table_name="people_apitoken").count()
    for method, path, body in attempts:
        response = api.call(method, path, body)
        assert response.status_code in (400, 403, 404, 422), (path, response.content)
        assert foreign.name not in response.content.decode()
    assert HistoryEntry.objects.exclude(table_name="people_apitoken").count() == entries


# Mass assignment -----------------------------------------------------------------------------------------


def test_no_column_can_be_set_that_the_form_does_not_offer(keeper):
    columns = {
        field.attname
        for model in apps.get_models()
        if model.__module__.startswith("dossier.")
        for field in model._meta.concrete_fields
    } | {"is_superuser", "is_staff", "total", "profit", "line_count"}
    api = api_for(keeper)
    for method, path, entry in operations():
        sent = entry.get("requestBody")
        if not sent:
            continue
        schema = sent["content"]["application/json"]["schema"]
        if "$ref" in schema:
            schema = described("en")["components"]["schemas"][schema["$ref"].split("/")[-1]]
        offered = set(schema["properties"])
        example = sent["content"]["application/json"]["example"]
        extra = dict.fromkeys(columns - offered, 1)
        response = api.call(method, path.replace("{id}", "1"), example | extra)
        assert response.status_code == 422, path
        refused = {e["field"] for e in response.json()["errors"] if e["code"] == "extra_forbidden"}
        assert refused >= set(extra), (path, set(extra) - refused)


# The same rules as on the pages ---------------------------------------------------------------------------


def test_amounts_are_worked_out_and_never_taken(seller):
    mine, product = make_customer(owner=seller.employee), make_product(cost=Decimal("6"))
    line = {"product": product.pk, "quantity": "3", "unit_price": "10.00", "discount_factor": "0.9"}
    body = {"customer": mine.pk, "ordered_on": "2026-01-05", "lines": [line]}
    api = api_for(seller)
    made = api.post("/orders", body)
    assert made.status_code == 201, made.content
    assert Decimal(made.json()["total"]) == Decimal("27")
    assert "cost" not in made.json()["lines"][0]  # a salesperson sees no cost …
    refused = api.post("/orders", body | {"lines": [line | {"cost": "0"}]})
    assert refused.status_code == 403  # … and sets none
    assert refused.json()["errors"][0]["field"] == "lines.0.cost"
    assert api.post("/orders", body | {"lines": [line | {"amount": "1"}]}).status_code == 422


def test_cost_is_hidden_from_whoever_may_not_see_it(seller, keeper):
    product = make_product(cost=Decimal("4711"))
    api = api_for(seller)
    assert "4711" not in api.get("/products").content.decode()
    assert "4711" not in api.get(f"/products/{product.pk}").content.decode()
    assert api.get("/products?fields=cost").status_code == 403
    assert api.get("/products?sort=cost").status_code == 403
    assert api.get("/reports/sales?measures=profit").status_code == 403
    assert api_for(keeper).get(f"/products/{product.pk}").json()["cost"] == "4711.0000"


def test_covered_values_are_covered_and_uncovering_is_recorded(seller, keeper):
    mine = make_customer(owner=seller.employee)
    contact = Contact.objects.create(
        customer=mine, name="李", mobile="13812345678", birthday="1980-01-02"
    )
    own = api_for(seller).get(f"/contacts/{contact.pk}").json()
    assert (own["mobile"], own["covered"]) == ("13812345678", [])
    api = api_for(keeper)
    other = api.get(f"/contacts/{contact.pk}").json()
    assert other["mobile"] == "138••••5678"
    assert set(other["covered"]) == {"mobile", "birthday"}
    assert "1980" not in str(other)
    assert "12345678" not in api.get("/contacts?fields=mobile").content.decode()
    refused = api.patch(
        f"/contacts/{contact.pk}", {"version": other["version"], "mobile": other["mobile"]}
    )
    assert refused.status_code == 422
    assert refused.json()["code"] == "covered"
    asked = api.post(f"/contacts/{contact.pk}/reveal", {"field": "mobile", "reason": "call"})
    assert asked.status_code == 200
    assert asked.json()["value"] == "13812345678"
    assert Unmasking.objects.get().field == "mobile"
    stale = api.patch(f"/contacts/{contact.pk}", {"version": 99, "post": "x"})
    assert stale.status_code == 409
    assert "13812345678" not in stale.content.decode()


def test_the_same_refusal_as_on_the_page_in_the_callers_language(seller):
    body = {"name": "无电话", "contacts": [{"name": "王"}]}
    said = {}
    for language in ("en", "zh-hans"):
        response = api_for(seller, language=language).post("/customers", body)
        assert response.status_code == 422
        assert response.headers["Content-Type"] == "application/problem+json"
        problem = response.json()
        assert problem["status"] == 422
        assert problem["errors"][0]["field"] == "phone"
        assert problem["errors"][0]["code"] == "missing"
        said[language] = problem["detail"]
    assert said["en"].startswith("A customer needs at least one telephone number")
    assert "电话" in said["zh-hans"]
    client, url = client_for(seller), reverse("customer-new")
    form = client.post(url, form_values(client, url) | {"name": "无电话", "contact-name": "王"})
    assert "A customer needs at least one telephone number" in form.content.decode()


def test_without_a_stated_language_it_is_the_persons(seller):
    seller.language = "zh-hans"
    seller.save(update_fields=["language"])
    client = Client(headers={"authorization": f"Bearer {token_for(seller)}"})
    assert client.get(f"{ROOT}/customers/999").json()["title"] == "不存在"
    seller.language = "en"
    seller.save(update_fields=["language"])
    assert client.get(f"{ROOT}/customers/999").json()["title"] == "Not there"


def test_misshapen_values_are_told_by_field(seller):
    answer = api_for(seller).post(
        "/customers",
        {
            "name": "x" * 99,
            "founded_on": "2026-02-30",
            "credit_limit": 5,
            "grade": "Z",
            "contacts": 1,
        },
    )
    assert answer.status_code == 422
    codes = {one["field"]: one["code"] for one in answer.json()["errors"]}
    assert codes == {
        "name": "string_too_long",
        "founded_on": "day_form",
        "credit_limit": "string_type",
        "grade": "choice_form",
        "contacts": "list_type",
    }


@pytest.mark.parametrize(
    "query",
    [
        "owner__password__startswith=a",
        "_connector=OR",
        "sort=password",
        "fields=password",
        "fields=owner__account__password",
        "limit=201",
        "limit=1_0",
        "after=AAAA",
        "after=WyJuYW1lIiwicyIsImEiLDk5OTk5OTk5OTk5OTk5OTk5OTk5OTldXQ",
        "owner=1%20OR%201=1",
        "owner=99999999999999999999",
        "q=%00",
        "filed_on_from=2026-02-30",
        "grade=Z",
        "unassigned=1",
    ],
)
def test_what_is_no_parameter_here_is_refused(query, seller):
    answer = api_for(seller).get(f"/customers?{query}")
    assert answer.status_code == 400, query
    assert answer.json()["errors"][0]["field"]


def test_bodies_that_are_no_json_or_too_large_are_refused(seller):
    api = api_for(seller)
    for body in (b"{", b"\xff", b'{"name": "\\ud800"}', b'{"a": NaN}'):
        answer = api.client.post(f"{ROOT}/customers", body, content_type="application/json")
        assert answer.status_code == 400, body
    big = b'{"name": "' + b"x" * (1024 * 1024) + b'"}'
    answer = api.client.post(f"{ROOT}/customers", big, content_type="application/json")
    assert answer.status_code == 413
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_what_there_is_not_is_answered_as_a_problem(seller):
    api = api_for(seller)
    for path in ("/nothing", "/customers/0", "/customers/x", "/customers/999999999999999999999"):
        answer = api.get(path)
        assert answer.status_code == 404
        assert answer.headers["Content-Type"] == "application/problem+json"
    answer = api.call("delete", "/customers")
    assert answer.status_code == 405
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "POST"}
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_every_field_of_the_lists_is_read_and_what_is_on_the_form_is_sent():
    schemas = described("en")["components"]["schemas"]
    for name, specs, bodies in (
        ("Customer", CUSTOMER_FIELDS, ("CustomerNew", "CustomerChange")),
        ("Contact", CONTACT_FIELDS, ("CustomerContact", "ContactChange")),
        ("BankAccount", BANK_ACCOUNT_FIELDS, ("CustomerBankAccount", "BankAccountChange")),
        ("Employee", EMPLOYEE, ("EmployeeNew", "EmployeeChange")),
        ("Product", PRODUCT_FIELDS, ("ProductNew", "ProductChange")),
        ("Order", ORDER_FIELDS, ("OrderNew", "OrderChange")),
        ("OrderLine", LINE_FIELDS, ()),
    ):
        shown = (
            schemas["Order"]["properties"]["lines"]["items"]
            if name == "OrderLine"
            else schemas[name]
        )
        assert {spec.name for spec in specs} <= set(shown["properties"])
        for sent in bodies:
            form = {spec.name for spec in specs if spec.on(Surface.FORM)}
            assert form <= set(schemas[sent]["properties"]), sent


def test_a_former_code_finds_the_customer_once(seller):
    customer = make_customer(owner=seller.employee)
    for code in ("OLD1", "OLD2"):
        CustomerAlias.objects.create(code=code, customer=customer)
    for code in (customer.code, "OLD1"):
        found = api_for(seller).get(f"/customers?code={code}").json()["items"]
        assert [one["id"] for one in found] == [customer.pk]


# Departments -----------------------------------------------------------------------------------------------


def test_an_administrator_does_through_the_api_what_the_pages_let_him(keeper):
    api: Api = api_for(keeper)
    team = api.post("/teams", {"name": "华北"}).json()
    made = api.post(
        "/employees", {"number": "N1", "name": "张", "team": team["id"], "hired_on": "2026-01-05"}
    )
    assert made.status_code == 201, made.content
    person = made.json()
    assert person["team"] == {"id": team["id"], "name": "华北"}
    changed = api.patch(f"/teams/{team['id']}", {"version": 1, "leader": person["id"]})
    assert changed.json()["leader"]["number"] == "N1"
    place = api.post("/territories", {"name": "鲁", "regions": ["370000"], "teams": [team["id"]]})
    assert place.json()["regions"] == ["370000"]
    assert api.call("delete", f"/territories/{place.json()['id']}").status_code == 204
    assert not Territory.objects.exists()
    left = api.post(f"/employees/{person['id']}/leave", {"version": 1, "left_on": "2026-02-01"})
    assert left.json()["status"] == "left", left.content
    role = api.post("/roles", {"name": "自定", "grants": {"people.team.view": "all"}}).json()
    assert role["grants"] == {"people.team.view": "all"}
    wrong = api.post("/roles", {"name": "另", "grants": {"people.team.fly": "all"}})
    assert wrong.json()["code"] == "unknown_permission"
    family = api.post("/product-families", {"name": "系列"}).json()
    product = api.post(
        "/products", {"code": "X-1", "family": family["id"], "list_price": "12.50"}
    ).json()
    assert product["list_price"] == "12.5000"
    off = api.post(f"/products/{product['id']}/discontinue", {"version": product["version"]})
    assert off.json()["status"] == "discontinued"
    one, two = (api.post("/categories", {"name": name}).json() for name in ("甲类", "乙类"))
    customer = api.post(
        "/customers",
        {
            "name": "客户",
            "category_node": one["id"],
            "region": "370600",
            "contacts": [{"name": "王", "mobile": "13800001111", "not_applicable": ["email"]}],
            "bank_accounts": [{"bank": "工商银行", "number": "6222000011112222"}],
            "not_applicable": ["fax"],
        },
    ).json()
    assert customer["not_applicable"] == ["fax"]
    assert customer["region"]["id"] == "370600"
    moved = api.post(f"/categories/{one['id']}/move-customers", {"to": two["id"], "reason": "r"})
    assert moved.json() == {"moved": 1}
    now = api.get(f"/customers/{customer['id']}").json()
    assert now["category_node"]["id"] == two["id"]
    gone = api.post(
        f"/customers/{customer['id']}/archive", {"version": now["version"], "reason": "over"}
    )
    assert gone.json()["archive_reason"] == "over"


def test_a_report_gives_the_figures_of_the_page_and_is_put_on_record(seller):
    from dossier.core.models import Export

    mine, other = make_customer(owner=seller.employee), make_customer()
    make_order(mine, lines=[{"amount": Decimal("40")}])
    make_order(other, lines=[{"amount": Decimal("98765.43")}])
    answer = api_for(seller).get("/reports/sales?by=customer&measures=revenue").json()
    assert answer["totals"] == {"revenue": "40.00"}
    assert [row["key"] for row in answer["rows"]] == [[mine.code]]
    assert Export.objects.get().login == seller.login
    assert api_for(seller).get("/reports/sales?by=nothing").status_code == 422
    assert make_family()  # nothing else is needed


def test_examples_of_the_document_fit_their_own_schemas():
    import jsonschema_rs

    document = described("en")
    for methods in document["paths"].values():
        for entry in methods.values():
            answers = [
                answer["content"]["application/json"]
                for answer in entry["responses"].values()
                if "application/json" in answer.get("content", {})
            ]
            sent = entry.get("requestBody")
            for content in answers + ([sent["content"]["application/json"]] if sent else []):
                schema = dict(content["schema"]) | {"components": document["components"]}
                jsonschema_rs.validate(schema, content["example"])


def test_the_document_speaks_both_languages_and_is_open():
    english = Client().get(f"{ROOT}/openapi.json").json()
    chinese = Client(headers={"accept-language": "zh-hans"}).get(f"{ROOT}/openapi.json").json()
    at = "/api/v1/customers"
    assert english["paths"][at]["get"]["summary"] == "List customers"
    assert chinese["paths"][at]["get"]["summary"] != "List customers"
    title = chinese["components"]["schemas"]["Customer"]["properties"]["name"]["title"]
    assert title == "客户名称"
    for language in ("en", "zh-hans"):
        page = Client(headers={"accept-language": language}).get(f"{ROOT}/docs")
        assert page.status_code == 200
        assert json.dumps("/api/v1/orders/{id}/void").strip('"') in page.content.decode()

"""A user lists, opens, enters, edits, discontinues and looks up products (ORD-1)."""

from decimal import Decimal

import pytest
from django.urls import reverse

from dossier.catalog import services
from dossier.catalog.fields import PRODUCT_FIELDS, UNLISTED
from dossier.catalog.models import Product, ProductFamily
from dossier.catalog.states import ProductStatus
from dossier.core.errors import NotAllowed, NotFound, Refusal, Stale
from tests.factories import (
    actor_of_role,
    client_for,
    make_account,
    make_employee,
    make_family,
    make_product,
)

pytestmark = pytest.mark.django_db
CANARY = "7391.4682"


def keeper():
    return make_account(roles=["customer_information_administrator"])


def seller():
    return make_account(roles=["salesperson"])


def test_every_column_is_decided():
    columns = {field.name for field in Product._meta.concrete_fields}
    assert columns == {spec.name for spec in PRODUCT_FIELDS} | set(UNLISTED)
    for spec in PRODUCT_FIELDS:
        assert spec.surfaces.isdisjoint(spec.off)


def test_list_and_detail_show_cost_to_those_who_may_see_it():
    product = make_product(
        "P-1",
        name="激光切割机",
        cost=Decimal(CANARY),
        list_price=Decimal("9000"),
    )
    for account, sees in ((keeper(), True), (seller(), False)):
        client = client_for(account)
        for page in (
            client.get(reverse("products")),
            client.get(reverse("product", args=[product.pk])),
            client.get(reverse("products"), {"sort": "list_price"}),
            client.get(reverse("lookup", args=["product"]), {"q": "激光"}),
        ):
            assert page.status_code == 200
            text = page.content.decode().replace(",", "")
            assert "激光切割机" in text or "\\u6fc0" in text
            assert (CANARY in text) is sees
    assert client_for(seller()).get(reverse("products"), {"sort": "cost"}).status_code == 400
    assert client_for(seller()).get(reverse("products"), {"columns": "cost"}).status_code == 400


def test_search_by_pinyin_and_pieces():
    client = client_for(keeper())
    actor = actor_of_role("customer_information_administrator")
    services.product_create(
        actor=actor,
        values={"code": "jg-01", "name": "激光切割机", "specification": "3000W", "currency": "CNY"},
    )
    services.product_create(
        actor=actor, values={"code": "sk-02", "name": "数控车床", "currency": "CNY"}
    )
    for words in ("jgqg", "jiguang", "3000 激光", "JG-01", "３０００"):
        text = client.get(reverse("products"), {"q": words}).content.decode()
        assert "激光切割机" in text and "数控车床" not in text, words


def test_enter_once_even_when_sent_twice():
    client = client_for(keeper())
    form = client.get(reverse("product-new"))
    token = form.context["once_token"]
    family = make_family("机床")
    data = {
        "code": " Ａ100 ",
        "name": "铣床",
        "list_price": "￥1.2万",
        "cost": "8,000",
        "currency": "CNY",
        "tax_rate": "13%",
        "status": "on_sale",
        "family": str(family.pk),
        "product_class": "A",
        "once_token": token,
    }
    first, second = (
        client.post(reverse("product-new"), data),
        client.post(reverse("product-new"), data),
    )
    product = Product.objects.get()
    assert first.status_code == second.status_code == 302
    assert first.url == second.url == reverse("product", args=[product.pk])
    assert (product.code, product.list_price, product.tax_rate, product.family) == (
        "A100",
        Decimal("12000"),
        Decimal("0.13"),
        family,
    )
    page = client.get(first.url).content.decode()
    assert "13%" in page and "机床" in page


def test_a_new_family_is_made_once():
    client = client_for(keeper())
    for code in ("A1", "A2"):
        client.post(
            reverse("product-new"),
            {
                "code": code,
                "currency": "CNY",
                "status": "on_sale",
                "new_family": "刀具" if code == "A1" else " 刀具 ",
                "once_token": code,
            },
        )
    family = ProductFamily.objects.get()
    assert family.products.count() == 2


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("code", ""),
        ("code", "x" * 51),
        ("code", "a\x00b"),
        ("list_price", "NaN"),
        ("list_price", "1e18"),
        ("list_price", "-5"),
        ("list_price", "1.23456"),
        ("cost", "-1"),
        ("cost", "inf"),
        ("tax_rate", "13"),
        ("tax_rate", "-1%"),
        ("currency", "XXX"),
        ("family", "999999"),
        ("family", "1 OR 1=1"),
        ("status", "gone"),
        ("product_class", "Z"),
        ("name", "x" * 201),
        ("safety_stock", "-2"),
        ("name", "bell\x07"),
    ],
)
def test_bad_input_is_named_and_changes_nothing(field, value):
    client = client_for(keeper())
    data = {
        "code": "A1",
        "name": "{{ 7*7 }}",
        "currency": "CNY",
        "status": "on_sale",
        "once_token": "t1",
    } | {field: value}
    answer = client.post(reverse("product-new"), data)
    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert not Product.objects.exists()
    if field != "name":
        assert "{{ 7*7 }}" in answer.content.decode().replace("&#x27;", "'")


def test_code_taken():
    make_product("A1")
    answer = client_for(keeper()).post(
        reverse("product-new"),
        {"code": "A1", "currency": "CNY", "status": "on_sale", "once_token": "t2"},
    )
    assert answer.status_code == 422 and "code" in answer.context["form"].errors


def test_edit_and_stale_edit():
    product = make_product("A1", name="old", cost=Decimal(5))
    client = client_for(keeper())
    url = reverse("product-edit", args=[product.pk])
    data = {
        "code": "A1",
        "name": "new",
        "cost": "6",
        "currency": "CNY",
        "status": "on_sale",
        "version": "1",
    }
    assert client.post(url, data).status_code == 302
    product.refresh_from_db()
    assert (product.name, product.cost, product.version) == ("new", Decimal(6), 2)
    stale = client.post(url, data | {"name": "mine", "cost": "9"})
    assert stale.status_code == 409
    text = stale.content.decode()
    assert "mine" in text and "new" in text
    product.refresh_from_db()
    assert product.name == "new"
    assert client.post(url, data | {"name": "mine", "version": "2"}).status_code == 302


def test_who_may_not_see_cost_keeps_it_when_editing():
    product = make_product("A1", cost=Decimal(CANARY))
    client = client_for(make_account(roles=["sales_clerk"]))
    url = reverse("product-edit", args=[product.pk])
    assert CANARY not in client.get(url).content.decode()
    client.post(
        url,
        {
            "code": "A1",
            "name": "x",
            "cost": "1",
            "currency": "CNY",
            "status": "on_sale",
            "version": "1",
        },
    )
    product.refresh_from_db()
    assert (product.name, product.cost) == ("x", Decimal(CANARY))
    with pytest.raises(NotAllowed):
        services.product_update(
            actor=actor_of_role("sales_clerk"),
            product_id=product.pk,
            expected_version=2,
            values={"cost": Decimal(1)},
        )


def test_discontinue_and_resume():
    product = make_product("A1")
    client = client_for(keeper())
    url = f"{reverse('product-discontinue', args=[product.pk])}?version=1"
    assert client.post(url).status_code == 302
    product.refresh_from_db()
    assert product.status == ProductStatus.DISCONTINUED
    assert client.get(reverse("lookup", args=["product"])).json() == {"results": []}
    assert (
        client.post(f"{reverse('product-resume', args=[product.pk])}?version=1").status_code == 400
    )  # stale
    assert (
        client.post(f"{reverse('product-resume', args=[product.pk])}?version=2").status_code == 302
    )
    assert client.get(url).status_code == 405


def test_rights():
    product = make_product("A1")
    reader = client_for(seller())
    assert reader.get(reverse("product-new")).status_code == 403
    assert reader.post(reverse("product-new"), {"code": "X"}).status_code == 403
    assert reader.post(reverse("product-edit", args=[product.pk]), {"code": "X"}).status_code == 403
    assert (
        reader.post(reverse("product-discontinue", args=[product.pk]) + "?version=1").status_code
        == 403
    )
    nobody = client_for(make_account(roles=["system_administrator"]))
    for name, args in (("products", []), ("product", [product.pk]), ("product-edit", [product.pk])):
        assert nobody.get(reverse(name, args=args)).status_code == 403
    assert nobody.get(reverse("lookup", args=["product"])).status_code == 403
    assert Product.objects.get().code == "A1"


def test_bad_address():
    client = client_for(keeper())
    assert client.get("/products/999999999999999999999999").status_code == 404
    assert client.get("/products/0x1").status_code == 404
    for query in ("sort=owner__password", "family=1'", "status=x", "after=zz", "sort=-cost;drop"):
        assert client.get(f"/products/?{query}").status_code == 400, query
    assert client.post("/products/").status_code == 405


def test_services_refuse_outsiders_and_stale_versions():
    product = make_product("A1")
    outsider = actor_of_role("system_administrator")
    with pytest.raises(NotFound):
        services.product_update(
            actor=outsider, product_id=product.pk, expected_version=1, values={"name": "x"}
        )
    with pytest.raises(NotAllowed):
        services.product_create(actor=outsider, values={"code": "B"})
    keeper_actor = actor_of_role("customer_information_administrator")
    with pytest.raises(Stale):
        services.product_update(
            actor=keeper_actor, product_id=product.pk, expected_version=7, values={"name": "x"}
        )
    with pytest.raises(Refusal):
        services.product_create(actor=keeper_actor, values={"code": "B", "owner__password": "x"})
    assert make_employee()  # the transaction is still sound

"""A stale edit of a product shows before, theirs and mine in words, and saves what is chosen (law 4)."""

from decimal import Decimal

import pytest
from django.urls import reverse

from dossier.catalog.models import Product, ProductFamily
from dossier.people.models import Role, RoleGrant
from tests.factories import client_for, make_account, make_family, make_product
from tests.forms import conflict_lines, form_values, odd_bases, shown_values

pytestmark = pytest.mark.django_db
CANARY = "7391.4682"


def keeper():
    return client_for(make_account(roles=["customer_information_administrator"]))


def opened(**values):
    """A product, a client with its form open, what the form sends."""
    product = make_product("A1", name="车床", tax_rate=Decimal("0.13"), **values)
    client, url = keeper(), reverse("product-edit", args=[product.pk])
    return product, client, url, form_values(client, url)


def test_three_versions_with_names_and_labels_and_the_choice_is_saved():
    first, second, third = (make_family(name) for name in ("甲系", "乙系", "丙系"))
    product, client, url, values = opened(family=first, list_price=Decimal("1200.5"))
    theirs = {
        "family": str(second.pk),
        "status": "discontinued",
        "tax_rate": "9%",
        "list_price": "1300",
        "currency": "USD",
        "unit": "台",
    }
    assert client.post(url, values | theirs).status_code == 302
    mine = {"family": str(third.pk), "tax_rate": "0.06", "list_price": "1,400", "remark": "看这里"}
    response = client.post(url, values | mine)
    assert response.status_code == 409
    assert conflict_lines(response) == {
        "Product family": ("甲系", "乙系", "丙系"),
        "Status": ("On sale", "Discontinued", "On sale"),
        "Tax rate": ("13%", "9%", "6%"),
        "List price": ("1,200.50", "1,300.00", "1,400.00"),
        "Currency": ("CNY Renminbi", "USD US dollar", "CNY Renminbi"),
        "Unit": ("", "台", ""),
    }
    assert response.context["conflict_at"]
    anew = shown_values(response)
    assert (anew["remark"], anew["unit"], anew["list_price"]) == ("看这里", "台", "1,400")
    assert client.post(url, anew | {"choose_family": "theirs"}).status_code == 302
    product.refresh_from_db()
    assert (product.family, product.status, product.tax_rate) == (
        second,
        "discontinued",
        Decimal("0.06"),
    )
    assert (product.list_price, product.currency, product.unit, product.remark) == (
        Decimal(1400),
        "USD",
        "台",
        "看这里",
    )


def test_a_family_named_anew_is_kept_and_can_be_given_up():
    first, second = make_family("甲系"), make_family("乙系")
    product, client, url, values = opened(family=first)
    assert client.post(url, values | {"family": str(second.pk)}).status_code == 302
    response = client.post(url, values | {"new_family": "丁系"})
    assert conflict_lines(response) == {"Product family": ("甲系", "乙系", "丁系")}
    anew = shown_values(response)
    assert not ProductFamily.objects.filter(name="丁系").exists()
    assert client.post(url, anew | {"choose_family": "theirs"}).status_code == 302
    product.refresh_from_db()
    assert product.family == second
    assert not ProductFamily.objects.filter(name="丁系").exists()


def test_a_family_named_anew_stays_when_it_is_chosen():
    first, second = make_family("甲系"), make_family("乙系")
    product, client, url, values = opened(family=first)
    assert client.post(url, values | {"family": str(second.pk)}).status_code == 302
    anew = shown_values(client.post(url, values | {"new_family": "丁系"}))
    assert client.post(url, anew | {"choose_family": "mine"}).status_code == 302
    product.refresh_from_db()
    assert product.family.name == "丁系"


def test_who_may_not_see_cost_is_told_of_a_change_without_it():
    product = make_product("A1", name="车床", cost=Decimal(5))
    url = reverse("product-edit", args=[product.pk])
    account = make_account(roles=["salesperson"])
    role = Role.objects.create(name="editor")
    for action in ("view", "change"):
        RoleGrant.objects.create(role=role, kind="catalog.product", action=action, scope="all")
    account.roles.add(role)
    client = client_for(account)
    values = form_values(client, url)
    assert "cost" not in values
    mine = form_values(keeper(), url) | {"cost": CANARY}
    assert keeper().post(url, mine).status_code == 302
    response = client.post(url, values | {"name": "mine"})
    assert response.status_code == 409
    assert conflict_lines(response) == {"Other fields": ("", "changed", "")}
    altered = values | {"base": '{"cost": "1", "name": "x"}', "choose_cost": "theirs"}
    for again in (response, client.post(url, altered | {"name": "mine"})):
        assert CANARY not in again.content.decode()
    assert client.post(url, shown_values(response)).status_code == 302
    product.refresh_from_db()
    assert (product.name, product.cost) == ("mine", Decimal(CANARY))


def test_an_altered_base_breaks_nothing():
    product, client, url, values = opened()
    assert client.post(url, values | {"name": "theirs"}).status_code == 302
    for base in odd_bases(values["base"]):
        answer = client.post(url, values | {"base": base, "name": "mine", "choose_name": "mine"})
        assert answer.status_code in (409, 422), base[:80]
    assert Product.objects.get(pk=product.pk).name == "theirs"

"""The tree of customer categories in the settings (CUS-4, SYS-4)."""

from __future__ import annotations

import pytest
from django.urls import reverse

from dossier.core.errors import NotAllowed, NotFound, Refusal, Stale
from dossier.core.history.reading import changes
from dossier.customers.models import Customer, CustomerCategory
from dossier.customers.rules.categories import below, clean_code, suggest_code
from dossier.customers.selectors import category_tree, customer_rows, same_category
from dossier.customers.services import (
    category_close,
    category_create,
    category_delete,
    category_move_customers,
    category_reopen,
    category_update,
    customer_create,
    customer_update,
)
from dossier.customers.tests.pages import body, form_values
from dossier.customers.tests.test_import_columns import bring
from dossier.people.models import Role, RoleGrant
from tests.factories import (
    actor_for,
    actor_of_role,
    client_for,
    make_account,
    make_customer,
    make_team,
)
from tests.imports import found


@pytest.fixture
def keeper(db):
    return actor_of_role("customer_information_administrator")


def refused(run, **more):
    with pytest.raises(Refusal) as caught:
        run(**more)
    return caught.value.code


def make(actor, name, code="", parent=None):
    return category_create(actor=actor, name=name, code=code, parent=parent)


# Rules ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("parent", "siblings", "taken", "code"),
    [
        ("", [], [], "01"),
        ("", ["01", "02"], ["01", "02"], "03"),
        ("", ["A", "B"], ["A", "B"], "C"),
        ("01", [], ["01"], "0101"),
        ("01", ["0101", "0107"], ["01", "0101", "0107"], "0108"),
        ("01", ["01001"], ["01", "01001"], "01002"),
        ("01", ["X9"], ["01", "X9"], "0101"),
        ("01", [], ["01", "0101"], "0102"),  # another branch has it
        ("", ["01", "99"], ["01", "99"], "02"),
        ("A" * 20, [], ["A" * 20], ""),
    ],
)
def test_the_next_code_follows_the_other_children(parent, siblings, taken, code):
    assert suggest_code(parent, siblings, set(taken)) == code


def test_a_code_is_half_width_upper_case_without_blanks():
    assert clean_code(" a-01.b ") == "A-01.B"
    assert clean_code("ａ０１") == "A01"
    assert clean_code("a b") == "" == clean_code("x" * 21) == clean_code("a/b")


def test_below_holds_the_node_itself_and_its_whole_branch():
    assert below(1, {1: None, 2: 1, 3: 2, 4: None}) == {1, 2, 3}


# Entering and editing ---------------------------------------------------------------------------------


def test_a_category_without_code_gets_the_next_below_its_parent(keeper):
    top = make(keeper, "经销")
    assert top.code == "01"
    assert make(keeper, "华东", parent=top).code == "0101"
    assert make(keeper, "华北", parent=top).code == "0102"
    assert make(keeper, "直销").code == "02"


def test_codes_and_names_stand_once(keeper):
    top = make(keeper, "经销", "A1")
    assert refused(make, actor=keeper, name="x", code="a1") == "code_taken"
    assert refused(make, actor=keeper, name="经销") == "name_taken"
    assert make(keeper, "经销", parent=top).parent == top  # the same name elsewhere
    assert refused(make, actor=keeper, name="x", code="a b") == "bad_code"
    assert refused(make, actor=keeper, name=" ") == "missing"


def test_a_submission_makes_one_category(keeper):
    key = "c" * 32
    first = category_create(actor=keeper, name="经销", submission=key)
    assert category_create(actor=keeper, name="经销", submission=key).pk == first.pk
    assert CustomerCategory.objects.count() == 1


def test_a_branch_is_moved_but_never_below_itself(keeper):
    top = make(keeper, "经销")
    child = make(keeper, "华东", parent=top)
    deep = make(keeper, "上海", parent=child)

    def move(row, parent):
        return category_update(
            actor=keeper, category_id=row.pk, expected_version=None, changes={"parent": parent}
        )

    assert refused(move, row=top, parent=deep) == "cycle"
    assert refused(move, row=top, parent=top) == "cycle"
    assert move(child, None).parent is None
    assert move(top, deep).parent == deep


def test_a_stale_edit_is_told_what_stands_now(keeper):
    row = make(keeper, "经销")
    seen = row.version
    category_update(
        actor=keeper, category_id=row.pk, expected_version=seen, changes={"name": "分销"}
    )
    with pytest.raises(Stale) as caught:
        category_update(
            actor=keeper, category_id=row.pk, expected_version=seen, changes={"name": "代理"}
        )
    assert caught.value.params["theirs"]["name"] == "分销"
    assert CustomerCategory.objects.get().name == "分销"


# Out of use -------------------------------------------------------------------------------------------


def test_a_retired_category_is_not_given_any_more_but_kept_by_those_that_have_it(keeper):
    row, other = make(keeper, "经销"), make(keeper, "直销")
    customer = make_customer(category_node=row)
    category_close(actor=keeper, category_id=row.pk, reason="x")

    def edit(pk, **values):
        return customer_update(actor=keeper, customer_id=pk, expected_version=None, changes=values)

    edit(customer.pk, name="renamed", category_node=row.code)
    customer.refresh_from_db()
    assert (customer.name, customer.category_node) == ("renamed", row)
    stranger = make_customer(category_node=other)
    assert refused(edit, pk=stranger.pk, category_node=row.code) == "category_closed"
    people = [{"name": "Ann", "mobile": "13800001234"}]
    with pytest.raises(Refusal) as caught:
        customer_create(
            actor=keeper, data={"name": "n", "category_node": row.code}, contacts=people
        )
    assert (caught.value.code, caught.value.field) == ("category_closed", "category_node")
    category_reopen(actor=keeper, category_id=row.pk, reason="x")
    assert edit(stranger.pk, category_node=row.code).category_node == row


def test_a_sheet_does_not_bring_customers_into_a_retired_category(keeper):
    closed = make(keeper, "经销", "07")
    category_close(actor=keeper, category_id=closed.pk, reason="x")
    result = bring({"客户分类编码": "07"})
    assert found(result, "unknown_category", "category_code") == [2]
    assert Customer.objects.get().category_node is None


def test_a_parent_is_retired_last_and_taken_up_first(keeper):
    top = make(keeper, "经销")
    child = make(keeper, "华东", parent=top)
    assert refused(category_close, actor=keeper, category_id=top.pk, reason="x") == "has_parts"
    category_close(actor=keeper, category_id=child.pk, reason="x")
    category_close(actor=keeper, category_id=top.pk, reason="x")
    assert (
        refused(category_reopen, actor=keeper, category_id=child.pk, reason="x")
        == "category_closed"
    )
    assert refused(make, actor=keeper, name="new", parent=top) == "category_closed"
    assert refused(category_close, actor=keeper, category_id=top.pk, reason=" ") == "missing"


def test_only_an_unused_category_is_removed(keeper):
    top = make(keeper, "经销")
    child = make(keeper, "华东", parent=top)
    customer = make_customer(category_node=child)
    assert refused(category_delete, actor=keeper, category_id=top.pk) == "has_parts"
    assert refused(category_delete, actor=keeper, category_id=child.pk) == "in_use"
    Customer.objects.filter(pk=customer.pk).update(category_node=None)
    category_delete(actor=keeper, category_id=child.pk)
    category_delete(actor=keeper, category_id=top.pk)
    assert not CustomerCategory.objects.exists()
    with pytest.raises(NotFound):
        category_delete(actor=keeper, category_id=top.pk)


# Customers moved --------------------------------------------------------------------------------------


def test_all_customers_move_in_one_step(keeper):
    old, new, bystander = make(keeper, "经销"), make(keeper, "直销"), make(keeper, "电商")
    moved = [make_customer(category_node=old) for _one in range(2)]
    moved.append(make_customer(category_node=old, status="archived"))
    stays = make_customer(category_node=bystander)
    count = category_move_customers(
        actor=keeper, category_id=old.pk, to=new, reason="合并渠道", close=True, expected_count=3
    )
    assert count == 3
    assert set(Customer.objects.filter(category_node=new)) == set(moved)
    stays.refresh_from_db()
    assert stays.category_node == bystander
    old.refresh_from_db()
    assert not old.is_active
    assert all(Customer.objects.get(pk=one.pk).version == 2 for one in moved)


def test_moving_is_refused_where_it_is_not_what_was_shown(keeper):
    old, new, closed = make(keeper, "经销"), make(keeper, "直销"), make(keeper, "电商")
    make_customer(category_node=old)
    category_close(actor=keeper, category_id=closed.pk, reason="x")

    def move(to, **more):
        return category_move_customers(actor=keeper, category_id=old.pk, to=to, reason="x", **more)

    assert refused(move, to=new, expected_count=2) == "count_changed"
    assert refused(move, to=old) == "same"
    assert refused(move, to=None) == "missing"
    assert refused(move, to=closed) == "category_closed"
    assert Customer.objects.get().category_node == old


def test_nobody_moves_customers_that_are_not_theirs_to_edit(keeper):
    """The right to the tree is not the right to every file (ORG-4)."""
    old, new = make(keeper, "经销"), make(keeper, "直销")
    leader = make_account(roles=["team_leader"], team=make_team())
    RoleGrant.objects.create(
        role=Role.objects.get(key="team_leader"), kind="customers.category", action="change",
        scope="all",
    )  # fmt: skip
    make_customer(owner=leader.employee, category_node=old)
    make_customer(category_node=old)
    for actor in (actor_for(leader), actor_of_role("system_administrator")):
        with pytest.raises(NotAllowed):
            category_move_customers(actor=actor, category_id=old.pk, to=new, reason="x")
    assert Customer.objects.filter(category_node=old).count() == 2


@pytest.mark.parametrize("role", ["salesperson", "general_manager", "auditor"])
def test_others_change_nothing_in_the_tree(role, keeper):
    row, actor = make(keeper, "经销"), actor_of_role(role)
    whys = {"actor": actor, "category_id": row.pk}
    for run in (
        lambda: make(actor, "new"),
        lambda: category_update(**whys, expected_version=None, changes={"name": "n"}),
        lambda: category_close(**whys, reason="x"),
        lambda: category_reopen(**whys, reason="x"),
        lambda: category_move_customers(**whys, to=row, reason="x"),
        lambda: category_delete(**whys),
        lambda: category_tree(actor),
    ):
        with pytest.raises(NotAllowed):
            run()


# Counting and finding ---------------------------------------------------------------------------------


def test_counts_and_the_filter_follow_the_tree_not_the_letters_of_the_code(keeper):
    top = make(keeper, "经销", "A")
    child = make(keeper, "华东", "ZZ", parent=top)
    lookalike = make(keeper, "奥企", "AB")
    here, under = make_customer(category_node=top), make_customer(category_node=child)
    make_customer(category_node=lookalike)
    counts = {branch.row.code: (branch.own, branch.total) for branch in category_tree(keeper)}
    assert counts == {"A": (1, 2), "ZZ": (1, 1), "AB": (1, 1)}
    assert set(same_category(customer_rows(keeper), top)) == {here, under}


def test_the_tree_counts_what_the_reader_may_see(keeper):
    row = make(keeper, "经销")
    make_customer(category_node=row)
    assert category_tree(actor_of_role("system_administrator"))[0].own == 0
    assert category_tree(keeper)[0].own == 1


# Pages ------------------------------------------------------------------------------------------------


def test_a_walk_through_the_settings_page(keeper):
    client = client_for(make_account(roles=["customer_information_administrator"]))
    listing = reverse("categories")
    assert "No categories yet" in body(client.get(listing))
    new = reverse("category-new")
    client.post(new, form_values(client, new) | {"name": "经销", "code": "D"})
    top = CustomerCategory.objects.get()
    page = client.get(f"{new}?category_node=D")
    assert page.context["form"]["code"].value() == "D01"
    client.post(new, form_values(client, f"{new}?category_node=D") | {"name": "华东"})
    child = CustomerCategory.objects.get(parent=top)
    assert child.code == "D01"
    customer = make_customer(category_node=child)
    text = body(client.get(listing))
    assert "华东" in text and f"{reverse('customers')}?category_node=D" in text
    assert customer.name in body(client.get(f"{reverse('customers')}?category_node=D"))

    url = reverse("category", args=[child.pk])
    answer = client.post(url, form_values(client, url) | {"name": "华东区", "parent": ""})
    assert answer.status_code == 302
    child.refresh_from_db()
    assert (child.name, child.parent) == ("华东区", None)

    other = make(keeper, "直销", "Z")
    url = reverse("category-move", args=[child.pk])
    page = body(client.get(url))
    assert "customer within your reach has this category" in page
    values = form_values(client, url)
    assert client.post(url, values | {"to": "Z", "reason": ""}).status_code == 422
    assert client.post(url, values | {"to": "Z", "reason": "merged"}).status_code == 302
    customer.refresh_from_db()
    child.refresh_from_db()
    assert customer.category_node == other and not child.is_active

    url = reverse("category-reopen", args=[child.pk])
    assert client.post(url, {"version": child.version, "reason": "again"}).status_code == 302
    child.refresh_from_db()
    url = reverse("category-close", args=[child.pk])
    assert client.post(url, {"version": child.version, "reason": ""}).status_code == 422
    assert client.post(url, {"version": child.version, "reason": "no"}).status_code == 302
    child.refresh_from_db()
    client.post(reverse("category-remove", args=[child.pk]), {"version": child.version})
    assert not CustomerCategory.objects.filter(pk=child.pk).exists()


def test_a_category_with_others_in_use_below_is_emptied_but_not_retired_on_the_way(keeper):
    client = client_for(make_account(roles=["customer_information_administrator"]))
    top, other = make(keeper, "经销", "D"), make(keeper, "直销", "Z")
    make(keeper, "华东", parent=top)
    customer = make_customer(category_node=top)
    url = reverse("category-move", args=[top.pk])
    values = form_values(client, url)
    assert "close" not in values
    assert client.post(url, values | {"to": "Z", "reason": "x"}).status_code == 302
    customer.refresh_from_db()
    top.refresh_from_db()
    assert customer.category_node == other and top.is_active


def test_a_stale_form_shows_both_versions_and_saves_nothing(keeper):
    client = client_for(make_account(roles=["customer_information_administrator"]))
    row = make(keeper, "经销")
    url = reverse("category", args=[row.pk])
    values = form_values(client, url)
    category_update(
        actor=keeper, category_id=row.pk, expected_version=None, changes={"name": "分销"}
    )
    answer = client.post(url, values | {"name": "代理"})
    assert answer.status_code == 409
    assert "分销" in body(answer) and "代理" in body(answer)
    assert CustomerCategory.objects.get().name == "分销"
    values["version"] = str(answer.context["version"])
    assert client.post(url, values | {"name": "代理"}).status_code == 302


def test_a_new_customer_gets_the_category_one_stands_on(keeper):
    make(keeper, "经销", "D")
    closed = make(keeper, "直销", "Z")
    client = client_for(make_account(roles=["salesperson"]))
    page = body(client.get(f"{reverse('customers')}?category_node=D"))
    assert f"{reverse('customer-new')}?category_node=D" in page
    form = client.get(f"{reverse('customer-new')}?category_node=D").context["form"]
    assert form["category_node"].value() == "D"
    category_close(actor=keeper, category_id=closed.pk, reason="x")
    form = client.get(f"{reverse('customer-new')}?category_node=Z").context["form"]
    assert not form["category_node"].value()
    offered = client.get("/lookup/category?q=").json()["results"]
    assert [one["code"] for one in offered] == ["D"]


def test_choosing_a_parent_brings_the_next_code(keeper):
    make(keeper, "经销", "D")
    client = client_for(make_account(roles=["customer_information_administrator"]))
    offered = client.get("/lookup/category-parent?q=D").json()["results"]
    assert offered[0]["fill"] == {"code": "D01"}
    assert client_for(make_account(roles=["salesperson"])).get(
        "/lookup/category-parent?q=D"
    ).status_code == 403  # fmt: skip


@pytest.mark.parametrize("role", ["salesperson", "sales_manager", "general_manager"])
def test_others_are_shown_the_refusal_page(role, keeper):
    row = make(keeper, "经销")
    client = client_for(make_account(roles=[role]))
    for name, arguments in (
        ("categories", []),
        ("category-new", []),
        *((f"category{end}", [row.pk]) for end in ("", "-move", "-close", "-reopen")),
    ):
        assert client.get(reverse(name, args=arguments)).status_code == 403, name
    assert client.post(reverse("category-remove", args=[row.pk])).status_code == 403
    assert reverse("categories") not in body(client.get(reverse("customers")))


@pytest.mark.slow
def test_what_was_done_and_why_is_in_the_history(committed_db):
    actor = actor_of_role("customer_information_administrator")
    old, new = make(actor, "经销"), make(actor, "直销")
    moved = [make_customer(category_node=old) for _one in range(2)]
    category_move_customers(actor=actor, category_id=old.pk, to=new, reason="合并渠道", close=True)
    entries = [changes(one)[-1] for one in (*moved, old)]
    assert {entry.why for entry in entries} == {"合并渠道"}
    assert [entry.after for entry in entries] == [
        {"category_node_id": new.pk},
        {"category_node_id": new.pk},
        {"is_active": False},
    ]

"""Two salespeople of different teams: each sees only theirs, on every address there is (ORG-4).

A word that stands nowhere but in the other's records is looked for in every answer.
"""

from __future__ import annotations

from decimal import Decimal

import pytest

from dossier.core.models import Export, ImportRun
from dossier.customers.models import BankAccount, Contact, Question
from tests.factories import (
    client_for,
    make_account,
    make_customer,
    make_order,
    make_product,
    make_team,
)
from tests.permissions.addresses import addresses

pytestmark = pytest.mark.django_db

CANARY = "夜莺"  # in the other's customer, contact, remark, bank, order
AMOUNT = Decimal("98765.43")


@pytest.fixture
def world():
    """My account with one customer and order of mine, and a foreign customer full of canaries."""
    mine = make_account(roles=["salesperson"], team=make_team("one"))
    theirs = make_account(roles=["salesperson"], team=make_team("two"))
    product = make_product("COMMON")
    own = make_customer("自己的客户", owner=mine.employee)
    make_order(
        own, lines=[{"product": product, "amount": Decimal("10.00"), "unit_price": Decimal("10")}]
    )
    foreign = make_customer(
        f"{CANARY}机械有限公司",
        owner=theirs.employee,
        short_name=f"{CANARY}机械",
        remark=f"{CANARY}备注",
        contact=f"{CANARY}联系人",
        tax_number=f"{CANARY}税号",
        address=f"{CANARY}路",
        code="CANARY1",
        search_text=f"canary1 {CANARY}机械有限公司 yeying yy",
    )
    contact = Contact.objects.create(customer=foreign, name=f"{CANARY}二", mobile="13812345678")
    account = BankAccount.objects.create(
        customer=foreign, bank=f"{CANARY}银行", number="6222000011112222"
    )
    question = Question.objects.create(
        customer=foreign, field="filed_on", given=f"{CANARY}日期", code="impossible_date"
    )
    order = make_order(
        foreign,
        number=f"{CANARY}-1",
        remark=CANARY,
        lines=[
            {
                "product": product,
                "amount": AMOUNT,
                "unit_price": AMOUNT,
                "product_text": f"{CANARY}产品",
            }
        ],
    )
    run = ImportRun.objects.create(
        kind="customers",
        file_name=f"{CANARY}.xlsx",
        file_sha256="0" * 64,
        started_by=theirs.login,
        started_by_id=theirs.pk,
        status="checked",
        result={"problems": [{"message": CANARY}]},
    )
    export = Export.objects.create(
        kind="reports.report",
        title="Sales and profit",
        file_name=f"{CANARY}.xlsx",
        file_format="xlsx",
        rows=1,
        size=1,
        sha256="0" * 64,
        login=theirs.login,
        account_id=theirs.pk,
    )
    rows = [
        foreign,
        contact,
        account,
        question,
        order,
        *order.lines.all(),
        run,
        export,
        theirs.employee,
        theirs,
    ]
    return mine, foreign, {row.pk for row in rows}


TEXTS = (CANARY, "CANARY1", "98,765.43", "98765.43", "6222000011112222", "13812345678")


def assert_silent(response, path):
    """No canary in the body, the headers or the address redirected to."""
    body = b"".join(response.streaming_content) if response.streaming else response.content
    answer = body.decode("utf-8", "replace") + str(dict(response.headers))
    # The address itself is the asker's own text and may be shown again.
    for asked in (path, path.split("?q=")[-1]):
        answer = answer.replace(asked, "")
    for text in TEXTS:
        assert text not in answer, f"{path}: {text!r}"


@pytest.mark.parametrize("address", addresses(), ids=lambda address: address.route or "/")
def test_no_answer_holds_anything_of_the_others(address, world):
    mine, _foreign, ids = world
    client = client_for(mine)
    candidates = [{}]
    for name, converter in address.arguments:
        values = (
            sorted(ids)
            if converter == "int"
            else ["customer", "customers_customer", "CANARY1", "name"]
        )
        candidates = [{**known, name: value} for known in candidates for value in values]
    for values in candidates[:400]:
        path = address.path(values)
        for method in (client.get, client.post):
            response = method(path)
            assert response.status_code != 500, path
            assert_silent(response, path)


@pytest.mark.parametrize(
    "q", [CANARY, "CANARY1", "yeying", "yy", "机械", "13812345678", "5678", "98765"]
)
def test_searching_finds_nothing_of_the_others(q, world):
    mine, _foreign, _ids = world
    client = client_for(mine)
    from django.urls import NoReverseMatch, reverse

    for name in ("search", "search-suggest", "customers", "orders", "order-lines", "questions"):
        try:
            path = f"{reverse(name)}?q="
        except NoReverseMatch:
            continue
        response = client.get(path + q)
        assert response.status_code == 200, path
        answer = response.content.decode().replace(q, "")
        for text in (CANARY, "CANARY1", "98,765.43"):
            assert text.replace(q, "") == "" or text not in answer, f"{path}{q}"
    for key in ("customer", "employee", "product", "team"):
        response = client.get(f"/lookup/{key}?q={q}")
        if response.status_code == 200:
            assert CANARY not in response.content.decode()
    assert client.get("/lookup/customer/name?code=CANARY1").content == b""


def test_the_report_holds_only_ones_own_lines(world):
    mine, _foreign, _ids = world
    from django.urls import reverse

    for split in ("by1=customer", "by1=month&by2=customer", "by1=salesperson&by2=product"):
        response = client_for(mine).get(
            f"{reverse('report', args=['sales'])}?{split}&from=2000-01-01"
        )
        answer = response.content.decode()
        assert response.status_code == 200
        assert "98,765.43" not in answer and CANARY not in answer
        if "customer" in split:  # the split is really made: one's own customer stands there
            assert "自己的客户" in answer


def test_colleague_sees_his_own():
    """The canary test would pass on empty pages: the owner does see the record."""
    account = make_account(roles=["salesperson"], team=make_team())
    customer = make_customer(f"{CANARY}有限公司", owner=account.employee)
    client = client_for(account)
    assert CANARY in client.get(f"/customers/{customer.pk}/").content.decode()
    assert CANARY in client.get("/customers/").content.decode()

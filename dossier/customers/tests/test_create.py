"""Opening a customer's file by the service: rules of CUS-1, CUS-2, CUS-4, CUS-5, CUS-7."""

from __future__ import annotations

from decimal import Decimal

import pytest

from dossier.core.errors import NotAllowed, Refusal, Refusals
from dossier.customers.models import Customer, CustomerAlias
from dossier.customers.services import customer_create, customer_update
from tests.factories import actor_of_role, make_customer, make_employee, make_team

pytestmark = pytest.mark.django_db(transaction=False)

WANG = {"name": "王芳", "mobile": "13800001234", "post": "采购经理"}


@pytest.fixture
def seller():
    return actor_of_role("salesperson", team=make_team())


def create(actor, contacts=(WANG,), accounts=(), none=(), submission=None, **data):
    data.setdefault("name", "天津格致科技有限公司")
    return customer_create(
        actor=actor,
        data=data,
        contacts=list(contacts),
        bank_accounts=list(accounts),
        not_applicable=list(none),
        submission=submission,
    )


def fields_refused(refusal: Refusal) -> set[str | None]:
    return {one.field for one in (refusal.refusals if isinstance(refusal, Refusals) else [refusal])}


def test_the_next_code_the_owner_and_derived_columns(seller):
    one = create(seller, phone="０１０－７８９２２６５８")
    two = create(seller, name="Next Ltd", contacts=[{"name": "Ann", "phone": "022-81234567"}])
    assert (one.code, two.code) == ("000001", "000002")
    assert one.owner_id == seller.employee_id
    assert one.phone == "010-78922658"
    assert (one.main_contact, one.main_phone) == ("王芳", "010-78922658")
    assert two.main_phone == "022-81234567"
    assert one.invoice_name == one.name
    assert "tjgz" in one.search_text
    assert "13800001234" not in one.search_text
    assert one.filed_on is not None
    assert one.contacts.get().is_main


def test_everything_that_is_missing_is_said_at_once(seller):
    with pytest.raises(Refusals) as caught:
        create(seller, contacts=[], name="无", email="")
    assert fields_refused(caught.value) == {"name", "contact", "phone"}
    assert not Customer.objects.exists()


@pytest.mark.parametrize("word", ["无", "暂无", "N/A", "-", "/", ""])
def test_none_is_no_contact_and_no_telephone(seller, word):
    with pytest.raises(Refusals) as caught:
        create(seller, contacts=[{"name": word, "mobile": word}], phone=word)
    assert fields_refused(caught.value) == {"contact", "phone"}


def test_none_answers_an_optional_field(seller):
    one = create(seller, fax="无", website="暂无", none=["email", "name", "phone", "code"])
    assert one.not_applicable == ["email", "fax", "website"]
    assert (one.fax, one.website) == ("", "")


def test_names_are_measured_in_half_widths(seller):
    assert create(seller, name="中" * 49).pk
    with pytest.raises(Refusal) as caught:
        create(seller, name="中" * 50)
    assert (caught.value.field, caught.value.code) == ("name", "too_long")
    with pytest.raises(Refusal) as caught:
        create(seller, short_name="中" * 31)
    assert caught.value.field == "short_name"


def test_typed_codes_move_the_scheme_on_and_are_never_given_twice(seller):
    assert create(seller, code="ａ１２").code == "A12"
    assert create(seller, code="000077").code == "000077"
    assert create(seller).code == "000078"
    with pytest.raises(Refusal) as caught:
        create(seller, code="000077")
    assert (caught.value.code, caught.value.field) == ("duplicate_code", "code")
    assert "天津格致" in caught.value.message
    CustomerAlias.objects.create(code="OLD1", customer=Customer.objects.get(code="A12"))
    with pytest.raises(Refusal) as caught:
        create(seller, code="old1")
    assert caught.value.code == "duplicate_code"


def test_a_foreign_customers_code_is_refused_without_its_name(seller):
    make_customer("秘密客户", code="SECRET1", owner=make_employee())
    with pytest.raises(Refusal) as caught:
        create(seller, code="SECRET1")
    assert "秘密" not in caught.value.message


@pytest.mark.parametrize("code", ["a b", "编码", "x-1", "'; DROP TABLE x"])
def test_a_code_of_another_shape_is_refused(seller, code):
    with pytest.raises(Refusal) as caught:
        create(seller, code=code)
    assert (caught.value.code, caught.value.field) == ("bad_code", "code")


def test_doubtful_values_are_kept_and_asked_about(seller):
    one = create(
        seller,
        tax_number="91110108MA01ABCD1X",
        phone="12",
        email="a@b@c",
        contacts=[{"name": "Ann", "mobile": "1380000123"}],
    )
    assert one.tax_number == "91110108MA01ABCD1X"
    asked = {(q.field, q.code, q.given) for q in one.questions.all()}
    assert ("tax_number", "check_digit", "91110108MA01ABCD1X") in asked
    assert ("phone", "bad_phone", "12") in asked
    assert ("mobile", "bad_mobile", "1380000123") in asked
    assert ("company_email", "bad_email", "a@b@c") in asked


def test_the_region_is_read_from_the_address(seller):
    assert create(seller, address="山东省烟台市莱阳市龙门路1号").region_id == "370682"
    assert create(seller, address="somewhere").region_id is None
    assert create(seller, address="山东省烟台市", region="110000").region_id == "110000"


def test_codes_typed_for_references_become_records(seller):
    one = create(seller, industry="I65", region="37", owner=str(seller.employee_id) and None)
    assert (one.industry_id, one.region_id) == ("I65", "370000")
    with pytest.raises(Refusal) as caught:
        create(seller, industry="ZZZ999")
    assert caught.value.field == "industry"


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("registered_capital", "-1", "negative"),
        ("registered_capital", "NaN", "bad_number"),
        ("registered_capital", Decimal("NaN"), "bad_number"),
        ("registered_capital", "1e18", None),
        ("registered_capital", Decimal("1e18"), "too_large"),
        ("registered_capital", "1.234", "too_many_places"),
        ("employee_count", "-5", None),
        ("employee_count", 3_000_000_000, "bad_count"),
        ("founded_on", "2023-02-30", "impossible_date"),
        ("founded_on", "soon", "bad_date"),
        ("grade", "Z", "bad_choice"),
        ("address", "x" * 301, "too_long"),
        ("code", "1" * 21, "too_long"),
        ("remark", "bell \x07", "control"),
        ("owner", 999_999, "unknown"),
    ],
)
def test_values_that_cannot_be_are_refused(seller, field, value, code):
    with pytest.raises(Refusal) as caught:
        create(seller, **{field: value})
    assert caught.value.field == field
    assert code is None or caught.value.code == code
    assert not Customer.objects.exists()


def test_full_width_digits_are_read(seller):
    one = create(
        seller,
        registered_capital="１，２００．５０",
        employee_count="５０",
        founded_on="２０２３年５月６日",
    )
    assert (one.registered_capital, one.employee_count, str(one.founded_on)) == (
        Decimal("1200.50"),
        50,
        "2023-05-06",
    )


@pytest.mark.parametrize(
    "text",
    [
        "'; DROP TABLE customers_customer; --",
        "{{ 7*7 }}{% debug %}",
        "<script>alert(1)</script>",
        "100%_\\",
    ],
)
def test_fragments_of_code_stay_text(seller, text):
    one = create(seller, remark=text, name=text[:40])
    one.refresh_from_db()
    assert (one.remark, one.name) == (text, text[:40])


def test_a_field_that_is_not_to_be_written_is_never_taken(seller):
    for name in (
        "status",
        "kind",
        "version",
        "search_text",
        "archived_at",
        "is_superuser",
        "owner__password",
    ):
        with pytest.raises(TypeError):
            create(seller, **{name: "x"})


def test_the_same_submission_twice_makes_one_file(seller):
    key = "0" * 32
    assert create(seller, submission=key).pk == create(seller, submission=key).pk
    assert Customer.objects.count() == 1


def test_a_role_that_may_not_enter_customers_is_refused():
    reader = actor_of_role("finance")
    with pytest.raises(NotAllowed):
        create(reader)
    assert not Customer.objects.exists()


def test_owners_must_be_in_post_and_within_reach(seller):
    gone = make_employee(status="left")
    with pytest.raises(Refusal) as caught:
        create(seller, owner=gone)
    assert caught.value.code == "not_in_post"
    with pytest.raises(Refusal) as caught:
        create(seller, owner=make_employee())
    assert (caught.value.code, caught.value.field) == ("not_allowed", "owner")


def test_a_head_office_is_the_topmost_one_and_ones_own_to_see(seller):
    head = create(seller, name="总公司")
    branch = create(seller, name="分公司", head_office=head.code)
    assert branch.head_office_id == head.pk
    with pytest.raises(Refusal) as caught:
        create(seller, name="孙公司", head_office=branch)
    assert caught.value.code == "not_topmost"
    with pytest.raises(Refusal) as caught:
        customer_update(
            actor=seller, customer_id=head.pk, expected_version=1, changes={"head_office": head}
        )
    assert caught.value.code == "own_head_office"
    other = create(seller, name="别家")
    with pytest.raises(Refusal) as caught:
        customer_update(
            actor=seller, customer_id=head.pk, expected_version=1, changes={"head_office": other}
        )
    assert caught.value.code == "has_branches"
    foreign = make_customer("foreign", owner=make_employee())
    with pytest.raises(Refusal) as caught:
        create(seller, name="x y", head_office=foreign)
    assert (caught.value.code, caught.value.field) == ("unknown", "head_office")

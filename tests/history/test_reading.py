"""What happened to a record, and what it was (AUD-1, CUS-15)."""

import pytest

from dossier.core.access import system_actor
from dossier.core.history.reading import changes, state_at
from dossier.core.services import command
from dossier.customers.models import Contact
from tests.factories import make_customer

pytestmark = pytest.mark.django_db


def test_changes_of_a_record_include_its_parts_also_deleted_ones():
    with command(system_actor(), why="filed"):
        customer = make_customer("甲", contact="赵")
        gone = Contact.objects.create(customer=customer, name="钱")
    gone_id = str(gone.pk)
    gone.delete()
    customer.remark = "later"
    customer.save(update_fields=["remark"])
    found = changes(customer)
    assert [(c.table, c.op) for c in found] == [
        ("customers_customer", "I"),
        ("customers_contact", "I"),
        ("customers_contact", "I"),
        ("customers_contact", "D"),
        ("customers_customer", "U"),
    ]
    before = state_at(found[:3])
    assert before[("customers_contact", gone_id)]["name"] == "钱"
    assert before[("customers_customer", str(customer.pk))]["remark"] == ""
    after = state_at(found)
    assert ("customers_contact", gone_id) not in after
    assert after[("customers_customer", str(customer.pk))]["remark"] == "later"

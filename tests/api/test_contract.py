"""The API does what its OpenAPI document says, whatever is sent (SYS-3).

Schemathesis makes requests from the document, good and bad ones, and holds the answers against it: no fault
of the server, no status or media type that is not declared, no body that does not fit, no request without
token that passes, no misshapen one that is taken. Half of them name records that exist.
"""

from __future__ import annotations

import itertools

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, settings
from schemathesis.config import SchemathesisConfig

from dossier.core.api.rates import BUCKETS
from dossier.customers.models import BankAccount, CustomerCategory, Question
from dossier.people.models import Role, Territory
from tests.api.callers import token_for
from tests.factories import (
    make_account,
    make_customer,
    make_family,
    make_order,
    make_product,
    make_team,
)

# What is well-formed may still be refused by a rule of the business, which no schema can say.
_CONFIG = SchemathesisConfig.from_dict(
    {
        "checks": {"positive_data_acceptance": {"enabled": False}},
        "generation": {"max-examples": 4, "deterministic": True, "allow-x00": True},
        "phases": {"stateful": {"enabled": False}},
    }
)
_application = get_wsgi_application()


def application(environ, start_response):
    """The program as a server runs it, but inside the test's transaction, which a server would end."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    try:
        response = _application(environ, start_response)
        body = [b"".join(response)]
        response.close()
        return body
    finally:
        for signal in (request_started, request_finished):
            signal.connect(close_old_connections)


schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", application, config=_CONFIG)
_SHORT = settings(
    max_examples=4,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
ROLES = {
    "salesperson": ["salesperson"],
    "administrator": [
        "system_administrator",
        "customer_information_administrator",
        "general_manager",
    ],
}


@pytest.fixture
def world(db):
    """Tokens of a salesperson and an administrator of one team, and a record of each kind."""
    team = make_team()
    seller, keeper = (make_account(roles=roles, team=team) for roles in ROLES.values())
    customer = make_customer(owner=seller.employee)
    contact = customer.contacts.get()
    bank = BankAccount.objects.create(customer=customer, bank="工商银行", number="62220000")
    question = Question.objects.create(customer=customer, field="phone", code="bad_phone")
    order = make_order(customer)
    ids = {
        "customers": customer.pk,
        "contacts": contact.pk,
        "bank-accounts": bank.pk,
        "questions": question.pk,
        "categories": CustomerCategory.objects.create(code="01", name="一类").pk,
        "employees": seller.employee.pk,
        "teams": team.pk,
        "territories": Territory.objects.create(name="华东").pk,
        "roles": Role.objects.first().pk,
        "accounts": seller.pk,
        "products": make_product().pk,
        "product-families": make_family().pk,
        "orders": order.pk,
        "order-lines": order.lines.first().pk,
        "reports": "sales",
        "regions": "370600",
        "industries": "I65",
    }
    return [token_for(seller), token_for(keeper)], ids


_turn = itertools.count()


@schema.parametrize()
@_SHORT
def test_every_operation_keeps_to_the_document(case, world):
    tokens, ids = world
    BUCKETS.forget()
    turn = next(_turn)
    kind = case.operation.path.split("/")[3]
    if "id" in (case.path_parameters or {}) and turn % 4 < 3:
        case.path_parameters["id"] = ids[kind]
    token = tokens[turn % 2]
    case.call_and_validate(headers={"Authorization": f"Bearer {token}", "Accept-Language": "en"})

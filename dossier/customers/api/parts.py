"""What stands on a file several times: contacts, bank accounts, questions."""

from __future__ import annotations

from typing import Any

from django.db.models import Model
from django.utils.translation import gettext_lazy as _

from dossier.core.access import Actor
from dossier.core.api import kinds
from dossier.core.api.inputs import REQUIRED, Body, body, refuse_covered
from dossier.core.api.records import Narrow, Record, Shown, Sort, shown_fields
from dossier.core.api.routes import Call, Json
from dossier.customers.api.profiles import (
    ACCOUNT_PART,
    CONTACT_PART,
    CUSTOMERS,
    NONE,
    NONE_TITLE,
    VERSION,
    none_of,
)
from dossier.customers.fields import BANK_ACCOUNT_FIELDS, CONTACT_FIELDS
from dossier.customers.models import BankAccount, Contact, Customer, Question
from dossier.customers.questions import question_text
from dossier.customers.selectors import sees_plainly
from dossier.customers.services import (
    bank_account_add,
    bank_account_set_usual,
    bank_account_update,
    contact_add,
    contact_set_main,
    contact_update,
    question_answer,
    value_reveal,
)
from dossier.customers.states import AnswerSource, QuestionStatus
from dossier.people.api.shared import revealed

_OF = Shown("customer", ("customer_id",), lambda: kinds.integer(1), title=_("Customer"))
_BY_CUSTOMER = Narrow(
    "customer",
    kinds.ID_PARAMETER,
    lambda rows, value, actor: rows.filter(customer_id=value),
    _("Customer"),
)


def _reached(model: type[Model]) -> Any:
    """Rows of the customers the actor may see."""

    def rows(actor: Actor) -> Any:
        manager: Any = model._default_manager
        return manager.filter(customer__in=Customer.objects.for_user(actor))

    return rows


CONTACT = Record(
    name="Contact",
    rows=_reached(Contact),
    shown=[*shown_fields(Contact, CONTACT_FIELDS), _OF, none_of(CONTACT_FIELDS)],
    sorts={"id": Sort("id"), "name": Sort("name")},
    default_sort="id",
    filters=[_BY_CUSTOMER],
    plain="customer__owner_id",
)
BANK_ACCOUNT = Record(
    name="BankAccount",
    rows=_reached(BankAccount),
    shown=[*shown_fields(BankAccount, BANK_ACCOUNT_FIELDS), _OF],
    sorts={"id": Sort("id")},
    default_sort="id",
    filters=[_BY_CUSTOMER],
    plain="customer__owner_id",
)
CUSTOMERS.records(
    "/contacts", CONTACT, plural="contacts", summary=(_("List contacts"), _("Read a contact"))
)
CUSTOMERS.records(
    "/bank-accounts",
    BANK_ACCOUNT,
    plural="bank_accounts",
    summary=(_("List bank accounts"), _("Read a bank account")),
)


@CUSTOMERS.write(
    "POST", "/customers/{id}/contacts", summary=_("Add a contact"), needs="change",
    body=CONTACT_PART, record=CONTACT,
)  # fmt: skip
def create_contact(call: Call, id: int, body: Body) -> Json:
    """Add a person."""
    none = body.pop("not_applicable", None) or []
    made = contact_add(actor=call.actor, customer_id=id, data=body, not_applicable=none)
    return CONTACT.one(call.actor, made.pk)


@CUSTOMERS.write(
    "PATCH", "/contacts/{id}", summary=_("Change a contact"), needs="change",
    body=body(
        "ContactChange", Contact, CONTACT_FIELDS, not_applicable=(NONE, None, NONE_TITLE),
        version=VERSION,
    ),
    record=CONTACT, shows=True,
)  # fmt: skip
def update_contact(call: Call, id: int, body: Body) -> Json:
    """Edit a person."""
    CONTACT.one(call.actor, id)
    refuse_covered(CONTACT_FIELDS, body)
    contact_update(
        actor=call.actor,
        contact_id=id,
        expected_version=body.pop("version"),
        not_applicable=body.pop("not_applicable", None),
        changes=body,
    )
    return CONTACT.one(call.actor, id)


@CUSTOMERS.write(
    "POST", "/contacts/{id}/main", summary=_("Make a contact the primary one"), needs="change",
    record=CONTACT,
)  # fmt: skip
def set_main_contact(call: Call, id: int) -> Json:
    """Repeating it changes nothing."""
    contact_set_main(actor=call.actor, contact_id=id)
    return CONTACT.one(call.actor, id)


def _reveal_body(name: str, specs: Any) -> Any:
    covered = [spec.name for spec in specs if spec.mask is not None]
    return body(
        name,
        field=(kinds.choice(covered), REQUIRED, _("Field")),
        reason=(kinds.text(200), "", _("Reason")),
    )


def _revealed(call: Call, table: str, key: int, sent: Body) -> Json:
    value = value_reveal(
        actor=call.actor,
        table=table,
        row_id=key,
        field=sent["field"],
        reason=sent.get("reason") or "",
    )
    return {"field": sent["field"], "value": value}


@CUSTOMERS.write(
    "POST", "/contacts/{id}/reveal", summary=_("Read a covered value; that is recorded"),
    needs="view", body=_reveal_body("ContactReveal", CONTACT_FIELDS), answer=("Revealed", revealed), kept=False,
)  # fmt: skip
def reveal_contact(call: Call, id: int, body: Body) -> Json:
    """The full value of a covered field of a person."""
    return _revealed(call, Contact._meta.db_table, id, body)


@CUSTOMERS.write(
    "POST", "/customers/{id}/bank-accounts", summary=_("Add a bank account"), needs="change",
    body=ACCOUNT_PART, record=BANK_ACCOUNT,
)  # fmt: skip
def create_bank_account(call: Call, id: int, body: Body) -> Json:
    """Add an account."""
    made = bank_account_add(actor=call.actor, customer_id=id, data=body)
    return BANK_ACCOUNT.one(call.actor, made.pk)


@CUSTOMERS.write(
    "PATCH", "/bank-accounts/{id}", summary=_("Change a bank account"), needs="change",
    body=body("BankAccountChange", BankAccount, BANK_ACCOUNT_FIELDS, version=VERSION),
    record=BANK_ACCOUNT, shows=True,
)  # fmt: skip
def update_bank_account(call: Call, id: int, body: Body) -> Json:
    """Edit an account."""
    BANK_ACCOUNT.one(call.actor, id)
    refuse_covered(BANK_ACCOUNT_FIELDS, body)
    bank_account_update(
        actor=call.actor, account_id=id, expected_version=body.pop("version"), changes=body
    )
    return BANK_ACCOUNT.one(call.actor, id)


@CUSTOMERS.write(
    "POST", "/bank-accounts/{id}/usual", summary=_("Make an account the usual one"),
    needs="change", record=BANK_ACCOUNT,
)  # fmt: skip
def set_usual_bank_account(call: Call, id: int) -> Json:
    """Repeating it changes nothing."""
    bank_account_set_usual(actor=call.actor, account_id=id)
    return BANK_ACCOUNT.one(call.actor, id)


@CUSTOMERS.write(
    "POST", "/bank-accounts/{id}/reveal", summary=_("Read a covered value; that is recorded"),
    needs="view", body=_reveal_body("BankAccountReveal", BANK_ACCOUNT_FIELDS),
    answer=("Revealed", revealed), kept=False,
)  # fmt: skip
def reveal_bank_account(call: Call, id: int, body: Body) -> Json:
    """The full number of an account."""
    return _revealed(call, BankAccount._meta.db_table, id, body)


# Questions -----------------------------------------------------------------------------------------------


class _Questions(Record):
    """Questions in words; what was given is covered like the field it is about."""

    def _objects(self, actor: Actor, rows: Any, chosen: Any, extra: Any) -> Any:
        items, keys = super()._objects(actor, rows, chosen, extra)
        if any(one.name == "text" for one in chosen):
            found = Question.objects.select_related("customer").in_bulk([m["id"] for m in items])
            for made in items:
                question = found[made["id"]]
                plainly = sees_plainly(actor, question.customer)
                made["text"] = question_text(question, plainly=plainly)
        return items, keys


QUESTION = _Questions(
    name="Question",
    rows=_reached(Question),
    shown=[
        *shown_fields(Question, ()),
        _OF,
        Shown("field", ("field",), lambda: {"type": "string"}, title=_("Field")),
        Shown("code", ("code",), lambda: {"type": "string"}),
        Shown("text", ("code",), lambda: {"type": "string"}, title=_("Question")),
        Shown(
            "status",
            ("status",),
            lambda: {"type": "string", "enum": list(QuestionStatus.values)},
            title=_("Status"),
        ),
    ],
    sorts={"id": Sort("id")},
    default_sort="id",
    filters=[
        _BY_CUSTOMER,
        Narrow(
            "status",
            kinds.several(kinds.choice(QuestionStatus.values)),
            lambda rows, value, actor: rows.filter(status__in=value),
            _("Status"),
        ),
    ],
)
CUSTOMERS.records(
    "/questions",
    QUESTION,
    plural="questions",
    summary=(_("List questions on customer files"), _("Read a question")),
)


_CLOSED = [one.value for one in QuestionStatus if one is not QuestionStatus.OPEN]


@CUSTOMERS.write(
    "POST", "/questions/{id}/answer", summary=_("Answer, accept or withdraw a question"), needs="change",
    body=body(
        "QuestionAnswer",
        answer=(kinds.text(300, shortest=1), REQUIRED, _("Answer")),
        source=(kinds.choice(AnswerSource.values), None, _("Source of the answer")),
        close_as=(kinds.choice(_CLOSED), QuestionStatus.ANSWERED.value, _("Closed as")),
    ),
    record=QUESTION,
)  # fmt: skip
def answer_question(call: Call, id: int, body: Body) -> Json:
    """Close a question: answered with the source of the answer, accepted as it stands, or withdrawn."""
    question_answer(
        actor=call.actor,
        question_id=id,
        answer=body["answer"],
        source=body.get("source") or "",
        close_as=body.get("close_as") or QuestionStatus.ANSWERED,
    )
    return QUESTION.one(call.actor, id)

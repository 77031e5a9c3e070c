"""What the page tests share: a seller with a customer, a colleague of another team, readers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.test import Client

from dossier.core.access import Actor
from dossier.customers.models import Customer
from dossier.customers.services import customer_create
from tests.factories import actor_for, client_for, make_account, make_team
from tests.forms import form_values as form_values

CANARY = "KANARIENVOGEL"
MOBILE = "13912348888"
ACCOUNT_NUMBER = "6222021234567890123"


@dataclass
class World:
    """One customer of ``seller``; ``stranger`` sells in another team; ``reader`` sees all, changes nothing."""

    seller: Actor
    mine: Client
    stranger: Client
    leader: Client
    reader: Client
    anonymous: Client
    customer: Customer


def world(**data: Any) -> World:
    """The world of a page test."""
    team, other = make_team(), make_team()
    seller = make_account(roles=["salesperson"], team=team)
    leader = make_account(roles=["team_leader"], team=team)
    team.leader = leader.employee
    team.save()
    customer = customer_create(
        actor=actor_for(seller),
        data={
            "name": f"{CANARY}天津格致科技有限公司",
            "phone": "022-81234567",
            "tax_number": "91110108MA01ABCD1X",
        }
        | data,
        contacts=[
            {
                "name": "王芳",
                "mobile": MOBILE,
                "birthday": "1980-05-06",
                "family": "两个孩子 FAMILYCANARY",
            }
        ],
        bank_accounts=[{"bank": "工商银行天津分行", "number": ACCOUNT_NUMBER}],
    )
    return World(
        seller=actor_for(seller),
        mine=client_for(seller),
        stranger=client_for(make_account(roles=["salesperson"], team=other)),
        leader=client_for(leader),
        reader=client_for(make_account(roles=["finance"])),
        anonymous=Client(),
        customer=customer,
    )


def body(response: Any) -> str:
    """The text of an answer."""
    return str(response.content.decode())

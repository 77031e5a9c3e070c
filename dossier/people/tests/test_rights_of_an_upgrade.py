"""An installation in use gets the rights a new one begins with, unless somebody decided otherwise (ORG-3)."""

from __future__ import annotations

from importlib import import_module

import pytest
from django.db import connection

from dossier.people.models import Role, RoleGrant
from dossier.people.seeds import SHIPPED_ROLES
from dossier.people.services import role_update
from tests.factories import actor_of_role

pytestmark = pytest.mark.django_db

GRANT = import_module("dossier.people.migrations.0009_redaction_and_backup_rights").GRANT
KINDS = ("core.redaction", "core.backup")
NEW = {
    (key, *permission.rsplit(".", 1))
    for key, (_name, grants) in SHIPPED_ROLES.items()
    for permission in grants
    if permission.startswith(KINDS)
}


def upgrade():
    with connection.cursor() as cursor:
        cursor.execute(GRANT)


def granted():
    rows = RoleGrant.objects.filter(kind__in=KINDS)
    return set(rows.values_list("role__key", "kind", "action"))


@pytest.fixture
def old():
    """An installation from before these rights were there: no grant, and none in the history."""
    roles = {}
    for seeded in list(Role.objects.filter(is_shipped=True)):
        key = seeded.key
        Role.objects.filter(pk=seeded.pk).update(key=f"seeded-{seeded.pk}")
        roles[key] = Role.objects.create(key=key, name=seeded.name, is_shipped=True)
    return roles


def test_each_role_gets_what_a_new_installation_gives_it(old):
    RoleGrant.objects.filter(kind__in=KINDS).delete()
    upgrade()
    assert granted() == NEW
    assert set(RoleGrant.objects.filter(kind__in=KINDS).values_list("scope", flat=True)) == {"all"}
    upgrade()
    assert granted() == NEW


def test_a_right_that_was_taken_away_stays_away():
    """The roles of the tests' database had these rights from their first day."""
    assert granted() == NEW
    taken = Role.objects.get(key="system_administrator")
    grants = {f"{one.kind}.{one.action}": one.scope for one in taken.grants.all()}
    del grants["core.backup.change"]
    role_update(
        actor=actor_of_role("system_administrator"),
        role_id=taken.pk,
        name=taken.name,
        grants=grants,
        expected_version=taken.version,
    )
    upgrade()
    assert granted() == NEW - {("system_administrator", "core.backup", "change")}


def test_a_role_of_the_companys_own_gets_nothing(old):
    RoleGrant.objects.filter(kind__in=KINDS).delete()
    Role.objects.filter(key="auditor").update(is_shipped=False)
    upgrade()
    assert granted() == {one for one in NEW if one[0] != "auditor"}


def test_a_role_that_is_gone_is_not_made_again(old):
    RoleGrant.objects.filter(kind__in=KINDS).delete()
    old["auditor"].delete()
    upgrade()
    assert granted() == {one for one in NEW if one[0] != "auditor"}

"""Faults put in for checks that stand elsewhere: each check must see its fault, for ever (SECURITY E)."""

from __future__ import annotations

import pytest
from django.contrib.sessions.backends.base import SessionBase

from dossier.core.access import ScopedQuerySet
from dossier.core.models import Export, ImportRun
from dossier.reports.tests import test_sales_report as reports
from dossier.reports.tests.world import World as Company
from tests.permissions.addresses import addresses
from tests.permissions.matrix import faults, read_matrix
from tests.security import test_covered_values as covered
from tests.security import test_requests as requests

pytestmark = pytest.mark.django_db


def told(name, world):
    address = next(address for address in addresses() if address.name == name)
    return faults(address, world, read_matrix())


def test_a_file_that_belongs_to_nobody_is_seen(world, no_pages, monkeypatch):
    """4: runs and exports of anybody, by their number."""
    monkeypatch.setattr(
        "dossier.core.imports.screens.reachable_run",
        lambda actor, run_id: ImportRun.objects.get(pk=run_id),
    )
    monkeypatch.setattr(
        "dossier.core.screens.exports.export_seen", lambda actor, pk: Export.objects.get(pk=pk)
    )
    assert "foreign, sales_clerk: reviewed 'n'" in told("import-run", world)
    assert "foreign, salesperson: reviewed 'n', answered 'o'" in told("export", world)


def test_counts_without_the_scope_are_seen(world, monkeypatch):
    """10."""
    monkeypatch.setattr(ScopedQuerySet, "for_user", lambda self, actor, action="view", **how: self)
    with pytest.raises(AssertionError):
        covered.test_counts_of_every_list_are_those_of_ones_own_rows(world)


def test_a_report_without_the_scope_is_seen(monkeypatch):
    """11: the check adds the lines up by itself, with the scope; the report does not."""
    company = Company()
    real = reports.seen_lines(company.ann)
    monkeypatch.setattr(ScopedQuerySet, "for_user", lambda self, actor, action="view", **how: self)
    monkeypatch.setattr(reports, "seen_lines", lambda account: real)
    with pytest.raises(AssertionError):
        reports.test_each_reader_gets_the_sum_of_what_they_see(company, "ann")


def test_a_session_key_kept_at_sign_in_is_seen(monkeypatch):
    """29."""
    monkeypatch.setattr(SessionBase, "cycle_key", lambda self: None)
    with pytest.raises(AssertionError):
        requests.test_a_session_made_before_signing_in_is_worth_nothing_after_it()


def test_any_host_is_seen(settings):
    """30."""
    settings.ALLOWED_HOSTS = ["*"]
    with pytest.raises(AssertionError):
        requests.test_a_host_that_is_not_ours_is_refused(requests.EVIL)

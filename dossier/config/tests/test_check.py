"""`dossier check` finds what is wrong around the program, says what to do, and fails only for faults."""

import json
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from dossier import testing
from dossier.config import checks, place_checks
from dossier.config.checks import Notice
from dossier.config.commands import check as command
from dossier.config.exits import Exit
from dossier.core.access import system_actor
from dossier.core.services import command as writing
from tests.factories import make_customer
from tests.sealing import seal_all


@pytest.fixture(autouse=True)
def _plain(settings):
    settings.ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
    settings.SECRET_KEY = "k" * 40


def faults(found):
    return [one for one in found if not isinstance(one, Notice)]


def notices(found):
    return [one for one in found if isinstance(one, Notice)]


def test_the_settings_of_a_fresh_home_are_sane():
    assert faults(place_checks.settings_sane()) == []


@pytest.mark.parametrize(
    ("change", "fault", "notice"),
    [
        ({"ALLOWED_HOSTS": ["*"]}, "DOSSIER_HOSTS", "DOSSIER_HTTPS"),
        ({"SECRET_KEY": "short"}, "DOSSIER_SECRET_KEY", ""),
        ({"ALLOWED_HOSTS": ["crm.example"], "DEBUG": True}, "DOSSIER_DEBUG", "in the clear"),
        ({"ALLOWED_HOSTS": ["crm.example"], "HTTPS": True}, "", "DOSSIER_PROXIES"),
        ({"ALLOWED_HOSTS": ["crm.example"], "HTTPS": True, "PROXIES": 1}, "", ""),
        ({"DEBUG": True}, "", ""),
    ],
)
def test_settings_that_do_not_fit(settings, monkeypatch, change, fault, notice):
    for name in list(place_checks.os.environ):
        if name.startswith("DOSSIER_") and name not in place_checks.known_settings():
            monkeypatch.delenv(name)
    for name, value in change.items():
        setattr(settings, name, value)
    found = place_checks.settings_sane()
    assert bool(faults(found)) == bool(fault)
    assert fault in "".join(faults(found))
    assert bool(notices(found)) == bool(notice)
    assert notice in "".join(notices(found))


def test_a_misspelt_setting_is_named(monkeypatch):
    monkeypatch.setenv("DOSSIER_PROXYS", "1")
    assert "DOSSIER_PROXYS" in "".join(notices(place_checks.settings_sane()))


def test_secrets_others_can_read(settings, tmp_path):
    settings.HOME_DIR = tmp_path
    assert place_checks.secrets() == []
    (tmp_path / "secrets").mkdir(mode=0o700)
    key = tmp_path / "secrets" / "seal"
    key.write_text("x")
    key.chmod(0o640)
    assert [str(key) in fault for fault in place_checks.secrets()] == [True]
    key.chmod(0o600)
    assert place_checks.secrets() == []


@pytest.mark.parametrize(("free", "kind"), [(100, list), (3 * 1024**3, Notice), (1024**4, None)])
def test_room_on_the_disk(settings, monkeypatch, free, kind):
    usage = type("Usage", (), {"free": free})
    monkeypatch.setattr(place_checks.shutil, "disk_usage", lambda path: usage)
    found = place_checks.disk()
    assert bool(found) == (kind is not None)
    assert all(isinstance(one, Notice) == (kind is Notice) for one in found)


@pytest.fixture
def place(committed_db, settings, tmp_path, monkeypatch):
    """A committed history, checked against the test's database."""
    monkeypatch.setenv("DOSSIER_SEAL_HEADS", str(tmp_path / "heads.jsonl"))
    settings.DATABASE_URL = testing.app_url(committed_db)
    settings.OWNER_DATABASE_URL = testing.owner_url(committed_db)
    with writing(system_actor(), why="made"):
        make_customer()
    return committed_db


def later(monkeypatch, **by):
    """The checks look at a clock that runs ahead."""

    class Clock(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime.now(tz or UTC) + timedelta(**by)

    monkeypatch.setattr(place_checks, "datetime", Clock)


def test_a_history_not_sealed_for_long(place, monkeypatch):
    seal_all(place)
    with writing(system_actor(), why="now"):
        make_customer()
    assert place_checks.seals() == [], "what was just written is sealed within the minute"
    later(monkeypatch, minutes=20)
    assert ["history seal" in fault for fault in place_checks.seals()] == [True]
    seal_all(place)
    assert place_checks.seals() == []


def test_heads_that_are_gone_or_cut(place, tmp_path):
    heads = tmp_path / "heads.jsonl"
    for _round in range(3):
        with writing(system_actor(), why="more"):
            make_customer()
        seal_all(place)
    assert place_checks.seals() == []
    lines = heads.read_text().splitlines(keepends=True)
    assert len(lines) >= 2
    heads.write_text("".join(lines[1:]))
    assert ["lacks 1 seals" in fault for fault in place_checks.seals()] == [True]
    heads.unlink()
    assert ["heads of the history are missing" in fault for fault in place_checks.seals()] == [True]


def test_rights_of_the_application_to_write_history_are_found(place):
    assert checks.rights() == []
    with psycopg.connect(testing.owner_url(place), autocommit=True) as owner:
        owner.execute("GRANT UPDATE ON history_entry TO dossier_app")
        try:
            assert any("history_entry" in fault for fault in checks.rights())
        finally:
            owner.execute("REVOKE UPDATE ON history_entry FROM dossier_app")


def test_a_switched_off_trigger_is_found(place):
    assert checks.history_triggers() == []
    with psycopg.connect(testing.owner_url(place), autocommit=True) as owner:
        owner.execute("ALTER TABLE customers_customer DISABLE TRIGGER history_update")
        try:
            assert any("customers_customer" in fault for fault in checks.history_triggers())
        finally:
            owner.execute("ALTER TABLE customers_customer ENABLE ALWAYS TRIGGER history_update")


def test_jobs_that_wait(place, monkeypatch):
    from dossier.core.jobs import verify_history

    assert place_checks.jobs() == []
    verify_history.defer(verification_id=1)
    assert place_checks.jobs() == []
    later(monkeypatch, minutes=20)
    assert [type(one) for one in place_checks.jobs()] == [Notice]


@pytest.mark.parametrize(
    ("found", "status"), [([], Exit.DONE), ([Notice("look")], Exit.DONE), (["bad"], Exit.FAILED)]
)
def test_only_faults_fail_and_the_json_has_all(monkeypatch, capsys, tmp_path, found, status):
    monkeypatch.setattr("dossier.config.environment.database_environment", lambda **_: _nothing())
    monkeypatch.setattr(command, "_results", lambda: iter([("disk", "disk", list(found))]))
    target = tmp_path / "check.json"
    assert command.check(target) == status
    said = json.loads(target.read_text())
    assert said["ok"] == (status == Exit.DONE)
    assert said["checks"][0]["faults"] + said["checks"][0]["notices"] == found
    shown = capsys.readouterr().err
    assert shown.startswith("✗" if status else "✓")
    assert all(one in shown for one in found)


def _nothing():
    from contextlib import nullcontext

    return nullcontext()

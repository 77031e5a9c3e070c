"""The administrator sees how backups stand, asks for one and plans them; nobody gets one by a page (SYS)."""

from __future__ import annotations

from datetime import time, timedelta

import pytest
from django.urls import get_resolver
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from dossier.config import place_checks
from dossier.config.checks import Notice
from dossier.core.access import system_actor
from dossier.core.backup import runs
from dossier.core.backup.making import SUFFIX
from dossier.core.models import BackupPlan, BackupRun
from dossier.core.services import command
from tests.factories import client_for, make_account

URL = "/settings/backups/"


@pytest.fixture
def folder(source, settings, tmp_path, monkeypatch):
    """The folder of backups."""
    settings.EMBEDDED = False
    monkeypatch.setenv("DOSSIER_BACKUP_DIR", str(tmp_path / "kept"))
    return tmp_path / "kept"


@pytest.fixture
def admin(folder):
    return client_for(make_account(roles=["system_administrator"], login="root"))


def text(client):
    return client.get(URL).content.decode()


def test_asked_made_by_a_job_checked_and_shown(admin, folder):
    assert "No backup was made so far" in text(admin)
    assert admin.post(f"{URL}ask").headers["Location"] == URL
    assert "is being made" in text(admin)
    admin.post(f"{URL}ask")  # asked twice, made once
    job = ProcrastinateJob.objects.get(task_name="core.back_up_now")
    assert job.args == {"login": "root"}
    ProcrastinateJob.objects.filter(pk=job.pk).update(status="doing")
    assert runs.back_up_into_folder(**job.args, scheduled=False)
    run = BackupRun.objects.get()
    assert (run.problem, run.checked, run.asked_by) == ("", True, "root")
    assert run.rows > 3000 and run.files == 2
    shown = text(admin)
    assert "read back to its end and is whole" in shown
    assert run.path in shown


@pytest.mark.parametrize("role", ["salesperson", "sales_manager", "auditor"])
def test_others_see_neither_page_nor_menu(folder, role):
    client = client_for(make_account(roles=[role]))
    for path in (URL, f"{URL}state", f"{URL}plan/"):
        assert client.get(path).status_code == 403
    assert client.post(f"{URL}ask").status_code == 403
    assert not ProcrastinateJob.objects.filter(task_name="core.back_up_now").exists()
    assert URL not in client.get("/").content.decode()


def test_no_address_hands_out_a_backup(admin, folder):
    assert runs.back_up_into_folder(login="root", scheduled=False)
    (path,) = folder.iterdir()
    begins = path.read_bytes()[:64]
    names = {str(key) for key in get_resolver().reverse_dict if isinstance(key, str)}
    assert {name for name in names if "backup" in name} == {
        "backups",
        "backup-state",
        "backup-ask",
        "backup-plan",
    }
    for address in (URL, f"{URL}state", f"{URL}{path.name}", f"{URL}plan/{path.name}"):
        assert begins not in admin.get(address).content


def test_a_failure_is_said_on_the_page_and_by_the_check(admin, folder):
    folder.write_text("a file where the folder should be")
    assert not runs.back_up_into_folder(login="", scheduled=True)
    assert "The last backup failed" in text(admin)
    found = place_checks.backups()
    assert any("folder_unusable" in one for one in found if not isinstance(one, Notice))
    folder.unlink()
    assert runs.back_up_into_folder(login="", scheduled=True)
    assert [one for one in place_checks.backups() if not isinstance(one, Notice)] == []


def test_silence_is_noticed(admin, folder):
    long_ago = timezone.now() - timedelta(days=3)
    with command(system_actor(), why="test"):
        BackupRun.objects.create(
            began_at=long_ago, ended_at=long_ago, scheduled=True, asked_by="x", path="x"
        )
    assert "The last backup is of" in text(admin)
    assert any("last backup is of" in one for one in place_checks.backups())


def test_the_plan_is_changed_by_two_people_only_one_after_the_other(admin, folder):
    form = {"enabled": "on", "at": "3:15", "keep_daily": "5", "keep_weekly": "0"}
    form |= {"keep_monthly": "2", "version": "1"}
    assert admin.post(f"{URL}plan/", form).headers["Location"] == URL
    plan = BackupPlan.objects.get()
    assert (plan.at, plan.keep_daily, plan.check_after, plan.version) == (time(3, 15), 5, False, 2)
    again = admin.post(f"{URL}plan/", form | {"keep_daily": "9"})
    assert again.status_code == 422 and "changed meanwhile" in again.content.decode()
    for bad in ({"at": "25:00"}, {"keep_daily": "0"}, {"keep_weekly": "x"}, {"keep_monthly": ""}):
        assert admin.post(f"{URL}plan/", form | {"version": "2"} | bad).status_code == 422
    assert BackupPlan.objects.get().keep_daily == 5
    assert "Every day at 03:15" in text(admin)


def test_the_schedule_makes_one_a_day_and_thins_out_only_its_own(admin, folder):
    now = timezone.now()
    folder.mkdir()
    with command(system_actor(), why="test"):
        BackupPlan.objects.create(keep_daily=1, keep_weekly=0, keep_monthly=0)
    assert runs.back_up_if_due(now)
    assert not runs.back_up_if_due(now)
    (made,) = folder.iterdir()
    old = folder / f"dossier-20200101T000000Z{SUFFIX}"
    made_copy = made.read_bytes()
    made.rename(old)
    others = [folder / f"dossier-20200102T000000Z{SUFFIX}", folder / f"mine{SUFFIX}"]
    others[0].write_text("somebody's own file of a name like ours")
    others[1].write_bytes(made_copy)
    assert runs.back_up_if_due(now + timedelta(days=1))
    assert not old.exists()
    assert all(path.exists() for path in others)

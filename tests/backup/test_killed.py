"""kill -9 at any moment: no half backup, and a home that is wholly the old or wholly the new (SECURITY F)."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from dossier.core.access import system_actor
from dossier.core.backup import making, restoring, swapping
from dossier.core.errors import Refusal
from dossier.core.history.verifying import verify
from dossier.core.services import command
from tests.backup.conftest import customers, databases, files, restore
from tests.factories import make_customer
from tests.sealing import seal_all

PASSPHRASE = "a phrase of several words"
ROOT = Path(__file__).resolve().parents[2]

# A process that stops for good at the named place, so that it can be killed there.
CHILD = """
import sys, time
import dossier.testing
import os
os.environ["DJANGO_SETTINGS_MODULE"] = "dossier.config.settings"
import django
from pathlib import Path
from django.conf import settings
place, home, app, owner, file, embedded = sys.argv[1:7]
settings.HOME_DIR, settings.MEDIA_ROOT = Path(home), Path(home) / "files"
settings.DATABASE_URL, settings.OWNER_DATABASE_URL = app, owner
settings.EMBEDDED = embedded == "yes"
django.setup()
from dossier.core.backup import making, restoring, swapping
def stop_in(module, name, *, after=False):
    real = getattr(module, name)
    def stopped(*given, **named):
        if after:
            real(*given, **named)
        print("here", flush=True)
        time.sleep(120)
    setattr(module, name, stopped)
if place != "none":
    module, name, when = place.split(".")
    stop_in(globals()[module], name, after=when == "after")
if settings.EMBEDDED:
    from tests.backup.conftest import upgrade
    restoring.restore(Path(file), upgrade=upgrade, say=lambda text: None)
else:
    making.back_up(Path(file))
print("done", flush=True)
"""


def child(settings, place, file, *, limit=None):
    words = [place, str(settings.HOME_DIR), settings.DATABASE_URL, settings.OWNER_DATABASE_URL]
    words += [str(file), "yes" if settings.EMBEDDED else "no"]
    return subprocess.Popen(
        [sys.executable, "-c", CHILD, *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=os.environ,
        preexec_fn=limit,
    )


def kill_there(process):
    with process:  # waits for it and closes its pipes
        line = process.stdout.readline()
        os.kill(process.pid, signal.SIGKILL)
        assert line.strip() == "here", line + process.stderr.read()


@pytest.mark.parametrize("place", ["making.measure.before", "making._name.before"])
def test_a_killed_backup_leaves_no_file_and_the_next_one_clears_up(
    source, settings, tmp_path, place
):
    settings.EMBEDDED = False
    file = tmp_path / "out" / "made.dossier"
    file.parent.mkdir()
    kill_there(child(settings, place, file))
    assert not file.exists()
    assert list(file.parent.iterdir()) != []  # the killed one's work
    making.back_up(file)
    assert list(file.parent.iterdir()) == [file]
    assert not (source / "backup-files").exists()
    restoring.check(file)


def test_without_room_no_half_file_is_left_and_with_room_it_goes_on(source, settings, tmp_path):
    settings.EMBEDDED = False
    file = tmp_path / "out" / "made.dossier"
    file.parent.mkdir()

    def little():
        resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, 60_000))

    process = child(settings, "none", file, limit=little)
    _out, said = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "not enough room" in said or "没有足够" in said or "no_room" in said
    assert list(file.parent.iterdir()) == []
    assert making.back_up(file).path.exists()


def test_the_disk_full_while_writing_is_a_refusal(source, tmp_path, monkeypatch):
    def full(*given):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(making, "_write", full)
    with pytest.raises(Refusal) as refused:
        making.back_up(tmp_path / "made.dossier")
    assert refused.value.code == "no_room"
    assert not (tmp_path / "made.dossier").exists()


OLD = ["swapping._rename.before", "restoring.measure.before", "restoring.verify.after"]
NEW = ["swapping._finish.before", "swapping._replace.before", "swapping._place_heads.after"]


@pytest.fixture
def used_home(committed_db, source, backup, target, tmp_path, monkeypatch):
    """A home with an older state than the backup to be restored, and that backup."""
    with command(system_actor(), why="newer"):
        make_customer("新来的")
    seal_all(committed_db)
    (source / "files" / "new.txt").write_text("new")
    monkeypatch.setenv("DOSSIER_BACKUP_PASSPHRASE", PASSPHRASE)
    newer = making.back_up(tmp_path / "newer.dossier").path
    monkeypatch.delenv("DOSSIER_BACKUP_PASSPHRASE")
    server = target()
    restore(backup)
    (server.home / "secrets" / "django").write_text("the old signing key")
    return server, newer


@pytest.mark.parametrize("place", [*OLD, *NEW])
def test_a_killed_restore_leaves_the_old_or_the_new_never_half(
    used_home, settings, monkeypatch, place
):
    server, newer = used_home
    monkeypatch.setenv("DOSSIER_BACKUP_PASSPHRASE", PASSPHRASE)
    kill_there(child(settings, place, newer))

    swapping.settle(server.home)  # what the next command does first
    old = {"天津格致", "另一家", "第三家"}
    seen = (customers(server), "new.txt" in files(server.home / "files"))
    signing = (server.home / "secrets" / "django").read_text().strip()
    if place in OLD:
        assert seen == (old, False)
        assert signing == "the old signing key"
    else:
        assert seen == (old | {"新来的"}, True)
        assert signing == settings.SECRET_KEY
    verify_sound(server)
    assert not (server.home / "restore.json").exists()

    restore(newer)  # and the next restore is none the worse
    assert customers(server) == old | {"新来的"}
    assert databases(server) == {"dossier"} | {
        name for name in databases(server) if name.startswith("dossier_before_")
    }
    verify_sound(server)


def verify_sound(server):
    with psycopg.connect(server.urls().owner) as owner:
        assert verify(owner).faults == []

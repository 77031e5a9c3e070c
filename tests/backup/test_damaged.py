"""A damaged backup is refused wherever the damage is, and nothing is changed (SYS, SECURITY F)."""

from __future__ import annotations

import io
import json
import random
import shutil
import tarfile

import pytest

from dossier.core.backup import making, restoring
from dossier.core.backup.container import END_BYTES, is_member_name
from dossier.core.errors import Refusal
from tests.backup.conftest import restore

SEED = 20261122
PASSPHRASE = "a phrase of several words"
REFUSED = {"backup_damaged", "not_a_backup"}


@pytest.fixture(params=["plain", "encrypted"])
def made(request, source, tmp_path, monkeypatch):
    """A backup and its bytes, of either kind."""
    if request.param == "encrypted":
        monkeypatch.setenv("DOSSIER_BACKUP_PASSPHRASE", PASSPHRASE)
    path = making.back_up(tmp_path / "made.dossier").path
    restoring.check(path)  # whole, so what is refused below is refused for its damage
    return path


def refused(path, allowed=REFUSED):
    with pytest.raises(Refusal) as refusal:
        restoring.check(path)
    assert refusal.value.code in allowed
    return refusal.value


def test_a_byte_changed_anywhere_is_found(made):
    data = bytearray(made.read_bytes())
    dice = random.Random(SEED)
    places = [0, 10, 40, 600, len(data) - 1, len(data) - END_BYTES, len(data) - END_BYTES - 1]
    places += [len(data) - dice.randrange(2048) for _ in range(8)]
    places += [dice.randrange(len(data)) for _ in range(20)]
    for place in places:
        was = data[place % len(data)]
        data[place % len(data)] ^= 1 << dice.randrange(8)
        made.write_bytes(data)
        # a passphrase's head also says which passphrase it is: changed there, none fits
        refused(made, REFUSED | {"passphrase_wrong"})
        data[place % len(data)] = was
    made.write_bytes(data)
    restoring.check(made)


def test_cut_off_anywhere_or_longer_it_is_found(made):
    data = made.read_bytes()
    dice = random.Random(SEED + 1)
    lengths = [
        0,
        1,
        511,
        512,
        1024,
        END_BYTES,
        len(data) - 1,
        len(data) - 512,
        len(data) - END_BYTES,
    ]
    lengths += [dice.randrange(len(data)) for _ in range(6)]
    for length in lengths:
        made.write_bytes(data[:length])
        refused(made)
    for more in (b"\0", b"\0" * 512, b"x" * 2048, data[-END_BYTES:]):
        made.write_bytes(data + more)
        refused(made)


def test_members_left_out_or_in_another_order_are_found(source, tmp_path):
    made = making.back_up(tmp_path / "made.dossier").path
    with tarfile.open(made) as archive:
        names = archive.getnames()
        parts = [(info, archive.extractfile(info).read()) for info in archive.getmembers()]
    assert any(name.startswith("database/") for name in names) and "files/合同 (2).txt" in names

    def write(chosen):
        with tarfile.open(made, "w", format=tarfile.PAX_FORMAT) as archive:
            for info, content in chosen:
                archive.addfile(info, io.BytesIO(content))

    for position in (1, len(parts) // 2, len(parts) - 3):
        write(parts[:position] + parts[position + 1 :])
        refused(made)
    write([*parts[:2], parts[3], parts[2], *parts[4:]])
    refused(made)


def test_sealed_anew_without_the_key_it_is_refused(source, tmp_path):
    """Who has no key can make the SHA-256 fit, not the keyed digest."""
    from dossier.core.backup.container import Writer

    made = making.back_up(tmp_path / "made.dossier").path
    head = None
    with tarfile.open(made) as archive, (tmp_path / "forged").open("wb") as out:
        writer = Writer(out, key=b"guessed")
        for info in archive.getmembers():
            content = archive.extractfile(info).read()
            if info.name == "manifest.json":
                break
            writer.add_bytes(info.name, content)
            head = head or content
        writer.finish({"id": json.loads(head)["id"], "tables": {}})
    refused(tmp_path / "forged", {"backup_damaged"})


def test_a_restore_of_a_damaged_backup_changes_nothing(backup, target):
    server = target()
    data = bytearray(backup.read_bytes())
    data[len(data) // 2] ^= 1
    backup.write_bytes(data)
    before = sorted(path for path in server.home.rglob("*") if "postgres" not in path.parts)
    with pytest.raises(Refusal) as refusal:
        restore(backup)
    assert refusal.value.code == "backup_damaged"
    after = sorted(path for path in server.home.rglob("*") if "postgres" not in path.parts)
    assert [p for p in after if p.name != "restore.lock"] == [
        p for p in before if p.name != "restore.lock"
    ]


def test_something_else_is_no_backup(source, tmp_path):
    other = tmp_path / "other.tar"
    with tarfile.open(other, "w") as archive:
        archive.add(source / "files")
    for path in (other, tmp_path / "absent", tmp_path):
        assert refused(path).code == "not_a_backup"


@pytest.mark.parametrize(
    ("name", "allowed"),
    [
        ("database/toc.dat", True),
        ("files/a b/合同 (2).txt", True),
        ("manifest.json", True),
        ("files/../secrets/seal", False),
        ("files//x", False),
        ("/files/x", False),
        ("../x", False),
        ("postgres/PG_VERSION", False),
        ("files/a\0b", False),
        ("other.json", False),
    ],
)
def test_no_member_leads_out_of_its_folder(name, allowed):
    assert is_member_name(name) is allowed


def test_a_copy_elsewhere_is_as_good(backup, tmp_path):
    copy = tmp_path / "copy"
    shutil.copy(backup, copy)
    assert restoring.check(copy).sha256 == restoring.check(backup).sha256

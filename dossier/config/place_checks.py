"""What `dossier check` looks at around the database: settings, secrets, disk, seals, jobs."""

from __future__ import annotations

import os
import re
import shutil
import stat
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
from django.conf import settings

from dossier.config import settings as declared
from dossier.config.checks import Notice, connect
from dossier.core.bilingual import bilingual
from dossier.core.history.sealing import heads_file, read_heads

_LOCAL = frozenset({"localhost", "127.0.0.1", "[::1]", "::1"})
_SHORTEST_KEY = 32
_GIGABYTE = 1024**3
_LEAST_FREE, _LITTLE_FREE = 1 * _GIGABYTE, 5 * _GIGABYTE
_UNSEALED_FOR = timedelta(minutes=15)
_WAITING_FOR = timedelta(minutes=15)

_SEALS = """
SELECT (SELECT max(id) FROM public.history_seal),
       (SELECT min(t.at) FROM public.history_transaction t
        WHERE t.xid >= coalesce((SELECT max(to_xid) FROM public.history_seal), 0)
          AND EXISTS (SELECT FROM public.history_entry e WHERE e.xid = t.xid))
"""
_JOBS = """
SELECT (SELECT count(*) FROM public.procrastinate_events
        WHERE type = 'failed' AND at > now() - interval '7 days'),
       (SELECT min(e.at) FROM public.procrastinate_jobs j
        JOIN public.procrastinate_events e ON e.job_id = j.id AND e.type = 'deferred'
        WHERE j.status = 'todo' AND coalesce(j.scheduled_at, e.at) < now())
"""


def known_settings() -> frozenset[str]:
    """The names in the table of settings, which says all there are."""
    return frozenset(re.findall(r"^\| (DOSSIER_[A-Z_]+) \|", declared.__doc__ or "", re.MULTILINE))


def settings_sane() -> list[str]:
    """The settings fit each other and where the program is reached from."""
    found: list[str] = []
    public = set(settings.ALLOWED_HOSTS) - _LOCAL
    if "*" in public:
        found.append(
            bilingual(
                "DOSSIER_HOSTS lets any name in; name those the program is reached by.",
                "DOSSIER_HOSTS 放行了任意域名，请只列出实际使用的域名。",
            )
        )
    if len(settings.SECRET_KEY) < _SHORTEST_KEY:
        found.append(
            bilingual(
                f"DOSSIER_SECRET_KEY is shorter than {_SHORTEST_KEY} signs.",
                f"DOSSIER_SECRET_KEY 少于 {_SHORTEST_KEY} 个字符。",
            )
        )
    if settings.DEBUG and public:
        found.append(
            bilingual(
                "DOSSIER_DEBUG shows developers' pages, with data, to everybody who reaches the program.",
                "DOSSIER_DEBUG 会把含数据的开发错误页显示给所有访问者，请关闭。",
            )
        )
    if public and not settings.HTTPS:
        found.append(
            Notice(
                bilingual(
                    "Reached by other machines without DOSSIER_HTTPS=1: passwords travel in the clear.",
                    "可从其他电脑访问，但未设 DOSSIER_HTTPS=1：密码以明文传输。",
                )
            )
        )
    if settings.HTTPS and not settings.PROXIES:
        found.append(
            Notice(
                bilingual(
                    "DOSSIER_HTTPS=1 needs a reverse proxy with TLS in front; say so with DOSSIER_PROXIES.",
                    "DOSSIER_HTTPS=1 需要前置带 TLS 的反向代理，请用 DOSSIER_PROXIES 说明。",
                )
            )
        )
    unknown = sorted(
        name for name in os.environ if name.startswith("DOSSIER_") and name not in known_settings()
    )
    if unknown:
        found.append(
            Notice(
                bilingual(
                    f"Not settings of this program, perhaps misspelt: {', '.join(unknown)}.",
                    f"不是本程序的设置，可能拼写有误：{'、'.join(unknown)}。",
                )
            )
        )
    return found


def secrets() -> list[str]:
    """The secrets of the home are readable to its owner alone."""
    folder = settings.HOME_DIR / "secrets"
    if not folder.is_dir():
        return []
    return [
        bilingual(
            f"{path} can be read by others: chmod go= {path}",
            f"{path} 可被其他用户读取：chmod go= {path}",
        )
        for path in (folder, *sorted(folder.iterdir()))
        if stat.S_IMODE(path.stat().st_mode) & 0o077
    ]


def disk() -> list[str]:
    """There is room where files are kept, and embedded also the database."""
    free = shutil.disk_usage(settings.HOME_DIR).free
    text = bilingual(
        f"{free / _GIGABYTE:.1f} GB free in {settings.HOME_DIR}.",
        f"{settings.HOME_DIR} 剩余空间 {free / _GIGABYTE:.1f} GB。",
    )
    if free < _LEAST_FREE:
        return [text]
    return [Notice(text)] if free < _LITTLE_FREE else []


def seals() -> list[str]:
    """The history is sealed up to a short while ago, and the heads are there outside the database."""
    with closing(connect()) as connection:
        last, unsealed = _row(connection, _SEALS)
    found = []
    if last is not None:
        heads = read_heads().macs
        if not heads_file().exists():
            found.append(
                bilingual(
                    f"The heads of the history are missing: {heads_file()}. Bring the file back.",
                    f"缺少历史链头文件：{heads_file()}，请恢复该文件。",
                )
            )
        elif missing := [seal for seal in range(1, last) if seal not in heads]:
            found.append(
                bilingual(
                    f"{heads_file()} lacks {len(missing)} seals, the first is {missing[0]}.",
                    f"{heads_file()} 缺少 {len(missing)} 个封存记录，第一个是 {missing[0]}。",
                )
            )
    if unsealed is not None and datetime.now(UTC) - unsealed > _UNSEALED_FOR:
        since = unsealed.astimezone().strftime("%Y-%m-%d %H:%M")
        found.append(
            bilingual(
                f"Not sealed since {since}. `dossier run` seals every minute, `dossier history seal` now.",
                f"{since} 以来的历史未封存。dossier run 每分钟封存一次，或立即运行 dossier history seal。",
            )
        )
    return found


def backups() -> list[str]:
    """Backups are made: the last one did not fail, and the last good one is not old."""
    from dossier.core.backup.health import State, health
    from dossier.core.backup.runs import folder_is_in_home

    now = health()
    found: list[str] = []
    if now.state is State.FAILED and now.last is not None:
        found.append(
            bilingual(
                f"The last backup failed ({now.last.problem}); the page Settings → Backups says more.",
                f"最近一次备份失败（{now.last.problem}），详见“设置 → 备份”页面。",
            )
        )
    if now.last_good is not None and now.state is State.OLD:
        since = now.last_good.ended_at.astimezone().strftime("%Y-%m-%d %H:%M")
        found.append(
            bilingual(
                f"The last backup is of {since}. `dossier run` makes one every day, `dossier backup FILE` now.",
                f"最近一次备份是 {since}。dossier run 每天自动备份，或立即运行 dossier backup FILE。",
            )
        )
    if now.state is State.OFF:
        found.append(Notice(bilingual("No backups are scheduled.", "未安排定期备份。")))
    elif now.state is State.NONE:
        found.append(Notice(bilingual("No backup was made so far.", "尚未备份过。")))
    if now.state is not State.OFF and folder_is_in_home():
        found.append(
            Notice(
                bilingual(
                    "Backups lie in the home itself; DOSSIER_BACKUP_DIR names a place on another disk or machine.",
                    "备份存放在程序目录内；请用 DOSSIER_BACKUP_DIR 指定其他磁盘或机器上的位置。",
                )
            )
        )
    return found


def jobs() -> list[str]:
    """No job failed lately or waits for long."""
    with closing(connect()) as connection:
        failed, waiting = _row(connection, _JOBS)
    found: list[str] = []
    if failed:
        found.append(
            Notice(
                bilingual(
                    f"{failed} jobs failed within a week; the log says why.",
                    f"近一周有 {failed} 个后台任务失败，原因见日志。",
                )
            )
        )
    if waiting is not None and datetime.now(UTC) - waiting > _WAITING_FOR:
        since = waiting.astimezone().strftime("%Y-%m-%d %H:%M")
        found.append(
            Notice(
                bilingual(
                    f"A job waits since {since}; `dossier run` does them.",
                    f"有后台任务自 {since} 起等待；由 dossier run 执行。",
                )
            )
        )
    return found


def _row(connection: psycopg.Connection[Any], query: str) -> tuple[Any, ...]:
    row = connection.execute(query.encode()).fetchone()
    assert row is not None
    return tuple(row)

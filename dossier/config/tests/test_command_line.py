"""The command line itself: help in both languages, exit statuses, what a person reads on a mistake."""

import json
import typing

import pytest
import typer
from django.core.exceptions import ImproperlyConfigured

from dossier.config import cli
from dossier.config.commands import MODULES
from dossier.config.exits import CommandError, Exit
from dossier.config.options import write_json
from dossier.config.progress import progress
from dossier.core.errors import Refusal, Refusals


@pytest.fixture
def with_command(monkeypatch):
    """Give `dossier` one more command, `work`, for the test."""

    def give(function: typing.Callable[[], typing.Any]) -> None:
        app = typer.Typer()
        app.command("work")(function)
        app.command("other")(lambda: None)
        monkeypatch.setattr(cli, "build", lambda: app)

    return give


def raising(error: BaseException):
    def work() -> None:
        raise error

    return work


@pytest.mark.parametrize(
    ("language", "word"), [("zh_CN.UTF-8", "启动程序"), ("de_DE", "Start the")]
)
def test_help_in_the_language_of_the_terminal(monkeypatch, capsys, language, word):
    monkeypatch.delenv("DOSSIER_LANG", raising=False)
    monkeypatch.setenv("LC_ALL", language)
    assert cli.run(["run", "--help"]) == 0
    assert word in capsys.readouterr().out


@pytest.mark.parametrize("module", MODULES)
def test_every_command_has_help(module, capsys):
    name = module.removesuffix("_")
    if name == "manage":
        pytest.skip("hands --help on to Django")
    assert cli.run([name, "--help"]) == 0
    assert "Usage" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["nonsense"], "nonsense"),
        (["run", "--port", "0"], "--port"),
        (["run", "--port", "x"], "--port"),
        (["run", "--colour"], "--colour"),
    ],
)
def test_wrong_use_is_status_1_because_2_means_rejected_rows(words, named, capsys):
    assert cli.run(words) == Exit.FAILED
    message = capsys.readouterr().err
    assert named in message
    assert "Traceback" not in message


@pytest.mark.parametrize("status", list(Exit))
def test_a_commands_answer_is_the_exit_status(with_command, status):
    with_command(lambda: int(status))
    assert cli.run(["work"]) == status


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (Refusal("no", "Do %(what)s first.", params={"what": "this"}), "Do this first."),
        (CommandError("Choose another port."), "Choose another port."),
        (ImproperlyConfigured("DOSSIER_HTTPS must be 0 or 1"), "DOSSIER_HTTPS must be 0 or 1"),
    ],
)
def test_a_refusal_is_one_line_without_a_trace(with_command, capsys, error, message):
    with_command(raising(error))
    assert cli.run(["work"]) == Exit.FAILED
    assert capsys.readouterr().err == message + "\n"


def test_each_of_several_refusals_is_said(with_command, capsys):
    with_command(raising(Refusals([Refusal("a", "First."), Refusal("b", "Second.")])))
    assert cli.run(["work"]) == Exit.FAILED
    assert capsys.readouterr().err == "First.\nSecond.\n"


def test_a_fault_of_the_program_is_not_hidden(with_command):
    with_command(raising(ZeroDivisionError()))
    with pytest.raises(ZeroDivisionError):
        cli.run(["work"])


def test_interrupted(with_command, capsys):
    with_command(raising(KeyboardInterrupt()))
    assert cli.run(["work"]) == 130
    assert capsys.readouterr().err == "Stopped.\n"


def test_progress_in_plain_lines_where_there_is_no_terminal(capsys):
    with progress(40, "rows") as advance:
        for _ in range(40):
            advance(1)
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "rows: 4 / 40 (10%)"
    assert len(lines) == 11
    assert lines[-1].startswith("rows: 40, ")


def test_json_to_a_file_and_to_the_terminal(tmp_path, capsys):
    from pathlib import Path

    write_json(tmp_path / "r.json", {"名": 1})
    assert json.loads((tmp_path / "r.json").read_text(encoding="utf-8")) == {"名": 1}
    write_json(Path("-"), {"名": 1})
    assert "名" in capsys.readouterr().out
    write_json(None, {})

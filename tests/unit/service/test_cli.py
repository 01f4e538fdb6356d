"""The command line as people meet it: help everywhere, plain answers to mistakes, and honest exit codes."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import click
import pytest

from service import cli
from service.cli import COMMANDS, main, tradeloop

#: Commands that only hold others.
GROUPS = ("feedback", "keys", "params", "proposals")


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No command may touch the folder of the tests."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TRADELOOP_HOME", str(tmp_path / "home"))


def call(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    """Run `tradeloop WORDS`; returns the exit code."""
    monkeypatch.setattr("sys.argv", ["tradeloop", *words])
    try:
        main()
    except SystemExit as leave:
        return int(leave.code or 0)
    return 0


def leaves() -> Iterator[tuple[str, ...]]:
    """Every command that does something, as words."""
    context = click.Context(tradeloop)
    for name in COMMANDS:
        command = tradeloop.get_command(context, name)
        if isinstance(command, click.Group):
            yield from ((name, inner) for inner in command.commands)
        else:
            yield (name,)


def found(words: Sequence[str]) -> click.Command:
    command: click.Command = tradeloop
    for word in words:
        assert isinstance(command, click.Group)
        inner = command.get_command(click.Context(command), word)
        assert inner is not None
        command = inner
    return command


@pytest.mark.parametrize("words", list(leaves()), ids=" ".join)
def test_every_command_has_help_and_a_home(
    words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(monkeypatch, *words, "--help") == 0
    shown = capsys.readouterr().out
    assert "--home" in shown
    assert found(words).help
    assert all(option.help for option in found(words).params if isinstance(option, click.Option) and option.name)


def test_the_commands_are_those_of_the_design(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(monkeypatch, "--help") == 0
    shown = capsys.readouterr().out
    for name in (*COMMANDS, "replay", "gate", "kill-switch", "doctor", "restore"):
        assert f"  {name} " in shown
    assert {words[0] for words in leaves() if len(words) == 2} == set(GROUPS)


def test_an_unknown_command_is_wrong_usage_and_answered_with_the_nearest(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(monkeypatch, "reply") == 2
    assert "Did you mean 'replay'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["run", "--feed", "live"], "live feed cannot be lived in yet"),
        (["run", "--feed", "replay"], "replay feed cannot be lived in yet"),
        (["run", "--feed", "lunar"], "'lunar' is not one of"),
        (["replay"], "Give either --candles or --simulated"),
        (["replay", "--candles", "nowhere.parquet"], "nowhere.parquet"),
        (["replay", "--simulated", "3", "--start", "yesterday"], "write it as 2023-09-01"),
        (["backtest", "--strategy", "momentum"], "candles"),
        (["proposals", "approve", "p-1"], "--digest"),
        (["keys", "create", "--scope", "root"], "'root' is not one of"),
        (["params", "set", "momentum_scalping.BTCUSDT"], "Missing"),
        (["doctor", "--fix"], "No such option"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_wrong_usage_is_said_plainly_and_ends_with_two(
    words: list[str], says: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(monkeypatch, *words) == 2
    captured = capsys.readouterr()
    assert says in captured.err
    assert captured.out == ""


def test_a_bad_setting_is_named_and_ends_with_two(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TRADELOOP_TIMEZONE", "Mars/Olympus")
    assert call(monkeypatch, "doctor") == 2
    assert "Mars/Olympus" in capsys.readouterr().err


def test_what_is_not_there_ends_with_one(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(monkeypatch, "report", "daily", "--date", "2020-01-01") == 1
    assert "There is no daily report of 2020-01-01" in capsys.readouterr().err


def test_an_unknown_parameter_in_a_file_is_answered_with_the_nearest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    values = tmp_path / "values.json"
    values.write_text(json.dumps({"entry_treshold": 0.004}))
    assert call(monkeypatch, "replay", "--simulated", "2", "--params", str(values)) == 2
    assert "Did you mean 'entry_threshold'" in capsys.readouterr().err


def test_the_kill_switch_works_without_a_server(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(monkeypatch, "kill-switch", "on", "--reason", "drill", "--json") == 0
    assert json.loads(capsys.readouterr().out)["engaged"] is True
    assert call(monkeypatch, "kill-switch", "off", "--json") == 0
    assert json.loads(capsys.readouterr().out)["engaged"] is False


def test_a_command_is_loaded_only_when_it_is_called() -> None:
    """Starting `tradeloop` shall not wait for numba."""
    assert all(isinstance(module, str) for module in cli.COMMANDS.values())

"""The kill switch is a file: it works alone, it is never half-written, and doubt counts as engaged."""

from datetime import UTC, datetime
from pathlib import Path

from execution.safety import KillSwitch

NOW = datetime(2025, 5, 4, tzinfo=UTC)


def test_it_is_off_until_it_is_pulled_and_remembers_who_pulled_it(tmp_path: Path) -> None:
    switch = KillSwitch(tmp_path / "kill_switch")
    assert switch.state() is None
    switch.activate(actor="kim", at=NOW, reason="strange fills")
    state = KillSwitch(tmp_path / "kill_switch").state()
    assert state is not None
    assert (state.actor, state.reason, state.flatten) == ("kim", "strange fills", False)
    assert [path.name for path in tmp_path.iterdir()] == ["kill_switch"]


def test_pulling_twice_keeps_the_first_unless_the_second_also_flattens(tmp_path: Path) -> None:
    switch = KillSwitch(tmp_path / "kill_switch")
    switch.activate(actor="kim", at=NOW)
    assert switch.activate(actor="lee", at=NOW).actor == "kim"
    assert switch.activate(actor="lee", at=NOW, flatten=True).actor == "lee"
    assert switch.activate(actor="park", at=NOW).flatten


def test_releasing_says_whether_it_was_engaged(tmp_path: Path) -> None:
    switch = KillSwitch(tmp_path / "kill_switch")
    assert not switch.deactivate()
    switch.activate(actor="kim", at=NOW)
    assert switch.deactivate()
    assert switch.state() is None


def test_a_file_that_cannot_be_read_counts_as_engaged(tmp_path: Path) -> None:
    path = tmp_path / "kill_switch"
    path.write_text("{")
    state = KillSwitch(path).state()
    assert state is not None
    assert not state.flatten

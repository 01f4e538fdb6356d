"""`tradeloop gate`: judge many cases from a file, or one candidate on candles."""

import json
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import click

from feedback.gate.cases import case_lines, diagnose_line, judge_line
from feedback.gate.false_discovery import q_values
from feedback.gate.gate import Gate
from service.candles import FILE, read_values
from service.commands.options import Day, home_option, json_option, midnight, print_json
from service.gate_request import GateRequest, judge_request
from service.progress import progress_bar


@click.command()
@click.option("--cases", type=FILE, help="JSON lines, one case each; they are judged without memory.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Where the verdicts of --cases go.")
@click.option("--diagnostics", is_flag=True, help="Add PSR, DSR, PBO, SPA, StepM and q-values; they never decide.")
@click.option("--strategy", "name", help="A built-in strategy, one of tradeloop.toml, or a .py file.")
@click.option("--candles", type=FILE, multiple=True, help="Files or folders of candles, one symbol or several.")
@click.option("--symbol", "symbols", multiple=True, help="What the paths do not say: one per path.")
@click.option("--venue", "venues", multiple=True, help="What the paths do not say: one per path.")
@click.option("--incumbent", type=FILE, help="JSON file of the values in force.")
@click.option("--candidate", type=FILE, help="JSON file of the values proposed; the rest stays as it is.")
@click.option("--trials", type=click.IntRange(1), default=1, show_default=True, help="Sets tried to find it.")
@click.option(
    "--source", type=click.Choice(["llm", "miner", "person"]), default="llm", show_default=True, help="Who made it."
)
@click.option("--seen-from", type=Day(), help="First day (UTC) its author has seen; default: the last 30 days.")
@click.option("--seen-to", type=Day(), help="Day (UTC) before which that ends; default: the end of the candles.")
@click.option(
    "--budget",
    type=click.FloatRange(min=0, min_open=True),
    default=10_000.0,
    show_default=True,
    help="Capital, in quote currency.",
)
@home_option
@json_option
@click.argument("more_candles", nargs=-1, type=FILE)
def command(
    cases: Path | None,
    out: Path | None,
    diagnostics: bool,
    name: str | None,
    candles: tuple[Path, ...],
    symbols: tuple[str, ...],
    venues: tuple[str, ...],
    incumbent: Path | None,
    candidate: Path | None,
    trials: int,
    source: str,
    seen_from: date | None,
    seen_to: date | None,
    budget: float,
    home: Path | None,
    as_json: bool,
    more_candles: tuple[Path, ...],
) -> None:
    """Approve, canary, reject or insufficient data: is a candidate better than what runs now?

    With --cases FILE --out FILE each line is judged by itself. With --strategy, --candles, --incumbent and --candidate
    one candidate is judged; --home then adds that home's memory: earlier verdicts, ledger and cooldown. A verdict
    never changes the exit code.
    """
    if cases is not None:
        if out is None:
            raise click.UsageError("--cases needs --out.")
        _judge_cases(cases, out, diagnostics, as_json)
        return
    if name is None or not candles or incumbent is None or candidate is None:
        raise click.UsageError("Give --cases and --out, or --strategy, --candles, --incumbent and --candidate.")
    document = judge_request(
        GateRequest(
            strategy=name,
            candles=(*candles, *more_candles),
            symbols=symbols,
            venues=venues,
            incumbent=read_values(incumbent),
            candidate=read_values(candidate),
            trials=trials,
            source=source,
            seen_from=midnight(seen_from),
            seen_to=midnight(seen_to),
            budget=budget,
            home=home,
        )
    )
    if as_json:
        print_json(document)
        return
    for check in document["checks"]:
        click.echo(f"  {_MARKS[check['ok']]} {check['line']}")
    click.echo(document["line"])


_MARKS = {True: "+", False: "-", None: " "}


def _judge_cases(cases: Path, out: Path, diagnostics: bool, as_json: bool) -> None:
    lines, gate = case_lines(cases), Gate()
    verdicts: list[dict[str, Any]] = []
    with progress_bar("gate", quiet=as_json) as show:
        for done, text in enumerate(lines, start=1):
            verdicts.append(judge_line(text, cases.parent, gate))
            if diagnostics:
                verdicts[-1]["diagnostics"] = diagnose_line(text, cases.parent)
            show(done, len(lines), f"{done} of {len(lines)}")
    if diagnostics:
        _add_q_values(verdicts)
    _write(out, verdicts)
    decisions = Counter(verdict["decision"] for verdict in verdicts)
    if as_json:
        print_json({"cases": len(lines), "decisions": dict(sorted(decisions.items()))})
    else:
        told = ", ".join(f"{count} {decision}" for decision, count in sorted(decisions.items()))
        click.echo(f"{len(lines)} cases: {told or 'none'}")


def _add_q_values(verdicts: list[dict[str, Any]]) -> None:
    """The false discovery rate at which each verdict of this file would be a discovery."""
    tested = [verdict for verdict in verdicts if verdict["p_value"] is not None]
    for verdict, q in zip(tested, q_values([verdict["p_value"] for verdict in tested]), strict=True):
        verdict["diagnostics"]["q_value"] = q


def _write(out: Path, verdicts: list[dict[str, Any]]) -> None:
    with out.open("w", encoding="utf-8") as handle:
        for verdict in verdicts:
            handle.write(json.dumps(verdict, ensure_ascii=False, allow_nan=False) + "\n")

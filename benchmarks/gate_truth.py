"""The score card of our gate on proposals of known worth: `python -m benchmarks.gate_truth --cases 200 --seed 1`.

It goes the whole way that anybody's cases go: files are written, `judge_cases` reads them, verdicts are scored.
Other seeds give other markets; `--correlation` and `--regime-days` give harder ones.
"""

import json
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from benchmarks.truth.classes import CLASSES, TrueCase, make
from benchmarks.truth.files import write_cases
from benchmarks.truth.market import MarketSettings
from benchmarks.truth.plot import score_card_svg
from benchmarks.truth.score import Judged, card, reliability
from feedback.gate.cases import judge_cases
from feedback.gate.gate import Gate


@click.command()
@click.option("--cases", default=200, show_default=True, help="Cases per class.")
@click.option("--seed", default=1, show_default=True, help="First seed; case i uses seed + i.")
@click.option("--kind", "kinds", multiple=True, type=click.Choice(sorted(CLASSES)), help="Only these classes.")
@click.option("--correlation", default=MarketSettings().correlation, show_default=True)
@click.option("--regime-days", default=MarketSettings().regime_days, show_default=True)
@click.option("--keep", type=click.Path(path_type=Path), help="Write the cases and their truth here and keep them.")
@click.option("--svg", type=click.Path(path_type=Path), help="Draw the score card.")
def main(
    cases: int,
    seed: int,
    kinds: tuple[str, ...],
    correlation: float,
    regime_days: float,
    keep: Path | None,
    svg: Path | None,
) -> None:
    """Make cases of known worth, judge them, and print the score card."""
    settings = MarketSettings(correlation=correlation, regime_days=regime_days)
    with tempfile.TemporaryDirectory() as scratch:
        judged = measure(settings, cases, seed, kinds or tuple(CLASSES), keep or Path(scratch))
    click.echo(card(judged))
    click.echo("stated probability -> truly better (cases)")
    for stated, true, count in reliability(judged):
        click.echo(f"  {stated:.2f} -> {true:.2f} ({count})")
    if svg:
        svg.write_text(score_card_svg(judged), encoding="utf-8")


def measure(settings: MarketSettings, cases: int, seed: int, kinds: Sequence[str], folder: Path) -> list[Judged]:
    """Judge `cases` cases of each class through files in `folder`, where truth.json says what each is worth."""
    truth: dict[str, tuple[str, bool]] = {}

    def made() -> Iterator[tuple[str, TrueCase]]:
        for kind in kinds:
            for number in range(seed, seed + cases):
                case = make(kind, settings, number)
                truth[f"{kind}-{number}"] = (kind, case.better)
                yield f"{kind}-{number}", case

    file = write_cases(folder, made())
    (folder / "truth.json").write_text(json.dumps(truth))
    return [Judged(*truth[verdict["case_id"]], verdict) for verdict in judge_cases(file, Gate())]


if __name__ == "__main__":
    main()

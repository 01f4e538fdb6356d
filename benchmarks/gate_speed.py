"""How long the gate takes for many cases: `python -m benchmarks.gate_speed` (target: 1,000 cases under 60 s)."""

import tempfile
import time
from pathlib import Path

import click
import numpy as np

from benchmarks.truth.classes import SEEN, UNSEEN, TrueCase
from benchmarks.truth.files import write_cases
from feedback.gate.cases import judge_cases
from feedback.gate.gate import Gate


@click.command()
@click.option("--cases", default=1000, show_default=True)
@click.option("--trials", default=20, show_default=True, help="Trial columns in each file.")
def main(cases: int, trials: int) -> None:
    """Time the judging of cases of 3 symbols x 260 days."""
    rng = np.random.default_rng(1)
    shape = (3, UNSEEN + SEEN + 5)
    with tempfile.TemporaryDirectory() as folder:
        made = ((str(n), _noise(rng, shape, trials)) for n in range(cases))
        file = write_cases(Path(folder), made, trials=trials)
        began = time.perf_counter()
        judged = sum(1 for _ in judge_cases(file, Gate()))
        seconds = time.perf_counter() - began
    click.echo(f"{judged} cases in {seconds:.1f} s: {1000 * seconds / judged:.1f} ms each on one core")


def _noise(rng: np.random.Generator, shape: tuple[int, int], trials: int) -> TrueCase:
    daily = 0.01 * rng.standard_t(4, (2 + trials, *shape))
    return TrueCase("noise", "miner", False, daily[0], daily[1], daily[2:])


if __name__ == "__main__":
    main()

"""Cases of known worth as the files that `tradeloop gate --cases` reads."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from benchmarks.truth.classes import SEEN, TrueCase

START = datetime(2025, 1, 1, tzinfo=UTC)


def write_cases(folder: Path, cases: Iterable[tuple[str, TrueCase]], *, trials: int = 0) -> Path:
    """Write `cases` (id, case) as cases.jsonl with one CSV each; `trials` is the most trial columns to write."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "cases.jsonl"
    with file.open("w") as handle:
        for case_id, case in cases:
            _write_returns(folder / f"{case_id}.csv", case, trials)
            handle.write(json.dumps(_line(case_id, case)) + "\n")
    return file


def _line(case_id: str, case: TrueCase) -> dict[str, object]:
    end = START + timedelta(days=case.incumbent.shape[1])
    return {
        "case_id": case_id,
        "strategy": "momentum_scalping",
        "source": case.source,
        "n_trials": max(1, len(case.trials)),
        "now": end.isoformat(),
        "seen": {"start": (end - timedelta(days=SEEN)).isoformat(), "end": end.isoformat()},
        "incumbent": {"id": 1},
        "candidate": {"id": 2},
        "returns": f"{case_id}.csv",
    }


def _write_returns(file: Path, case: TrueCase, trials: int) -> None:
    symbols, days = case.incumbent.shape
    kept = case.trials[:trials]
    table = np.stack([case.incumbent, case.candidate, *kept], axis=-1)
    names = ["ts", "symbol", "incumbent", "candidate", *(f"trial_{k}" for k in range(len(kept)))]
    dates = [(START + timedelta(days=day)).date().isoformat() for day in range(days)]
    with file.open("w") as handle:
        handle.write(",".join(names) + "\n")
        for day, date in enumerate(dates):
            for symbol in range(symbols):
                values = ",".join(f"{value:.9g}" for value in table[symbol, day])
                handle.write(f"{date},S{symbol},{values}\n")

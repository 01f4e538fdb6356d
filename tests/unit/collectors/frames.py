"""Candle files for tests: good bars as a data frame, written in the formats that users bring."""

from pathlib import Path

import numpy as np
import pandas as pd

START = pd.Timestamp("2024-03-01", tz="UTC")


def good_frame(rows: int = 20, minutes: int = 1) -> pd.DataFrame:
    close = 100.0 + np.arange(rows) % 7
    return pd.DataFrame(
        {
            "timestamp": START + pd.to_timedelta(np.arange(rows) * minutes, unit="min"),
            "open": close - 0.5,
            "high": close + 1.0,
            "low": close - 1.0,
            "close": close,
            "volume": 3.0 + np.arange(rows),
        }
    )


def laid_out(root: Path, name: str, *, venue: str = "binance_spot", timeframe: str = "1m") -> Path:
    """A path `<venue>/XYZUSDT/<timeframe>/name` whose folders exist."""
    path = root / venue / "XYZUSDT" / timeframe / name
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def parquet(root: Path, frame: pd.DataFrame, name: str = "a.parquet", **place: str) -> Path:
    path = laid_out(root, name, **place)
    frame.to_parquet(path, index=False)
    return path

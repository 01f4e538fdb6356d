"""Funding settlements of perpetuals, recorded in a folder `funding/` beside the folder of a timeframe."""

from pathlib import Path

import numpy as np

from collectors.candle_files import data_files, read_numbers, read_table, read_times
from collectors.timestamps import NO_TIME
from core.market import FundingRates, Instrument

TIME_NAMES = ("timestamp", "ts", "date", "calc_time", "fundingtime")
RATE_NAMES = ("funding_rate", "last_funding_rate", "fundingrate")


def read_funding(instrument: Instrument, symbol_folder: Path | None) -> tuple[FundingRates | None, str]:
    """The rates beside an instrument's candles, and a note that says in words what was found.

    Times are floored to the minute (exchanges settle with some milliseconds of jitter); rows without a time or rate
    are left out; of two rows of one minute the later file's, then the later row's, stays.
    """
    if not instrument.perpetual:
        return None, "spot: no funding"
    folder = symbol_folder / "funding" if symbol_folder else None
    if folder is None or not folder.is_dir():
        return None, "absent: no funding folder beside the candles, so no funding is charged"
    rates = _join(data_files(folder))
    return rates, f"recorded: {len(rates.time)} settlements"


def _join(files: list[Path]) -> FundingRates:
    tables = [(path, read_table(path)) for path in files]
    time = np.concatenate([read_times(table, path, TIME_NAMES) for path, table in tables])
    rate = np.concatenate([read_numbers(table, path, RATE_NAMES) for path, table in tables])
    usable = (time != NO_TIME) & np.isfinite(rate)
    time, rate = time[usable], rate[usable]
    order = np.argsort(time, kind="stable")
    time, rate = time[order], rate[order]
    last = np.append(time[:-1] != time[1:], np.ones(min(len(time), 1), dtype=bool))
    return FundingRates(time[last], rate[last])

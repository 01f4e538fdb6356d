"""Which market a candle file belongs to, told by its place `<venue>/<symbol>/<timeframe>/` or by the caller."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from core.errors import InvalidInput
from core.market import TIMEFRAMES

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:\-]{0,63}")


@dataclass(frozen=True, slots=True)
class Origin:
    """Where candles come from. Outside the layout, `timeframe` and `symbol_folder` (of the timeframes) are None."""

    venue: str
    symbol: str
    timeframe: str | None
    symbol_folder: Path | None


def origins_of(
    paths: Sequence[Path], symbols: Sequence[str] | None = None, venues: Sequence[str] | None = None
) -> list[Origin]:
    """The origin of each path; raises InvalidInput where neither the path nor the caller names it.

    `symbols` and `venues` win over the path: one for each path, or a single one for all.
    """
    named = zip(_one_each(symbols, len(paths), "symbol"), _one_each(venues, len(paths), "venue"), strict=True)
    return [_origin(path, symbol, venue) for path, (symbol, venue) in zip(paths, named, strict=True)]


def _origin(path: Path, symbol: str | None, venue: str | None) -> Origin:
    place = path.absolute()
    folder = place if place.is_dir() else place.parent
    timeframe = timeframe_of(folder.name)
    if timeframe and len(folder.parts) > 3:
        symbol = symbol or folder.parent.name
        venue = venue or folder.parent.parent.name
    symbol_folder = folder.parent if timeframe else None
    return Origin(_named(venue, "venue", path), _named(symbol, "symbol", path), timeframe, symbol_folder)


def timeframe_of(folder_name: str) -> str | None:
    """The timeframe that a folder name begins with (`1m`, `1m_flow`), or None."""
    head = folder_name.split("_")[0]
    return head if head in TIMEFRAMES else None


def _one_each(names: Sequence[str] | None, count: int, kind: str) -> Sequence[str | None]:
    if not names:
        return [None] * count
    if len(names) not in (1, count):
        raise InvalidInput(
            f"{len(names)} --{kind} values for {count} paths.", field=kind, remedy=f"Give one --{kind} per path."
        )
    return list(names) * count if len(names) == 1 else names


def _named(name: str | None, kind: str, path: Path) -> str:
    if name is None:
        raise InvalidInput(
            f"The {kind} of {path} is unknown.",
            field=kind,
            remedy=f"Give --{kind}, or lay the file out as <venue>/<symbol>/<timeframe>/.",
        )
    if not NAME.fullmatch(name):
        raise InvalidInput(f"{name!r} is not a {kind}.", field=kind, remedy="Use letters, digits, '.', '_', '-', ':'.")
    return name

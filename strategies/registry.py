"""The strategies known by name: the two built in, and those that a user loads from a file of their own."""

import sys
from importlib import util
from pathlib import Path
from types import ModuleType

from core.errors import InvalidInput, UnknownName
from strategies import market_making, momentum_scalping
from strategies.contract import Strategy

_PARTS = ("TITLE", "KIND", "FEATURES", "CONTEXT", "MEMORY", "PARAMETERS", "step")


def get(name: str) -> Strategy:
    """The strategy of that name; UnknownName otherwise."""
    if name not in _known:
        raise UnknownName.among("strategy", name, _known)
    return _known[name]


def names() -> tuple[str, ...]:
    """All strategies that can be used now."""
    return tuple(sorted(_known))


def load(path: Path | str) -> Strategy:
    """Load a user's strategy file, register it under its file name and return it; a known name is replaced.

    A file that is missing or lacks a part raises InvalidInput. The file runs as code: load only your own.
    """
    file = Path(path).resolve()
    spec = util.spec_from_file_location(f"strategy_file_{file.stem}", file) if file.is_file() else None
    if spec is None or spec.loader is None:
        raise InvalidInput(
            f"There is no strategy file {path}.", field="strategy", remedy="Give the path of a .py file."
        )
    module = util.module_from_spec(spec)
    sys.modules[spec.name] = module  # cached machine code looks its module up by name
    spec.loader.exec_module(module)
    strategy = from_module(module, file.stem)
    _known[strategy.name] = strategy
    return strategy


def from_module(module: ModuleType, name: str) -> Strategy:
    """The strategy that a module declares; a missing part raises InvalidInput naming it."""
    missing = [part for part in _PARTS if not hasattr(module, part)]
    if missing:
        raise InvalidInput(
            f"Strategy {name} lacks {', '.join(missing)}.",
            field=missing[0],
            remedy="Copy strategies/momentum_scalping.py and change it.",
        )
    return Strategy(
        name=name,
        title=module.TITLE,
        kind=module.KIND,
        declaration=module.PARAMETERS,
        features=tuple(module.FEATURES),
        context=tuple(module.CONTEXT),
        memory=tuple(module.MEMORY),
        step=module.step,
    )


_known: dict[str, Strategy] = {
    "market_making": from_module(market_making, "market_making"),
    "momentum_scalping": from_module(momentum_scalping, "momentum_scalping"),
}
BUILT_IN = frozenset(_known)

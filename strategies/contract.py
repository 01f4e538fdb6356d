"""What a strategy is: one plain step function with the names it reads and the parameters it declares."""

import ast
import inspect
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np

from core.errors import InvalidInput, UnknownName
from core.market import CONTEXT_FIELDS, Floats
from core.parameters import Declaration
from strategies.compiled import CompiledStep, compile_step
from strategies.features import FEATURE_NAMES
from strategies.frame import record_of

Kind = Literal["directional", "quoting"]
Step = Callable[..., None]


@dataclass(frozen=True)
class Strategy:
    """A strategy's code and declarations, without values and without state.

    `step(bar, feature, context, position, parameter, memory, want)` reads records with named float64 fields and writes
    its wishes to `want` (see strategies.frame). It is a plain function: call it uncompiled to debug it.
    """

    name: str
    title: str
    kind: Kind
    declaration: Declaration
    features: tuple[str, ...]
    context: tuple[str, ...]
    memory: tuple[str, ...]
    step: Step

    def __post_init__(self) -> None:
        _refuse_unknown("feature", self.features, FEATURE_NAMES)
        _refuse_unknown("context field", self.context, CONTEXT_FIELDS)
        _refuse_foreign_writes(self.name, self.step)

    @cached_property
    def feature_record(self) -> np.dtype[np.void]:
        return record_of(self.features)

    @cached_property
    def context_record(self) -> np.dtype[np.void]:
        return record_of(self.context)

    @cached_property
    def parameter_record(self) -> np.dtype[np.void]:
        return record_of(tuple(self.declaration))

    @cached_property
    def memory_record(self) -> np.dtype[np.void]:
        return record_of(self.memory)

    @cached_property
    def compiled(self) -> CompiledStep:
        """The step as machine code, compiled (or read from the cache) at first use."""
        return compile_step(
            self.step, self.feature_record, self.context_record, self.parameter_record, self.memory_record
        )

    def vector(self, values: Mapping[str, Any]) -> Floats:
        """The complete, checked parameter values in the order in which the step reads them."""
        return np.array(list(self.declaration.complete(values).values()), dtype=np.float64)


def _refuse_unknown(kind: str, names: tuple[str, ...], known: tuple[str, ...]) -> None:
    for name in names:
        if name not in known:
            raise UnknownName.among(kind, name, known)


def _refuse_foreign_writes(name: str, step: Step) -> None:
    """A step reads the market's own memory: one that wrote there would change what every other run sees."""
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(step)))
    except OSError:
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and _owner(node) not in _WRITABLE:
            raise InvalidInput(
                f"The step of {name} writes to {ast.unparse(node)}.",
                field="step",
                remedy="Write to want and memory only.",
            )


def _owner(node: ast.Attribute) -> str:
    return node.value.id if isinstance(node.value, ast.Name) else ""


_WRITABLE = ("want", "memory")

"""What the gate looks at: a proposal's numbers, the evidence about it, and what is known of its surroundings."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from core.learning import Author
from feedback.gate.admission import Admission, AdmissionHistory
from feedback.gate.findings import Findings, find
from feedback.gate.returns import PairedReturns, Window


@dataclass(frozen=True, slots=True)
class Activity:
    """What each side did on the unseen days, all symbols together. Fees are fractions of capital."""

    incumbent_trades: int
    candidate_trades: int
    incumbent_fees: float | None = None
    candidate_fees: float | None = None


@dataclass(frozen=True, slots=True)
class Fidelity:
    """How well a replay of the current parameters explains their journal: mean daily bias and its standard error."""

    bias_per_day: float
    error: float
    days: int


@dataclass(frozen=True, slots=True)
class Agreement:
    """What the independent referee found on the candidate's trades."""

    trades: int
    differing: int


@dataclass(frozen=True, slots=True)
class Probes:
    """What probing somebody else's simulation found. None: the probe had nothing to look at.

    `foresight` is the share of probes in which the candidate won from an unforeseeable last bar whichever way it went;
    `rewritten_days` how many past days changed when later candles were taken away; `free_trades` whether the candidate
    trades a standing market without paying; `cost_parameters` the cost settings that candidate and incumbent differ in.
    """

    foresight: float | None = None
    rewritten_days: int | None = None
    free_trades: bool | None = None
    cost_parameters: tuple[str, ...] = ()


@dataclass(frozen=True)
class Subject:
    """One proposal before the gate. What is None is not known here, and checks that need it do not decide."""

    source: Author
    n_trials: int
    window: Window
    returns: PairedReturns
    incumbent: Mapping[str, float] = field(default_factory=dict)
    candidate: Mapping[str, float] = field(default_factory=dict)
    admission: Admission | None = None
    activity: Activity | None = None
    fidelity: Fidelity | None = None
    referee: Callable[[], Agreement] | None = None
    probes: Probes | None = None
    candles_only: bool = False

    @property
    def history(self) -> AdmissionHistory | None:
        """The instance's past, where one is known."""
        return self.admission.history if self.admission else None

    @property
    def mined(self) -> bool:
        """Whether the proposal was chosen among several."""
        return self.source == "miner" or self.n_trials > 1

    @cached_property
    def findings(self) -> Findings:
        return find(self.returns, self.window, mined=self.mined, n_trials=self.n_trials)

"""What this home is fed with: noted when its history begins to be lived, and once more when that is done."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from storage.embedded.home import Home


@dataclass(frozen=True, slots=True)
class FeedState:
    """`name` is simulated or replay; the rest lets the same feed go on after a restart.

    `start` is the feed's first day, [lived_from, lived_until) the part of the past that the loop lives through (ISO,
    UTC), and `lived` whether it has.
    """

    name: str
    symbols: tuple[str, ...]
    seed: int
    start: str
    lived_from: str
    lived_until: str
    lived: bool = False

    @property
    def simulated(self) -> bool:
        return self.name == "simulated"


def read_feed(home: Home) -> FeedState | None:
    """The state, None in a new home."""
    try:
        document = json.loads(_path(home).read_text())
    except FileNotFoundError:
        return None
    return FeedState(**{**document, "symbols": tuple(document["symbols"])})


def has_lived(home: Home) -> bool:
    """Whether the past of this home's feed was lived through."""
    state = read_feed(home)
    return state is not None and state.lived


def write_feed(home: Home, state: FeedState) -> None:
    """Replace the state atomically."""
    temporary = _path(home).with_suffix(".tmp")
    temporary.write_text(json.dumps(asdict(state)))
    temporary.replace(_path(home))


def _path(home: Home) -> Path:
    return home.path / "feed.json"

"""What this home is fed with, as the trader wrote it once the history was lived through."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from storage.embedded.home import Home


@dataclass(frozen=True, slots=True)
class FeedState:
    """`name` is simulated or replay; the rest lets the same feed go on after a restart."""

    name: str
    symbols: tuple[str, ...]
    seed: int
    start: str
    lived_until: str

    @property
    def simulated(self) -> bool:
        return self.name == "simulated"


def read_feed(home: Home) -> FeedState | None:
    """The state, None before the first market was lived through."""
    try:
        document = json.loads(_path(home).read_text())
    except FileNotFoundError:
        return None
    return FeedState(**{**document, "symbols": tuple(document["symbols"])})


def write_feed(home: Home, state: FeedState) -> None:
    """Replace the state atomically."""
    temporary = _path(home).with_suffix(".tmp")
    temporary.write_text(json.dumps(asdict(state)))
    temporary.replace(_path(home))


def _path(home: Home) -> Path:
    return home.path / "feed.json"

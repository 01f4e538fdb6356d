"""The kill switch: a file in the home, so that it works with Postgres and Redis down. It stops entries at once."""

import json
import os
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path


@dataclass(frozen=True, slots=True)
class KillState:
    """Who pulled the switch, when and why. `flatten`: open positions are closed as well."""

    actor: str
    at: str
    reason: str
    flatten: bool


class KillSwitch:
    """Reads and writes the file. An unreadable file counts as engaged: when in doubt, do not trade."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def state(self) -> KillState | None:
        """The current state, None when the switch is off."""
        try:
            return KillState(**json.loads(self.path.read_text()))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, TypeError):
            return KillState(actor="unknown", at="", reason="the kill-switch file cannot be read", flatten=False)

    def activate(self, *, actor: str, at: datetime, reason: str = "", flatten: bool = False) -> KillState:
        """Engage; engaging twice keeps the first state unless the second one also flattens."""
        current = self.state()
        if current is not None and (current.flatten or not flatten):
            return current
        state = KillState(actor=actor, at=at.isoformat(), reason=reason, flatten=flatten)
        temporary = self.path.with_suffix(f".{os.getpid()}.tmp")
        temporary.write_text(json.dumps(asdict(state)))
        temporary.replace(self.path)
        return state

    def deactivate(self) -> bool:
        """Release; returns whether it was engaged."""
        was_engaged = self.path.exists()
        self.path.unlink(missing_ok=True)
        return was_engaged

"""The runtime file of a home: which processes run, and where the stores are."""

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class StoreUrls:
    """Where Postgres (an SQLAlchemy URL) and Redis are. External URLs hold passwords, so they are not shown."""

    database_url: str = field(repr=False)
    redis_url: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ProcessRecord:
    """One running process of a home."""

    role: str
    pid: int
    url: str | None
    started_at: datetime

    def as_json(self) -> dict[str, str | int | None]:
        return {"role": self.role, "pid": self.pid, "url": self.url, "started_at": self.started_at.isoformat()}

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> Self:
        started_at = datetime.fromisoformat(document["started_at"])
        return cls(document["role"], int(document["pid"]), document["url"], started_at)


@dataclass(frozen=True, slots=True)
class Runtime:
    """The whole file. `owner` is the pid that holds the home's lock."""

    owner: int
    stores: StoreUrls
    processes: Sequence[ProcessRecord]

    def write(self, path: Path) -> None:
        """Replace the file atomically; only the owner of the home can read it."""
        document = {
            "owner": self.owner,
            "database_url": self.stores.database_url,
            "redis_url": self.stores.redis_url,
            "processes": [process.as_json() for process in self.processes],
        }
        unfinished = path.with_suffix(".part")
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump(document, file, indent=1)
        unfinished.replace(path)

    @classmethod
    def read(cls, path: Path) -> Self | None:
        """What the file says; None if there is none or it is not one of ours."""
        try:
            document = json.loads(path.read_text())
            stores = StoreUrls(document["database_url"], document["redis_url"])
            processes = [ProcessRecord.from_json(entry) for entry in document["processes"]]
            return cls(int(document["owner"]), stores, processes)
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            return None

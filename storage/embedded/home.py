"""A home: the one folder that holds everything a Tradeloop on this machine remembers."""

import hashlib
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from core.errors import InvalidInput
from storage.embedded.privileges import can_enter, unprivileged_user

ROOT_DATA = Path("/var/lib/tradeloop")
UNUSABLE_CHARACTERS = frozenset('"$`\\\n')  # initdb puts paths into a shell command


@dataclass(frozen=True)
class Home:
    """The layout of a home at `path` (made absolute). `create` makes it; the properties only name places."""

    path: Path

    def __post_init__(self) -> None:
        object.__setattr__(self, "path", Path(self.path).expanduser().absolute())

    @property
    def data(self) -> Path:
        """The servers' data. `create` decides once where it lies; a link in the home keeps the decision."""
        return self._data_entry.resolve() if self._data_entry.is_symlink() else self._data_entry

    @property
    def logs(self) -> Path:
        return self.path / "logs"

    @property
    def reports(self) -> Path:
        return self.path / "reports"

    @property
    def cache(self) -> Path:
        """Compiled kernels."""
        return self.path / "cache"

    @property
    def bars(self) -> Path:
        """Memory-mapped columns of bars."""
        return self.path / "bars"

    @property
    def kill_switch(self) -> Path:
        """Its existence is the kill switch."""
        return self.path / "kill_switch"

    @property
    def runtime(self) -> Path:
        """Which processes of this home run, as JSON (see storage.embedded.runtime)."""
        return self.path / "runtime.json"

    @property
    def lock(self) -> Path:
        return self.path / "lock"

    @property
    def guests(self) -> Path:
        """The lock that commands share while they use servers which another command started."""
        return self.path / "guests"

    @property
    def _data_entry(self) -> Path:
        return self.path / "data"

    def create(self) -> None:
        """Make what is missing (0700); raises InvalidInput, naming path and remedy, where that is impossible."""
        awkward = sorted(UNUSABLE_CHARACTERS.intersection(str(self.path)))
        if awkward:
            raise self._unusable(f"PostgreSQL's initdb does not work in a path with {' '.join(awkward)}")
        try:
            self._make_home()
            self._make_data()
            for folder in (self.logs, self.reports, self.cache, self.bars):
                folder.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise self._unusable(f"{error.strerror}: {error.filename}") from error
        if not os.access(self.path, os.W_OK | os.X_OK):
            raise self._unusable("it belongs to another user")

    def remove(self) -> None:
        """Delete a home that was meant to be thrown away, and its data wherever they lie."""
        shutil.rmtree(self.data, ignore_errors=True)
        shutil.rmtree(self.path, ignore_errors=True)

    def _make_home(self) -> None:
        if self.path.is_dir():
            return
        self.path.mkdir(mode=0o700, parents=True)
        _open_for_servers(self.path)

    def _make_data(self) -> None:
        if self.data.is_dir():
            return
        if self._data_entry.is_symlink():
            raise self._unusable(f"its data, {self.data}, are gone")
        if os.geteuid() == 0 and not can_enter(self.path, unprivileged_user()):
            self._make_data_elsewhere()
        else:
            self._data_entry.mkdir(mode=0o700)
            _open_for_servers(self._data_entry)

    def _make_data_elsewhere(self) -> None:
        ROOT_DATA.mkdir(mode=0o755, parents=True, exist_ok=True)
        folder = ROOT_DATA / self._identity()
        folder.mkdir(mode=0o700)
        _open_for_servers(folder)
        self._data_entry.symlink_to(folder, target_is_directory=True)

    def _identity(self) -> str:
        """Differs for a home that was deleted and made again, so that it never finds its predecessor's data."""
        made = self.path.stat()
        name = f"{self.path}:{made.st_ino}:{made.st_ctime_ns}"
        return hashlib.sha256(name.encode(errors="surrogateescape")).hexdigest()[:16]

    def _unusable(self, reason: str) -> InvalidInput:
        return InvalidInput(
            f"The home {self.path} cannot be used: {reason}.",
            field="home",
            remedy="Give a folder you may write to with --home or TRADELOOP_HOME.",
        )


def _open_for_servers(folder: Path) -> None:
    """Let root's servers, and nobody else, pass through a folder that we have just made."""
    if os.geteuid() == 0:
        os.chown(folder, 0, unprivileged_user().gid)
        folder.chmod(0o710)

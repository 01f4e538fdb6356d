"""A whole home as one file, to be taken to another machine.

The database goes as PostgreSQL's own dump, so that server versions and processors may differ; every file of the home
goes as it is. Redis does not go: it is rebuilt from Postgres. Caches, logs and what belongs to running processes stay.
"""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from core.errors import BadData, Conflict, InvalidInput
from service import archive
from storage import migrate
from storage.embedded.dump import dump, load
from storage.embedded.home import Home
from storage.embedded.servers import EmbeddedServers, attach_or_start

FORMAT = 1
DATABASE = "database.dump"
FILES = "home"
CONFIG = "tradeloop.toml"
WORK = ".backup-"
STAYS = frozenset({"data", "bars", "logs", "cache", "lock", "guests", "runtime.json", "runtime.part"})


def backup(
    home: Home, file: Path, *, config: Path | None = None, database_url: str | None = None, redis_url: str | None = None
) -> None:
    """Write the home to `file` while it runs or rests. `config` is a tradeloop.toml that lies outside the home."""
    file = file.absolute()
    if not home.path.is_dir():
        raise InvalidInput(f"There is no home at {home.path}.", field="home", remedy="Name it with --home.")
    if not file.parent.is_dir():
        raise InvalidInput(f"The folder {file.parent} does not exist.", field="file")
    with (
        attach_or_start(home, database_url=database_url, redis_url=redis_url) as stores,
        tempfile.TemporaryDirectory(prefix=WORK, dir=file.parent) as work,
    ):
        dumped = Path(work) / DATABASE
        dump(stores.database_url, dumped)
        facts = {
            "format": FORMAT,
            "made_at": datetime.now(UTC).isoformat(),
            "tradeloop": version("tradeloop"),
            "revision": migrate.revision(stores.database_url),
        }
        archive.write(file, [(DATABASE, dumped), *_files(home, file, config)], facts)


def restore(file: Path, home: Home, *, database_url: str | None = None, redis_url: str | None = None) -> None:
    """Make an empty or missing home from `file`; a failure leaves the home as it was.

    Raises Conflict if the home holds anything, BadData if the file was altered, InvalidInput if it is no backup of
    ours or of a newer Tradeloop.
    """
    if not file.is_file():
        raise InvalidInput(f"There is no file {file}.", field="file")
    if home.path.exists() and any(home.path.iterdir()):
        raise Conflict(f"The home {home.path} is not empty.", field="home", remedy="Restore into a new folder.")
    home.path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".restore-", dir=home.path.parent) as work, ExitStack() as undo:
        unpacked = Path(work)
        _require_ours(archive.extract(file, unpacked), file)
        undo.callback(home.remove)
        servers = EmbeddedServers(home, database_url=database_url, redis_url=redis_url)
        undo.callback(servers.stop)
        load(unpacked / DATABASE, servers.start().database_url)
        servers.stop()
        _put_files(unpacked, home)
        undo.pop_all()


def _files(home: Home, backup_file: Path, config: Path | None) -> Iterator[tuple[str, Path]]:
    """The home's own files and their names in the archive."""
    for top in sorted(home.path.iterdir()):
        if top.name not in STAYS:
            for place in sorted(top.rglob("*")) if top.is_dir() else [top]:
                if place.is_file() and not place.is_symlink() and not _of_this_backup(place, backup_file):
                    yield f"{FILES}/{place.relative_to(home.path).as_posix()}", place
    if config is not None and config.parent != home.path:
        yield f"{FILES}/{CONFIG}", config


def _of_this_backup(place: Path, backup_file: Path) -> bool:
    """Whether `place` belongs to the backup itself, which may be written into the home."""
    made = (backup_file, backup_file.with_name(f"{backup_file.name}.part"))
    return place in made or any(part.startswith(WORK) for part in place.parts)


def _put_files(unpacked: Path, home: Home) -> None:
    """Move the unpacked files into the home, whose own folders keep their modes."""
    for source in sorted((unpacked / FILES).rglob("*")):
        inside = source.relative_to(unpacked / FILES)
        if inside.parts[0] in STAYS:
            raise BadData(f"The backup holds {inside}, which belongs to the machine it was made on.")
        if source.is_file():
            place = home.path / inside
            place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            shutil.move(source, place)


def _require_ours(manifest: dict[str, object], file: Path) -> None:
    if manifest.get("format") != FORMAT:
        raise InvalidInput(f"{file} has format {manifest.get('format')}, this Tradeloop reads {FORMAT}.", field="file")
    revision = manifest.get("revision")
    if revision is not None and not migrate.knows(str(revision)):
        raise InvalidInput(
            f"{file} was made by Tradeloop {manifest.get('tradeloop')}, whose tables (revision {revision}) are newer.",
            field="file",
            remedy="Restore it with that version or a later one.",
        )

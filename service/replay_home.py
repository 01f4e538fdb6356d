"""Where a replay writes: a throwaway home, or one that is kept and holds nothing but replays."""

import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.clock import Clock
from core.errors import Conflict
from service.session import Session, connected, prepare
from service.settings import Settings
from storage.embedded.home import Home
from storage.embedded.servers import attach_or_start
from storage.wipe import wipe
from strategies.compiled import use_cache_folder

KIND = "kind"
REPLAY = "replay"


@contextmanager
def replay_session(home: Path | None, clock: Clock) -> Iterator[tuple[Session, Settings]]:
    """A session on an empty journal. A home that was lived in raises Conflict, one of replays is started afresh."""
    settings, place = prepare(home, level="WARNING")
    if home is None:
        with _throwaway(place) as empty, _opened(settings, empty, clock) as session:
            yield session, settings
        return
    _claim_for_replays(place)
    with _opened(settings, place, clock) as session:
        _forget(session)
        yield session, settings


def _forget(session: Session) -> None:
    """Empty the home of an earlier replay."""
    with session.stores.begin() as tx:
        session.stores.hot.withdraw([instance.id for instance in tx.instances.list()])
        wipe(tx.connection)
    for folder in (session.home.bars, session.home.reports):
        shutil.rmtree(folder)
    session.home.create()


def claim_for_living(home: Home) -> None:
    """Mark a home as lived in; raises Conflict where it holds replays."""
    _claim(home, "run", "It holds replays; give another folder with --home.")


def _claim_for_replays(home: Home) -> None:
    _claim(home, REPLAY, "Give another folder with --home, or leave --home out for a throwaway one.")


def _claim(home: Home, kind: str, remedy: str) -> None:
    home.create()
    mark = home.path / KIND
    if not mark.exists():
        mark.write_text(kind)
    if mark.read_text() != kind:
        raise Conflict(f"The home {home.path} is used for something else.", field="home", remedy=remedy)


@contextmanager
def _throwaway(usual: Home) -> Iterator[Home]:
    """A home that is gone afterwards; compiled code is kept where this user's other homes can find it."""
    use_cache_folder(usual.cache if usual.cache.is_dir() else Path.home() / ".cache" / "tradeloop")
    home = Home(Path(tempfile.gettempdir()) / f"tradeloop-replay-{uuid.uuid4().hex[:12]}")
    try:
        yield home
    finally:
        home.remove()


@contextmanager
def _opened(settings: Settings, home: Home, clock: Clock) -> Iterator[Session]:
    with (
        attach_or_start(home, database_url=settings.database_url, redis_url=settings.redis_url) as urls,
        connected(settings, home, urls, clock) as session,
    ):
        yield session

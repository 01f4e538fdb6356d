"""Writes the journal beside the trading loop: the loop hands over batches and goes on.

Batches reach Postgres in the order they were submitted, each whole; several may share a transaction. While Postgres is
away they wait in memory and are tried again: writing a batch twice changes nothing.
"""

import math
import time
from collections import deque
from collections.abc import Iterable, Iterator
from threading import Condition, Thread

import psycopg
import structlog
from sqlalchemy.exc import SQLAlchemyError

from core.errors import TradeloopError, Unavailable
from storage.journal_batch import JournalBatch, merged
from storage.stores import Stores

log = structlog.get_logger()

FLUSH_SECONDS = 0.05
FLUSH_ROWS = 200
_LARGEST_WRITE = 5_000
_FIRST_PAUSE = 0.05
_LONGEST_PAUSE = 2.0


class JournalWriter:
    """A background thread with a queue. Safe to call from several threads.

    It writes 50 ms after the first waiting batch, or at once when 200 rows wait. `limit` (rows) makes `submit` wait
    while more are queued, which bounds memory in a replay; live, nothing may hold up the loop, so there is none.
    """

    def __init__(self, stores: Stores, *, durable: bool = True, limit: int | None = None) -> None:
        self._stores = stores
        self._durable = durable
        self._limit = limit
        self._changed = Condition()
        self._waiting: deque[JournalBatch] = deque()
        self._rows = 0
        self._submitted = 0
        self._written = 0
        self._first_at = 0.0
        self._hurry_until = 0
        self._closing = False
        self._give_up_at = math.inf
        self._away = False
        self._failure: Exception | None = None
        self._thread = Thread(target=self._run, name="journal-writer", daemon=True)
        self._thread.start()

    @property
    def backlog(self) -> int:
        """Rows that were submitted and are not stored yet."""
        return self._rows

    @property
    def away(self) -> bool:
        """Whether Postgres did not answer the last time."""
        return self._away

    def submit(self, batch: JournalBatch) -> None:
        """Queue `batch`. Raises what ended the writer, if a batch could not be stored (a NaN, an unknown instance)."""
        with self._changed:
            self._raise_failure()
            self._changed.wait_for(lambda: self._failure or self._limit is None or self._rows < self._limit)
            self._raise_failure()
            if self._closing:
                raise Unavailable("The journal writer is closing.")
            if not self._waiting:
                self._first_at = time.monotonic()
            self._waiting.append(batch)
            self._submitted += 1
            self._rows += len(batch)
            self._changed.notify_all()

    def flush(self, timeout: float) -> bool:
        """Write now what was submitted; False if it is not stored after `timeout` seconds. Raises like `submit`."""
        with self._changed:
            last = self._hurry_until = self._submitted
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._failure or self._written >= last, timeout)
            self._raise_failure()
            return self._written >= last

    def close(self, timeout: float = 10.0) -> bool:
        """Write what waits and end the thread; False when rows had to be given up after `timeout` seconds."""
        with self._changed:
            self._closing = True
            self._give_up_at = time.monotonic() + timeout
            self._changed.notify_all()
        self._thread.join(timeout + _LONGEST_PAUSE)
        return not self._waiting

    def _run(self) -> None:
        try:
            while batches := self._due():
                self._write(merged(batches))
                self._stored(batches)
        except (TradeloopError, SQLAlchemyError, psycopg.Error) as error:
            log.exception("The journal cannot be written.", action="journal.failed", rows=self._rows)
            self._failure = error
        finally:
            self._end()

    def _due(self) -> list[JournalBatch]:
        """Waits until something is due and returns it, still queued; empty at the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._closing)
            due_at = self._first_at + FLUSH_SECONDS
            self._changed.wait_for(self._is_urgent, max(0.0, due_at - time.monotonic()))
            return list(_first_rows(self._waiting, _LARGEST_WRITE))

    def _is_urgent(self) -> bool:
        return self._written < self._hurry_until or self._closing or self._rows >= FLUSH_ROWS

    def _write(self, batch: JournalBatch) -> None:
        pause = _FIRST_PAUSE
        while True:
            try:
                with self._stores.begin(durable=self._durable) as tx:
                    tx.journal.write(batch)
            except Unavailable as error:
                self._note_away(error)
                if time.monotonic() + pause > self._give_up_at:
                    raise
                time.sleep(pause)
                pause = min(2 * pause, _LONGEST_PAUSE)
            else:
                self._note_back()
                return

    def _stored(self, batches: list[JournalBatch]) -> None:
        with self._changed:
            for batch in batches:
                self._waiting.popleft()
                self._rows -= len(batch)
            self._written += len(batches)
            self._first_at = time.monotonic()
            self._changed.notify_all()

    def _end(self) -> None:
        with self._changed:
            self._failure = self._failure or Unavailable("The journal writer has ended.")
            self._changed.notify_all()

    def _raise_failure(self) -> None:
        if self._failure is not None:
            raise self._failure

    def _note_away(self, error: Unavailable) -> None:
        if not self._away:
            log.warning("The journal waits for Postgres.", action="journal.waiting", rows=self._rows, error=str(error))
        self._away = True

    def _note_back(self) -> None:
        if self._away:
            log.info("The journal is being written again.", action="journal.resumed", rows=self._rows)
        self._away = False


def _first_rows(batches: Iterable[JournalBatch], most: int) -> Iterator[JournalBatch]:
    """The first batches, as many as have at most `most` rows together, and at least one."""
    rows = 0
    for batch in batches:
        rows += len(batch)
        if rows > len(batch) and rows > most:
            return
        yield batch

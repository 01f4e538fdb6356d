"""The ledger of language-model requests, each note in a transaction of its own: it is durable when the call returns."""

from datetime import datetime
from decimal import Decimal

from storage.repositories.llm_calls import Closed, Opened
from storage.stores import Stores


class LlmLedger:
    """What the language-model clients write to (their `CallLedger`)."""

    def __init__(self, stores: Stores) -> None:
        self._stores = stores

    def open(self, call: Opened) -> int:
        with self._stores.begin() as tx:
            return tx.llm_calls.open(call)

    def close(self, call_id: int, outcome: Closed) -> None:
        with self._stores.begin() as tx:
            tx.llm_calls.close(call_id, outcome)

    def spent(self, since: datetime, purpose: str | None = None, job_id: str | None = None) -> Decimal:
        with self._stores.begin() as tx:
            return tx.llm_calls.spent(since, purpose, job_id)

    def count(self, since: datetime, purpose: str | None = None) -> int:
        with self._stores.begin() as tx:
            return tx.llm_calls.count(since, purpose)

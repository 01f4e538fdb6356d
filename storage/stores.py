"""The door to both stores: transactions on Postgres, hot parameters and latest values on Redis."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, text
from sqlalchemy.exc import TimeoutError as PoolTimeout

from core.errors import Unavailable
from storage import cache, database
from storage.hot import HotParameters
from storage.latest import Latest
from storage.limits import Limits
from storage.repositories.audit import Audit
from storage.repositories.bars import StoredBars
from storage.repositories.commands import Commands
from storage.repositories.deliveries import Deliveries
from storage.repositories.equity import Equity
from storage.repositories.feedback import FeedbackNotes
from storage.repositories.instances import Instances
from storage.repositories.jobs import Jobs
from storage.repositories.journal import Journal
from storage.repositories.keys import Keys
from storage.repositories.llm_calls import LlmCalls
from storage.repositories.parameters import Parameters
from storage.repositories.probations import Probations
from storage.repositories.proposals import Proposals
from storage.repositories.reviews import Reviews
from storage.repositories.safety import Safety
from storage.repositories.trials import Trials


class Transaction:
    """One Postgres transaction and everything that can be read and written in it."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.instances = Instances(connection)
        self.parameters = Parameters(connection)
        self.proposals = Proposals(connection)
        self.probations = Probations(connection)
        self.trials = Trials(connection)
        self.journal = Journal(connection)
        self.bars = StoredBars(connection)
        self.equity = Equity(connection)
        self.reviews = Reviews(connection)
        self.feedback = FeedbackNotes(connection)
        self.llm_calls = LlmCalls(connection)
        self.jobs = Jobs(connection)
        self.commands = Commands(connection)
        self.safety = Safety(connection)
        self.deliveries = Deliveries(connection)
        self.audit = Audit(connection)
        self.keys = Keys(connection)


class Stores:
    """Postgres and Redis of one home. Connects when first used; safe to share between threads."""

    def __init__(self, database_url: str, redis_url: str) -> None:
        self._engine = database.create(database_url)
        self._redis = cache.connect(redis_url)
        self.hot = HotParameters(self._redis)
        self.latest = Latest(self._redis)
        self.limits = Limits(self._redis)

    @contextmanager
    def begin(self, *, durable: bool = True) -> Iterator[Transaction]:
        """A transaction: committed at the end of the block, rolled back on any error.

        `durable=False` does not wait for the disk: a crash of the server may lose the last moments, never a part of
        a transaction. Raises Unavailable when Postgres does not answer.
        """
        try:
            connecting = self._engine.connect()
        except PoolTimeout as error:
            raise Unavailable("All connections to Postgres are in use.", remedy="Try again.") from error
        with connecting as connection, connection.begin():
            if not durable:
                connection.execute(text("SET LOCAL synchronous_commit TO off"))
            yield Transaction(connection)

    def close(self) -> None:
        """Give every connection back."""
        self._engine.dispose()
        self._redis.close()

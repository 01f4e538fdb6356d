"""Hot parameters: the published copy of the versions in force, and the strategies' word that they read them.

Postgres is the truth. Redis may be wiped at any time and is written anew from Postgres; meanwhile strategies keep what
they have. Versions only go up, so that publishing is safe to repeat and an older publisher cannot win.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Self

import redis

from core.clock import aware
from core.errors import BadData
from core.parameters import ParameterSet
from storage.cache import in_our_words
from storage.documents import dumps, loads
from storage.hot_subscription import CHANNEL, HotSubscription

_SCRIPT = Path(__file__).with_name("publish.lua").read_text()


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """What an instance said it reads: the digest of the values in its step."""

    version: int
    digest: str
    at: datetime

    @classmethod
    def from_document(cls, document: dict[str, Any]) -> Self:
        return cls(int(document["version"]), str(document["digest"]), datetime.fromisoformat(document["at"]))


class HotParameters:
    """Published parameter sets, one key per instance. Every method raises Unavailable when Redis is away."""

    def __init__(self, client: redis.Redis) -> None:
        self._client = client
        self._publish = client.register_script(_SCRIPT)

    def publish(self, parameters: ParameterSet) -> bool:
        """Write and announce a set in one step; True when Redis holds it now, False when it holds a newer version.

        A set that Redis holds already is not announced again.
        """
        keys, document = [key(parameters.instance_id)], _written(parameters)
        with in_our_words():
            return bool(self._publish(keys=keys, args=[document, parameters.version, CHANNEL]))

    def rebuild(self, current: Iterable[ParameterSet]) -> None:
        """Publish every version in force, as Postgres has them, where Redis lacks it."""
        for parameters in current:
            self.publish(parameters)

    def read(self, instance_id: str) -> ParameterSet | None:
        """The published set; None where there is none that can be trusted."""
        return self.read_many([instance_id])[0]

    def read_many(self, instance_ids: Sequence[str]) -> list[ParameterSet | None]:
        """The published sets of one moment, in the order of `instance_ids`."""
        if not instance_ids:
            return []
        with in_our_words():
            texts = self._client.mget([key(instance_id) for instance_id in instance_ids])
        return [published(text) for text in texts]

    def subscription(self, instance_ids: Sequence[str]) -> HotSubscription:
        """Hears of new versions of these instances."""
        return HotSubscription(self._client, lambda: self.read_many(instance_ids))

    def withdraw(self, instance_ids: Sequence[str]) -> None:
        """Forget what was published for these instances and what they said."""
        keys = [name for instance_id in instance_ids for name in (key(instance_id), _ack_key(instance_id))]
        if keys:
            with in_our_words():
                self._client.delete(*keys)

    def acknowledge(self, instance_id: str, version: int, digest: str, at: datetime) -> None:
        """Say what an instance reads."""
        document = {"version": version, "digest": digest, "at": aware(at, "at")}
        with in_our_words():
            self._client.set(_ack_key(instance_id), dumps(document))

    def ack(self, instance_id: str) -> Acknowledgement | None:
        """What an instance said last."""
        with in_our_words():
            text = self._client.get(_ack_key(instance_id))
        return Acknowledgement.from_document(loads(text)) if text else None


def key(instance_id: str) -> str:
    """Where the set of an instance is published."""
    return f"params:{instance_id}"


def published(text: str | bytes | None) -> ParameterSet | None:
    """The set that `text` is; None for what is absent, cannot be read or does not have its own digest."""
    if text is None:
        return None
    try:
        document = loads(text)
        digest = document.pop("digest")
        found = ParameterSet(**document)
        proven = found.digest == digest
    except (BadData, AttributeError, KeyError, TypeError, ValueError):
        return None
    return found if proven else None


def _ack_key(instance_id: str) -> str:
    return f"params-ack:{instance_id}"


def _written(parameters: ParameterSet) -> str:
    return dumps(asdict(parameters) | {"values": dict(parameters.values), "digest": parameters.digest})

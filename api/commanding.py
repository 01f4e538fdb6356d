"""Commands: written down first, taken exactly once by the trader, answered with what became of them."""

from collections.abc import Mapping
from typing import Any

from flask import Response

from api.answers import answer
from api.auth.principal import principal
from api.context import here
from api.models.control import CommandAccepted


def accept(kind: str, instance_id: str | None, payload: Mapping[str, Any], idempotency_key: str | None) -> Response:
    """Store a command with its audit row; the same idempotency key answers with the first command's id."""
    context, actor, now = here(), principal().actor, here().now()
    own_key = f"{actor}/{idempotency_key}" if idempotency_key else None
    with context.stores.begin() as tx:
        command_id = tx.commands.add(kind, instance_id, payload, actor, own_key, now)
        command = tx.commands.get(command_id)
        if command.at == now:  # not the answer to an earlier request with this key
            tx.audit.append(actor, f"command.{kind}", instance_id or "all", {"id": command_id, **payload}, now)
    return answer(CommandAccepted(id=command_id, status=command.status, url=f"/api/commands/{command_id}"), 202)

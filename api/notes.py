"""Storing a person's note, whichever way it came."""

from datetime import datetime
from uuid import uuid4

from api.context import ApiContext
from core.errors import InvalidInput
from core.learning import Feedback


def add_note(
    context: ApiContext,
    author: str,
    text: str,
    *,
    instance_id: str | None = None,
    trade_id: str | None = None,
    expires_at: datetime | None = None,
) -> Feedback:
    """Store a sanitised note with its audit row; InvalidInput when nothing of it can be seen."""
    if not text:
        raise InvalidInput("The text has no visible character.", field="text", remedy="Write something.")
    note = Feedback(f"fb-{uuid4().hex[:12]}", context.now(), text, author, instance_id, trade_id, expires_at)
    with context.stores.begin() as tx:
        tx.feedback.add(note)
        tx.audit.append(author, "feedback.add", note.id, {"instance": instance_id, "trade": trade_id}, note.at)
    return note

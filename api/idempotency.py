"""`Idempotency-Key` on writes: the first answer is kept for a day and given again to the same request."""

import hashlib
import re

from flask import Flask, Response, g, request

from api.auth.access import ALWAYS_TAKEN
from api.auth.guard import SAFE, access_name
from api.auth.principal import known
from api.context import here
from core.errors import InvalidInput
from storage.repositories.requests import Requests, StoredAnswer

HEADER = "Idempotency-Key"
PATTERN = re.compile(r"[\x21-\x7e]{1,128}")


def register(app: Flask) -> None:
    app.before_request(answer_again)
    app.after_request(keep_answer)


def answer_again() -> Response | None:
    """The first answer, if this request was carried out before; behind the guard."""
    key, who = request.headers.get(HEADER), known()
    if key is None or who is None or request.method in SAFE or access_name(request) in ALWAYS_TAKEN:
        return None
    if not PATTERN.fullmatch(key):
        raise InvalidInput("An idempotency key has 1 to 128 printable ASCII characters.", field=HEADER)
    context = here()
    with context.stores.begin() as tx:
        stored = Requests(tx.connection).claim(who.actor, key, _digest(), context.now())
    if stored is None:
        g.claimed = (who.actor, key)
        return None
    return Response(stored.body, stored.status, {"Idempotent-Replay": "true"}, "application/json")


def keep_answer(response: Response) -> Response:
    """Keep what is final; what failed here may be sent again."""
    claimed: tuple[str, str] | None = g.pop("claimed", None)
    if claimed is not None:
        actor, key = claimed
        with here().stores.begin() as tx:
            requests = Requests(tx.connection)
            if response.status_code < 500:
                requests.finish(actor, key, StoredAnswer(response.status_code, response.get_data(as_text=True)))
            else:
                requests.release(actor, key)
    return response


def _digest() -> str:
    return hashlib.sha256(
        b"\n".join((request.method.encode(), request.full_path.encode(), request.get_data()))
    ).hexdigest()

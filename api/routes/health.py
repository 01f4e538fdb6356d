"""Whether this process can do its work."""

from flask import Response

from api.answers import answer, resource
from api.context import here
from api.models.state import HealthOut
from core.errors import Unavailable
from storage.queries import api_counts

api = resource("health", "Whether the service answers.")


@api.get("/api/health", responses={200: HealthOut, 503: HealthOut}, security=[])
def health() -> Response:
    """Liveness for supervisors and load balancers; needs no key."""
    context = here()
    try:
        with context.stores.begin() as tx:
            api_counts.ping(tx.connection)
    except Unavailable:
        return answer(HealthOut(status="postgres does not answer", version=context.config.version), 503)
    return answer(HealthOut(status="ok", version=context.config.version))

"""What runs here and what waits."""

from flask import Response

from api.answers import answer, resource
from api.context import here
from api.models.state import JobOut, StatusOut
from api.routes.kill_switch import kill_switch_out
from storage.queries import api_counts, api_loop, api_state

api = resource("status", "One look at the whole.")


@api.get("/api/status", responses={200: StatusOut})
def status() -> Response:
    """Feed, instances, jobs, what waits, incidents and the kill switch."""
    return answer(current_status())


def current_status() -> StatusOut:
    context = here()
    config = context.config
    with context.stores.begin() as tx:
        return StatusOut(
            now=context.now(),
            version=config.version,
            feed=config.feed,
            simulated=config.simulated,
            read_only=config.read_only,
            timezone=config.timezone.key,
            kill_switch=kill_switch_out(context.kill_switch.state()),
            instances={row["id"]: row["running"] for row in api_state.instances(tx.connection)},
            jobs={job: JobOut(**counts) for job, counts in tx.jobs.counts().items()},
            proposals=dict(api_counts.proposals_by_status(tx.connection)),
            commands=dict(api_counts.commands_by_status(tx.connection)),
            unacknowledged_versions=api_counts.unacknowledged(tx.connection),
            open_incidents=len(api_loop.open_incidents(tx.connection)),
        )

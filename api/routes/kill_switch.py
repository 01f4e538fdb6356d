"""The kill switch: the file first, then the record, so that it works while Postgres does not."""

import logging

from flask import Response

from api.answers import answer, resource
from api.auth.principal import Principal, principal
from api.context import here
from api.models.control import ActivateBody, DeactivateBody, KillSwitchOut
from core.errors import InvalidInput, Unavailable
from execution.safety import KillState

log = logging.getLogger(__name__)
api = resource("kill switch", "Stops all entries at once.")

CONFIRMATION = "deactivate"


@api.get("/api/kill-switch", responses={200: KillSwitchOut})
def state() -> Response:
    """Whether it is pulled, by whom and why."""
    return answer(kill_switch_out(here().kill_switch.state()))


@api.post("/api/kill-switch/activate", responses={200: KillSwitchOut})
def activate(body: ActivateBody) -> Response:
    """Stop entries at once; every scope may do this."""
    return answer(pull(principal(), body.reason, flatten=body.flatten))


@api.post("/api/kill-switch/deactivate", responses={200: KillSwitchOut})
def deactivate(body: DeactivateBody) -> Response:
    """Let entries happen again; asked for twice: `confirm` must be the word `deactivate`."""
    who = principal()
    if body.confirm != CONFIRMATION:
        raise InvalidInput("Not confirmed.", field="confirm", remedy=f"Send the word {CONFIRMATION}.")
    was_active = here().kill_switch.deactivate()
    recorded = _record(who, "kill_switch.deactivate", {"was_active": was_active, "note": body.note})
    return answer(KillSwitchOut(active=False, recorded=recorded))


def pull(who: Principal, reason: str, *, flatten: bool) -> KillSwitchOut:
    """Write the file, then the audit row."""
    context = here()
    pulled = context.kill_switch.activate(actor=who.actor, at=context.now(), reason=reason, flatten=flatten)
    recorded = _record(who, "kill_switch.activate", {"reason": reason, "flatten": flatten})
    return kill_switch_out(pulled).model_copy(update={"recorded": recorded})


def kill_switch_out(state: KillState | None) -> KillSwitchOut:
    if state is None:
        return KillSwitchOut(active=False)
    return KillSwitchOut(active=True, flatten=state.flatten, actor=state.actor, at=state.at, reason=state.reason)


def _record(who: Principal, action: str, detail: dict[str, object]) -> bool:
    context, now = here(), here().now()
    try:
        with context.stores.begin() as tx:
            tx.audit.append(who.actor, action, "kill-switch", detail, now)
    except Unavailable as error:
        log.warning("The kill switch was moved without a record: %s", error, extra={"action": "kill_switch.unrecorded"})
        return False
    return True

"""Incidents: opened once, told once, closed when their cause is gone, and told again then."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from core.ports import Message, Severity
from feedback.delivery import claim, send
from feedback.loop import Loop
from feedback.texts import Texts
from storage.queries.watch import OpenIncident


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something that is wrong now. `kind` and `subject` name the incident, however often it is seen."""

    kind: str
    subject: str
    severity: Severity
    text: str
    instance_id: str | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)

    @property
    def incident(self) -> str:
        return f"{self.kind}:{self.subject}"


def settle(loop: Loop, kinds: Collection[str], alarms: Iterable[Alarm], open_now: Sequence[OpenIncident]) -> list[str]:
    """Open what is new among `alarms`, close those of `open_now` whose kind is in `kinds` and whose cause is gone.

    One message goes out for each beginning and each end, claimed together with it. Returns the incidents that began.
    """
    seen = {alarm.incident: alarm for alarm in alarms}
    known = {incident.incident for incident in open_now}
    new = [alarm for name, alarm in seen.items() if name not in known]
    over = [i for i in open_now if i.incident.split(":", 1)[0] in kinds and i.incident not in seen]
    if not new and not over:
        return []
    at, texts = loop.clock.now(), Texts(loop.language)
    with loop.stores.begin() as tx:
        opened = [a for a in new if tx.safety.open(a.incident, a.severity, a.text, a.detail, a.instance_id, at)]
        closed = [i for i in over if tx.safety.close(i.incident, at)]
        messages = [
            *(_beginning(alarm, at, texts) for alarm in opened),
            *(_end(incident, texts) for incident in closed),
        ]
        claimed = [claim(tx, loop, message) for message in messages]
    for message in claimed:
        if message is not None:
            send(loop, message)
    return [alarm.incident for alarm in opened]


def _beginning(alarm: Alarm, at: datetime, texts: Texts) -> Message:
    key = f"incident:{alarm.incident}:{at:%Y%m%dT%H%M%S}"
    return Message(key, texts.say("message.warning"), alarm.text, severity=alarm.severity)


def _end(incident: OpenIncident, texts: Texts) -> Message:
    key = f"incident:{incident.incident}:{incident.started_at:%Y%m%dT%H%M%S}:ended"
    return Message(key, texts.say("message.ended"), texts.say("monitor.ended", text=incident.text))

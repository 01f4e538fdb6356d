"""What changes, as it changes."""

from flask import Response, request

from api import events as stream
from api.answers import resource
from api.context import here

api = resource("events", "Server-sent events.")

EVENT_STREAM = "text/event-stream"


@api.get("/api/events", responses={200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}}})
def events() -> Response:
    """Positions, proposals, warnings and the kill switch, each sent whole when it changed (`text/event-stream`)."""
    if request.method == "HEAD":
        return Response(mimetype=EVENT_STREAM)
    stream.take_place()
    response = Response(stream.events_after(here(), request.headers.get("Last-Event-ID", "")), mimetype=EVENT_STREAM)
    response.call_on_close(stream.leave_place)
    return response

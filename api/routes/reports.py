"""Reports as people read them."""

from flask import Response, send_from_directory
from werkzeug.exceptions import NotFound as NoSuchFile

from api.answers import resource
from api.context import here
from api.models.loop import ReportPath
from core.errors import NotFound

api = resource("reports", "Daily and weekly reports as self-contained HTML.")

#: A report brings its own styles and drawings and may load nothing else.
REPORT_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'; base-uri 'none'"


@api.get("/api/reports/<kind>/<date>", responses={200: {"content": {"text/html": {"schema": {"type": "string"}}}}})
def report(path: ReportPath) -> Response:
    """One report."""
    folder = here().config.reports_dir.resolve() / path.kind
    try:
        response = send_from_directory(folder, f"{path.date.isoformat()}.html", mimetype="text/html")
    except NoSuchFile:
        raise NotFound(f"There is no {path.kind} report of {path.date}.", field="date") from None
    response.headers["Content-Security-Policy"] = REPORT_POLICY
    return response

"""The access table names every route, and no route that does not exist."""

from pathlib import Path

from api.auth.access import ALWAYS_TAKEN, PUBLIC, SCOPES
from core.clock import SystemClock
from tests.support.api import UNREACHABLE, application


def test_every_route_is_in_the_access_table_once(tmp_path: Path) -> None:
    app = application(UNREACHABLE, SystemClock(), tmp_path)
    routes = {
        f"{method} {rule.rule}" for rule in app.url_map.iter_rules() for method in (rule.methods or set()) - {"HEAD"}
    }
    assert routes == PUBLIC | set(SCOPES)
    assert not PUBLIC & set(SCOPES)
    assert routes >= ALWAYS_TAKEN


def test_the_documentation_has_the_same_table() -> None:
    text = Path("docs/api.md").read_text("utf-8")
    told = {line.split("`")[1]: line.split("|")[2].strip() for line in text.splitlines() if line.startswith("| `")}
    assert told == {**SCOPES, **dict.fromkeys(PUBLIC, "none")}


def test_every_route_for_programs_is_in_the_openapi_document(tmp_path: Path) -> None:
    app = application(UNREACHABLE, SystemClock(), tmp_path)
    paths = app.api_doc["paths"]  # type: ignore[attr-defined]
    told = {f"{method.upper()} {path}" for path, item in paths.items() for method in item if method in {"get", "post"}}
    served = {
        access.replace("<int:", "<").replace("<", "{").replace(">", "}")
        for access in PUBLIC | set(SCOPES)
        if " /api/" in access or " /metrics" in access
    }
    assert told == served

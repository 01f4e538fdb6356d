"""The OpenAPI document: examples that work, and the headers that make reading cheap and writing safe."""

import re
from typing import Any

import pytest

from api.document import EXAMPLES
from tests.support.api import Caller

pytestmark = pytest.mark.integration

REFUSED_AS_WRONG = {400, 401, 403, 405, 415, 422, 500}


@pytest.fixture
def paths(reader: Caller) -> dict[str, Any]:
    return dict((reader.get("/openapi/openapi.json").json or {})["paths"])


def test_every_write_with_a_body_has_an_example(paths: dict[str, Any]) -> None:
    bodies = {path for path, found in paths.items() if "requestBody" in found.get("post", {})}
    assert bodies == EXAMPLES.keys()
    assert all("example" in paths[path]["post"]["requestBody"]["content"]["application/json"] for path in bodies)


@pytest.mark.parametrize("path", [path for path in EXAMPLES if path != "/api/auth/login"])
def test_an_example_is_taken_as_it_stands(controller: Caller, path: str) -> None:
    known = {"instance_id": "momentum_scalping.BTCUSDT", "proposal_id": "p-1"}
    answered = controller.post(re.sub(r"{(\w+)}", lambda name: known[name[1]], path), EXAMPLES[path])
    assert answered.status_code not in REFUSED_AS_WRONG, answered.json


def test_readings_may_answer_304_and_writes_take_a_key(paths: dict[str, Any]) -> None:
    assert "304" in paths["/api/ai-insights"]["get"]["responses"]
    assert "304" not in paths["/metrics"]["get"]["responses"]
    for path in ("/api/trading/stop", "/api/trades", "/api/proposals/{proposal_id}/approve"):
        assert [one["name"] for one in paths[path]["post"]["parameters"]].count("Idempotency-Key") == 1
    assert "Idempotency-Key" not in str(paths["/api/kill-switch/activate"]["post"].get("parameters"))

"""Thousands of requests made from the OpenAPI document: no 5xx, no undocumented status, nothing without a key."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings

from api.auth.access import PUBLIC
from core.clock import SimulatedClock
from core.learning import ProposalStatus
from storage.stores import Stores
from storage.wipe import wipe
from strategies import registry
from tests.support.api import application, spoken
from tests.support.rows import NOON, batch, instance, proposal

schemathesis = pytest.importorskip("schemathesis", reason="schemathesis is not installed")
GenerationMode = schemathesis.GenerationMode
pytestmark = [
    pytest.mark.slow,
    pytest.mark.integration,
    pytest.mark.timeout(1800),
    pytest.mark.filterwarnings("default"),  # schemathesis and what it brings warn of their own affairs
]

#: Per operation and test: about 40 operations, three tests, 5,000 cases and more.
CASES = 45
CHECKS = [
    schemathesis.checks.not_a_server_error,
    schemathesis.checks.status_code_conformance,
    schemathesis.checks.content_type_conformance,
]


@pytest.fixture
def served(database_url: str, redis_url: str, tmp_path: Path) -> Iterator[tuple[Flask, str]]:
    """An application over a home with something of everything, and a key of scope control."""
    stores = Stores(database_url, redis_url)
    with stores.begin() as tx:
        wipe(tx.connection)
        tx.instances.seed(instance(), registry.get("momentum_scalping").declaration.defaults(), NOON)
        tx.proposals.add(proposal("p-1"))
        tx.proposals.move("p-1", ProposalStatus.AWAITING_REVIEW, NOON)
        key = tx.keys.create("fuzz", {"control"}, NOON)[1]
        tx.journal.write(spoken(batch(1, 2, 3)))
    yield application(stores, SimulatedClock(NOON + timedelta(hours=1)), tmp_path), key
    stores.close()


def operations(app: Flask, key: str) -> Iterator[Any]:
    """Every documented operation but the endless one."""
    schema = schemathesis.openapi.from_wsgi("/openapi/openapi.json", app, headers={"Authorization": f"Bearer {key}"})
    for result in schema.get_all_operations():
        operation = result.ok()
        if operation.path != "/api/events":
            yield operation


def send(operation: Any, mode: Any, check: Callable[[Any], None]) -> None:
    """Make and send cases of one operation; hypothesis shrinks what fails."""

    @settings(max_examples=CASES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy(generation_mode=mode))
    def sent(case: Any) -> None:
        check(case)

    sent()


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_with_a_key_every_answer_is_documented_and_none_is_our_fault(served: tuple[Flask, str], mode: Any) -> None:
    app, key = served

    def check(case: Any) -> None:
        response = case.call(headers={"Authorization": f"Bearer {key}"})
        case.validate_response(response, checks=CHECKS)

    for operation in operations(app, key):
        send(operation, mode, check)


def test_without_a_key_nothing_but_the_public_answers(served: tuple[Flask, str]) -> None:
    app, key = served
    public = {access.split(" ", 1)[1] for access in PUBLIC}

    def check(case: Any) -> None:
        response = case.call()
        if case.operation.path not in public:
            assert response.status_code in (400, 401, 404, 405), case.operation.label
        case.validate_response(response, checks=CHECKS)

    for operation in operations(app, key):
        send(operation, GenerationMode.POSITIVE, check)

"""What the API reads back is what the stores hold."""

from datetime import timedelta
from pathlib import Path

import pytest

from core.learning import Check, ProposalStatus, Verdict
from storage.stores import Stores
from tests.support.api import FIVE, Caller, spoken
from tests.support.rows import NOON, batch, proposal

pytestmark = pytest.mark.integration
BTC = "momentum_scalping.BTCUSDT"


def test_insights_have_the_five_keys(reader: Caller) -> None:
    answered = reader.get("/api/ai-insights")
    assert answered.status_code == 200
    assert set(answered.json or {}) == set(FIVE)


def test_health_needs_no_key(nobody: Caller) -> None:
    assert nobody.get("/api/health").json == {"status": "ok", "version": "0.1.0"}


def test_trades_come_newest_first_and_pages_neither_skip_nor_repeat(reader: Caller, db: Stores) -> None:
    with db.begin() as tx:
        tx.journal.write(batch(*range(1, 8)))
    seen: list[str] = []
    cursor = ""
    for _ in range(4):
        page = reader.get(f"/api/trades?limit=3{cursor}").json
        assert page is not None
        seen += [item["id"] for item in page["items"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert seen == [f"{BTC}#{n}" for n in (7, 6, 5, 4, 3, 2, 1)]


def test_a_trade_shows_names_numbers_and_its_context(reader: Caller, db: Stores) -> None:
    with db.begin() as tx:
        tx.journal.write(batch(1))
    found = reader.get("/api/trades/momentum_scalping.BTCUSDT%231").json
    assert found is not None
    assert (found["side"], found["exit_reason"], found["pnl"], found["entry_version"]) == ("long", "target", 0.5385, 1)
    assert found["closed_at"] == "2026-11-02T12:06:00Z"
    assert found["entry_context"]["rsi"] == 61.5


def test_filters_cut_by_time_version_and_side(reader: Caller, db: Stores) -> None:
    with db.begin() as tx:
        tx.journal.write(batch(1, 2, 3))
    end = (NOON + timedelta(minutes=8)).isoformat().replace("+00:00", "Z")
    answered = reader.get(f"/api/trades?end={end}&version=1&side=long&symbol=BTCUSDT&exit_reason=target").json
    assert answered is not None
    assert [item["id"] for item in answered["items"]] == [f"{BTC}#2", f"{BTC}#1"]
    for empty in ("side=short", "version=2", "symbol=ETHUSDT", "exit_reason=stop"):
        assert (reader.get(f"/api/trades?{empty}").json or {})["items"] == []


def test_decisions_say_what_became_of_each_signal_by_symbol(reader: Caller, db: Stores) -> None:
    with db.begin() as tx:
        tx.journal.write(batch(1, 2))
    found = (reader.get("/api/decisions/BTCUSDT?fate=executed").json or {})["items"]
    assert [(row["seq"], row["fate"], row["reason"], row["kind"], row["side"]) for row in found] == [
        (2, "executed", "none", "entry", "buy"),
        (1, "executed", "none", "entry", "buy"),
    ]
    assert (reader.get("/api/decisions/ETHUSDT").json or {})["items"] == []


def test_pnl_adds_up_local_days(reader: Caller, db: Stores) -> None:
    with db.begin() as tx:
        tx.journal.write(batch(1, 2, 3))
    found = reader.get("/api/pnl").json
    assert found is not None
    assert (found["trades"], found["net_pnl"], found["fees"]) == (3, pytest.approx(1.6155), pytest.approx(2.88))
    assert [row["day"] for row in found["items"]] == ["2026-11-02"]


def test_a_proposal_shows_its_diff_and_the_latest_verdict(reader: Caller, db: Stores) -> None:
    verdict = Verdict("approve", (Check("enough_days", True, 90, 60, "90 unseen days."),), "It earned more.")
    with db.begin() as tx:
        tx.proposals.add(proposal("p-1"))
        tx.proposals.add_verdict("p-1", verdict, NOON)
        tx.proposals.move("p-1", ProposalStatus.AWAITING_REVIEW, NOON)
    found = reader.get("/api/proposals/p-1").json
    assert found is not None
    assert found["changes"] == [
        {"parameter": "entry_threshold", "from": 0.004, "to": 0.005, "reason": "Fewer false starts."}
    ]
    assert found["digest"] == proposal("p-1").digest
    assert found["verdict"]["checks"][0]["line"] == "90 unseen days."
    listed = reader.get("/api/proposals?status=awaiting_review").json
    assert [item["id"] for item in (listed or {})["items"]] == ["p-1"]
    assert (reader.get("/api/proposals?status=kept").json or {})["items"] == []


def test_parameters_come_with_their_declaration_and_history(reader: Caller) -> None:
    found = reader.get(f"/api/strategies/{BTC}/parameters").json
    assert found is not None
    by_name = {one["name"]: one for one in found["parameters"]}
    assert found["version"] == 1
    assert by_name["stop_loss"]["value"] == found["values"]["stop_loss"]
    assert by_name["stop_loss"]["low"] < by_name["stop_loss"]["high"]
    assert set(found["json_schema"]["properties"]) == set(by_name)
    history = (reader.get(f"/api/strategies/{BTC}/parameters/history").json or {})["items"]
    assert [(one["version"], one["author"]) for one in history] == [(1, "seed")]


@pytest.mark.parametrize(
    "path",
    [
        "/api/strategies",
        "/api/positions",
        "/api/orders",
        "/api/orders/open",
        "/api/balances",
        "/api/safety-events",
        "/api/status",
        "/api/kpi",
        "/api/reviews",
        "/api/patterns",
        "/api/kill-switch",
        "/api/ai-feedback",
        "/metrics",
        "/openapi/openapi.json",
        "/",
    ],
)
def test_every_reading_works_in_a_new_home(reader: Caller, path: str) -> None:
    assert reader.get(path).status_code == 200


def test_kpis_are_measured_or_null_with_a_reason(reader: Caller) -> None:
    items = (reader.get("/api/kpi").json or {})["items"]
    assert items
    assert all((item["value"] is None) == (item["reason"] is not None) for item in items)


def test_metrics_count_what_is_stored(reader: Caller, db: Stores) -> None:
    with db.begin() as tx:
        tx.proposals.add(proposal("p-1"))
        tx.journal.write(batch(1))
    lines = reader.get("/metrics").text.splitlines()
    assert 'tradeloop_proposals{status="draft"} 1.0' in lines
    assert "tradeloop_trades_day 1.0" in lines


@pytest.mark.parametrize(
    "path", ["/api/proposals/none", "/api/trades/none%231", "/api/strategies/none", "/api/commands/9"]
)
def test_what_does_not_exist_is_404_with_our_body(reader: Caller, path: str) -> None:
    answered = reader.get(path)
    assert answered.status_code == 404
    assert (answered.json or {})["error"]["code"] == "not_found"


def test_a_report_is_served_as_it_was_written(reader: Caller, tmp_path: Path) -> None:
    reports = tmp_path / "reports" / "daily"
    reports.mkdir(parents=True)
    (reports / "2026-11-01.html").write_text("<p>day</p>")
    with reader.get("/api/reports/daily/2026-11-01") as answered:
        assert (answered.status_code, answered.text) == (200, "<p>day</p>")
    assert reader.get("/api/reports/daily/2026-11-02").status_code == 404


def test_a_reading_that_has_not_changed_is_304(reader: Caller, db: Stores) -> None:
    first = reader.get("/api/strategies")
    known = {"If-None-Match": first.headers["ETag"]}
    again = reader.get("/api/strategies", headers=known)
    assert (again.status_code, again.text) == (304, "")
    with db.begin() as tx:
        tx.instances.set_running("momentum_scalping.BTCUSDT", False)
    assert reader.get("/api/strategies", headers=known).status_code == 200


def test_what_runners_say_is_shown_as_positions_open_orders_and_balances(reader: Caller, db: Stores) -> None:
    with db.begin() as tx:
        tx.journal.write(spoken(batch(1)))
    (position,) = (reader.get("/api/positions").json or {})["items"]
    assert (position["quantity"], position["entry_price"], position["stop"], position["target"]) == (
        -0.25,
        64_000.0,
        64_640.0,
        None,
    )
    assert reader.get("/api/orders/open").json == {
        "items": [
            {
                "instance_id": BTC,
                "symbol": "BTCUSDT",
                "side": "buy",
                "kind": "stop",
                "quantity": 0.25,
                "price": 64_640.0,
            }
        ],
        "quotes": {BTC: 2},
    }
    (balance,) = (reader.get("/api/balances").json or {})["items"]
    assert (balance["budget"], balance["equity"]) == (10_000.0, 10_012.5)
    assert (reader.get("/api/positions?instance_id=none").json or {})["items"] == []


def test_insights_follow_what_they_are_made_of(reader: Caller, db: Stores) -> None:
    def suggested() -> list[str]:
        found = reader.get("/api/ai-insights").json or {}
        return [one["status"] for one in found["suggested_adjustments"]] + [w["text"] for w in found["risk_warnings"]]

    said = [suggested()]
    with db.begin() as tx:
        tx.proposals.add(proposal("p-1"))
        tx.proposals.move("p-1", ProposalStatus.AWAITING_REVIEW, NOON)
    said.append(suggested())
    with db.begin() as tx:
        tx.safety.open("feed", "critical", "It stands still.", {}, None, NOON)
    said.append(suggested())
    with db.begin() as tx:
        tx.proposals.move("p-1", ProposalStatus.DECLINED, NOON)
    said.append(suggested())
    waits, warned = ["awaiting_review"], ["It stands still."]
    assert said == [[], waits, waits + warned, warned]

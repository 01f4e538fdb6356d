"""kill -9 at random during `tradeloop run`: what was answered is still there, and nothing is there twice."""

import random
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from typing import Any

import httpx
import pytest

from storage.embedded.home import Home
from storage.stores import Stores
from tests.support.running import BACK_SECONDS, ROLES, RunningHome, eventually
from tests.support.slack_server import SlackServer

pytestmark = [pytest.mark.slow, pytest.mark.integration, pytest.mark.timeout(3600)]

SEED = 20
EARLY_KILLS, KILLS = 4, 20
DAYS_LIVED = 7
INSTANCE = "momentum_scalping.BTCUSDT"
#: Lists whose entries never change once they are there, and those whose entries may only get further.
LISTS = ("/api/trades", "/api/decisions", "/api/reviews", "/api/ai-feedback", "/api/proposals")


class Witness:
    """Writes and reads all the time, and remembers every answer that promised something."""

    def __init__(self, client: httpx.Client, before: "Witness | None" = None) -> None:
        self.client = client
        self.notes: dict[str, str] = before.notes if before else {}
        self.foreign: set[str] = before.foreign if before else set()
        self.versions: dict[int, str] = before.versions if before else {}
        self.seen: dict[str, set[str]] = before.seen if before else {path: set() for path in LISTS}
        self._count = 0

    def __str__(self) -> str:
        seen = ", ".join(f"{len(names)} of {path}" for path, names in self.seen.items())
        return f"{len(self.notes)} notes, {len(self.foreign)} trades, {len(self.versions)} versions; read {seen}"

    def act(self) -> None:
        """One round of everything; what does not answer promises nothing."""
        self._count += 1
        self._write_a_note()
        self._journal_a_trade()
        self._change_the_version()
        for path in LISTS:
            for item in (self._ask("GET", path) or {}).get("items", []):
                self.seen[path].add(name_of(item))

    def _ask(self, method: str, path: str, **options: Any) -> Any:
        try:
            answer = self.client.request(method, path, **options)
        except httpx.TransportError:
            return None
        assert answer.status_code < 500 or answer.status_code == 503, (method, path, answer.text)
        return answer.json() if answer.is_success else None

    def _write_a_note(self) -> None:
        text = f"note {self._count}"
        stored = self._ask("POST", "/api/ai-feedback", json={"text": text})
        if stored:
            self.notes[stored["id"]] = text

    def _journal_a_trade(self) -> None:
        stored = self._ask("POST", "/api/trades", json=foreign_trade(self._count))
        if stored:
            self.foreign.add(stored["id"])

    def _change_the_version(self) -> None:
        """To and fro between the first two versions: each answer is a new version with one of their digests."""
        current = self._ask("GET", f"/api/strategies/{INSTANCE}/parameters")
        if current is None or current["version"] < 2:
            return
        to = 1 if current["version"] % 2 == 0 else 2
        made = self._ask("POST", f"/api/strategies/{INSTANCE}/rollback", json={"to_version": to, "note": "drill"})
        if made:
            self.versions[made["version"]] = made["digest"]

    def missing(self) -> list[tuple[str, str]]:
        """What was promised and cannot be read any more."""
        lost = []
        for path, names in self.seen.items():
            there = {name_of(item) for item in self.everything(path)}
            lost += [(path, name) for name in names - there]
        notes = {item["id"]: item["text"] for item in self.everything("/api/ai-feedback")}
        lost += [("note", note) for note, text in self.notes.items() if notes.get(note) != text]
        trades = {item["id"] for item in self.everything("/api/trades")}
        lost += [("trade", trade) for trade in self.foreign - trades]
        history = self.client.get(f"/api/strategies/{INSTANCE}/parameters/history").raise_for_status().json()["items"]
        digests = {item["version"]: item["digest"] for item in history}
        return lost + [("version", str(v)) for v, digest in self.versions.items() if digests.get(v) != digest]

    def everything(self, path: str) -> Iterator[dict[str, Any]]:
        """Every entry of a list, page by page."""
        cursor: str | None = ""
        while cursor is not None:
            parameters: dict[str, str | int] = {"limit": 200, **({"cursor": cursor} if cursor else {})}
            page = self.client.get(path, params=parameters).raise_for_status().json()
            yield from page["items"]
            cursor = page["next"]


def name_of(item: dict[str, Any]) -> str:
    return str(item.get("id") or (item["instance_id"], item["seq"]))


def foreign_trade(number: int) -> dict[str, Any]:
    return {
        "client_trade_id": f"drill-{number}",
        "instance_id": "elsewhere.BTCUSDT",
        "strategy": "elsewhere",
        "venue": "elsewhere",
        "symbol": "BTCUSDT",
        "side": "long",
        "quantity": "0.5",
        "entry_price": "100",
        "exit_price": "101",
        "opened_at": "2026-01-02T03:04:05Z",
        "closed_at": "2026-01-02T03:05:05Z",
    }


@pytest.fixture
def slack() -> Iterator[SlackServer]:
    with SlackServer() as server:
        yield server


def kill_and_wait(running: RunningHome, role: str, witness: Witness | None = None) -> None:
    """Kill one process; act while it is away, until it is back."""
    before = running.records()[role]
    running.kill(role)

    def back() -> bool:
        if witness:
            witness.act()
        return running.is_back(role, before)

    eventually(back, BACK_SECONDS, f"{role} is back")


def second_version(client: httpx.Client) -> None:
    """A change that the gate refuses for its size, and that a person applies all the same."""
    change = {"values": {"stop_loss": 0.02}, "reason": "a drill"}
    entered = client.post(f"/api/strategies/{INSTANCE}/parameters", json=change).raise_for_status().json()

    def judged() -> bool:
        proposal = client.get(f"/api/proposals/{entered['id']}").raise_for_status().json()
        assert proposal["status"] in ("draft", "refused")
        return bool(proposal["status"] == "refused")

    eventually(judged, 180.0, "the gate refuses the change")
    decision = {"digest": entered["digest"], "note": "a drill needs a second version"}
    client.post(f"/api/proposals/{entered['id']}/override", json=decision).raise_for_status()


def settled(running: RunningHome) -> bool:
    """Whether Redis holds Postgres's current version of every instance, and every strategy has read it back."""
    with closing(stores_of(running)) as stores:
        with stores.begin() as tx:
            current = tx.parameters.all_current()
            proven = [tx.parameters.history(p.instance_id)[0].acknowledged_at for p in current]
        return stores.hot.read_many([p.instance_id for p in current]) == current and all(proven)


def stores_of(running: RunningHome) -> Stores:
    urls = {process["role"]: process["url"] for process in running.doctor()["processes"]}
    return Stores(urls["postgres"], urls["valkey"])


def doubled(running: RunningHome) -> dict[str, int]:
    """Rows that say one thing twice, by table."""
    keys = {
        "reviews": "kind, day",
        "proposals": "instance_id, author, created_at",
        "job_runs": "job, scheduled_at",
        "deliveries": "channel, key",
        "equity": "instance_id, twin, day",
    }
    twice = "SELECT count(*) FROM (SELECT 1 FROM {} GROUP BY {} HAVING count(*) > 1) d"
    with closing(stores_of(running)) as stores, stores.begin() as tx:
        ask = tx.connection.exec_driver_sql
        return {table: ask(twice.format(table, key)).scalar_one() for table, key in keys.items()}


def sent_too_often(running: RunningHome, slack: SlackServer) -> dict[str, int]:
    """Titles that came more often, without being marked as repeats, than there are messages with them."""
    with closing(stores_of(running)) as stores, stores.begin() as tx:
        titles = tx.connection.exec_driver_sql("SELECT payload ->> 'title' FROM deliveries").scalars().all()
    wanted = Counter(titles)
    came = Counter(title.lstrip("⚠️🛑 ") for title in slack.unmarked_titles)
    return {title: count for title, count in came.items() if count > wanted[title]}


def has_news(running: RunningHome, slack: SlackServer, before: int) -> bool:
    """Whether another message has come since, or the past is over."""
    return len(slack.received) > before or running.has_lived


def test_twenty_kills_lose_nothing_and_double_nothing(home: Home, slack: SlackServer) -> None:
    rng = random.Random(SEED)
    settings = {"TRADELOOP_LANG": "en", "TRADELOOP_SLACK_WEBHOOK_URL": slack.url}
    with RunningHome(home, settings) as running:
        running.wait_until_up()
        for _ in range(EARLY_KILLS):
            eventually(partial(has_news, running, slack, len(slack.received)), 300.0, "the past goes on")
            kill_and_wait(running, rng.choice(("trader", "postgres", "valkey")))
        running.wait_until_lived()
        with running.client("control") as client:
            second_version(client)
            witness = Witness(client)
            for _ in range(KILLS):
                witness.act()
                kill_and_wait(running, rng.choice(ROLES), witness)
            eventually(lambda: settled(running), 120.0, "every version is published and read back")
            assert witness.missing() == []
        print(f"\n{witness}, {len(slack.received)} messages, {len(slack.unmarked_titles)} of them no repeats")
        assert doubled(running) == dict.fromkeys(doubled(running), 0)
        assert sent_too_often(running, slack) == {}
        assert len(witness.notes) >= KILLS
        assert len(witness.versions) >= KILLS / 2
        assert len(set(slack.unmarked_titles)) >= DAYS_LIVED
        assert [check for check in running.doctor()["checks"] if check["ok"] is False] == []
        assert running.interrupt() == []

    with RunningHome(home, settings) as again:
        again.wait_until_up()
        with again.client("read") as client:
            assert Witness(client, witness).missing() == []
        assert again.interrupt() == []

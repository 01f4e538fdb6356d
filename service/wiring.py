"""The one place where the parts are put together, with plain constructor calls; tests use the same functions."""

from collections.abc import Mapping, Sequence

import structlog

from collectors.instruments import instrument_for
from core.clock import Clock
from core.errors import BadData
from core.market import Instrument
from core.ports import Notifier, Progress, silent
from core.trading import Mode, StrategyInstance
from execution.history import MarketHistory
from execution.manual.desk import ManualDesk
from execution.runner import InstanceRunner
from execution.safety import KillSwitch
from execution.trader import Journal, Trader
from feedback.gate.gate import Gate
from feedback.llm.anthropic import BASE_URL as ANTHROPIC_URL
from feedback.llm.anthropic import AnthropicClient
from feedback.llm.budget import Budget, Caps
from feedback.llm.client import LlmClient
from feedback.llm.deepseek import BASE_URL as DEEPSEEK_URL
from feedback.llm.deepseek import deepseek_client
from feedback.llm.null import NullClient
from feedback.llm.openai_compatible import openai_compatible_client
from feedback.loop import Loop, Model
from reports.html import HtmlReports
from reports.notifiers import FileNotifier, SlackNotifier
from service.accounts import account_of
from service.approving import declaration_of
from service.instances import DEFAULT_BUDGET, load_plugins
from service.session import Session
from service.settings import LlmSettings, Settings
from storage.columns import Columns
from storage.queries.market import first_close
from storage.stores import Transaction
from strategies import registry

log = structlog.get_logger()

OPENAI_URL = "https://api.openai.com/v1"


def build_loop(
    session: Session,
    *,
    clock: Clock | None = None,
    progress: Progress = silent,
    markets: Mapping[str, Instrument] | None = None,
    gate: Gate | None = None,
) -> Loop:
    """The loop over every instance that Postgres knows.

    `markets` are instruments that a feed brought, by key; `gate` is another than the standard one in tests only.
    """
    settings = session.settings
    load_plugins(settings.config)
    ticking = clock or session.clock
    with session.stores.begin() as tx:
        instances = tx.instances.list()
        instruments = {i.id: _instrument(tx, i, settings, markets or {}) for i in instances}
    history = MarketHistory(session.stores, Columns(session.home.bars), instruments, ticking)
    return Loop(
        stores=session.stores,
        clock=ticking,
        zone=settings.zone,
        language=settings.language,
        declarations={i.id: declaration_of(i) for i in instances},
        accounts={i.id: account_of(i.budget, settings.config.risk) for i in instances},
        instruments=instruments,
        markets=history.of,
        gate=gate or Gate(),
        reports=HtmlReports(session.home.reports),
        notifier=build_notifier(session),
        home=session.home.path,
        model=build_model(settings, ticking),
        progress=progress,
    )


def build_runners(loop: Loop, instances: Sequence[StrategyInstance], *, simulated: bool) -> list[InstanceRunner]:
    """A runner per instance at its current version, gone on from its stored state where there is one."""
    runners = []
    with loop.stores.begin() as tx:
        for instance in instances:
            current = tx.parameters.current(instance.id)
            runner = InstanceRunner(
                instance,
                registry.get(instance.strategy),
                loop.instruments[instance.id],
                loop.accounts[instance.id],
                current,
                source="simulated" if simulated else str(instance.mode),
            )
            _resume(tx, runner, loop.clock)
            runner.offer(current)
            runners.append(runner)
    return runners


def _resume(tx: Transaction, runner: InstanceRunner, clock: Clock) -> None:
    """Go on from the stored state. One that this version cannot read is dropped, loudly: the instance starts flat."""
    state = tx.journal.state(runner.instance.id)
    if state is None:
        return
    try:
        runner.restore(state)
    except BadData as error:
        last = tx.journal.last_seqs(runner.instance.id)
        runner.engine.continue_from(decisions=last.decisions, fills=last.fills, trades=last.trades)
        text = f"{runner.instance.id} starts flat: the state of an older version cannot be read."
        detail = {"bar_at": state.bar_at.isoformat(), "dropped": dict(state.summary)}
        incident, now = f"state:{runner.instance.id}", clock.now()
        if tx.safety.open(incident, "critical", text, detail, runner.instance.id, now):
            tx.safety.close(incident, now)
        log.warning(text, action="trader.state_dropped", instance=runner.instance.id, error=str(error), **detail)


def build_trader(session: Session, loop: Loop, journal: Journal, clock: Clock, *, simulated: bool) -> Trader:
    """The trader over every paper and shadow instance of the home."""
    with session.stores.begin() as tx:
        instances = [i for i in tx.instances.list() if i.mode is not Mode.LIVE]
    return Trader(
        build_runners(loop, instances, simulated=simulated),
        session.stores,
        journal,
        session.stores.hot.subscription([i.id for i in instances]),
        KillSwitch(session.home.kill_switch),
        clock,
    )


def build_manual_desk(session: Session, instruments: Mapping[str, Instrument]) -> ManualDesk:
    """The desk for people's own orders; a position there is bounded as an instance with the usual budget is."""
    account = account_of(DEFAULT_BUDGET, session.settings.config.risk)
    return ManualDesk(session.stores, instruments, account, KillSwitch(session.home.kill_switch), session.clock)


def build_model(settings: Settings, clock: Clock) -> Model:
    """The language model of the settings with its budget; without a key one that answers nothing and says so."""
    caps = Caps(
        call=settings.llm.job_cap_usd,
        job=settings.llm.job_cap_usd,
        day=settings.llm.daily_cap_usd,
        month=settings.llm.monthly_cap_usd,
    )
    return Model(_client(settings.llm), Budget(caps, clock, settings.zone))


def build_notifier(session: Session) -> Notifier:
    """Slack where a webhook is set, else a file in the home."""
    url = session.settings.slack_webhook_url
    return SlackNotifier(url) if url else FileNotifier(session.home.reports / "messages.jsonl")


def _client(llm: LlmSettings) -> LlmClient:
    if llm.api_key is None or llm.model is None:
        return NullClient()
    match llm.provider:
        case "deepseek":
            return deepseek_client(llm.api_key, llm.model, llm.base_url or DEEPSEEK_URL)
        case "openai":
            return openai_compatible_client(llm.api_key, llm.model, llm.base_url or OPENAI_URL)
        case "anthropic":
            return AnthropicClient(llm.api_key, llm.model, llm.base_url or ANTHROPIC_URL)
        case "none":
            return NullClient()


def _instrument(
    tx: Transaction, instance: StrategyInstance, settings: Settings, markets: Mapping[str, Instrument]
) -> Instrument:
    """The instrument that the feed brought, else one from the rules and the first stored price."""
    brought = markets.get(f"{instance.venue}/{instance.symbol}")
    if brought is not None:
        return brought
    rules = {key: section.model_dump(exclude_none=True) for key, section in settings.config.instruments.items()}
    price = first_close(tx.connection, instance.venue, instance.symbol)
    return instrument_for(instance.venue, instance.symbol, price or 1.0, rules)

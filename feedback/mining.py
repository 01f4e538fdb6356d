"""The miner's drafts of the day: one small search per instance, every trial of it in the ledger."""

from datetime import date

from core.trading import StrategyInstance
from feedback.judging import day_offset_ms, past_verdicts
from feedback.loop import Loop
from feedback.miner import Mined, mine
from feedback.proposals import Ground, Idea, ground_of, of_day, store
from feedback.texts import Texts
from storage.queries.admission import given_verdicts
from storage.queries.cycle import run_was_tried
from strategies import registry


def draft_by_miner(loop: Loop, day: date) -> list[str]:
    """Search around the versions in force and store what was found; returns the ids of the day's miner proposals."""
    if stored := of_day(loop, day, "miner"):
        return stored
    ground = ground_of(loop, day)
    with loop.stores.begin() as tx:
        instances = [i for i in tx.instances.list() if i.id in ground.current]
        fresh = [i for i in instances if not run_was_tried(tx.connection, _run(day, i), ground.seen.start)]
    ideas = []
    for done, instance in enumerate(fresh, start=1):
        ideas += _ideas(loop, ground, instance)
        loop.progress(done, len(fresh), "miner")
    return store(loop, ground, "miner", ideas)


def _ideas(loop: Loop, ground: Ground, instance: StrategyInstance) -> list[Idea]:
    """The best neighbour as an idea. A search without one leaves its trials in the ledger all the same."""
    found = _mined(loop, ground, instance)
    trials = [(trial.values, trial.score) for trial in found.trials]
    if not found.drafts:
        with loop.stores.begin() as tx:
            tx.trials.add_many(instance.id, "miner", _run(ground.day, instance), trials, found.seen, ground.at)
        return []
    draft = found.drafts[0]
    days = (found.seen.end - found.seen.start).days
    return [
        Idea(
            instance_id=instance.id,
            after={change.parameter: change.after for change in draft.changes},
            reason=Texts(loop.language).say("miner.reason", trials=len(trials), days=days),
            confidence=None,
            evidence=draft.evidence,
            trials=trials,
        )
    ]


def _mined(loop: Loop, ground: Ground, instance: StrategyInstance) -> Mined:
    current = ground.current[instance.id]
    with loop.stores.begin() as tx:
        recent = past_verdicts(given_verdicts(tx.connection, instance.id, ground.at))
    return mine(
        instance.id,
        registry.get(instance.strategy),
        current.version,
        current.values,
        loop.markets(instance),
        loop.accounts[instance.id],
        ground.at,
        recent=recent,
        day_offset_ms=day_offset_ms(loop),
        workers=loop.workers,
    )


def _run(day: date, instance: StrategyInstance) -> str:
    """The name of a search that found nothing; one that did is named by its proposal."""
    return f"{day:%Y%m%d}-miner-{instance.id}"

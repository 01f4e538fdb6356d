"""Spells in which a simulated price drifts: impulses, and the false starts before them."""

from dataclasses import dataclass

import numpy as np

from collectors.simulated_random import MINUTES
from collectors.simulated_recipe import Recipe
from core.market import Floats


@dataclass(frozen=True, slots=True)
class Spell:
    """Minutes [start, end), counted from the market's start, in which a price drifts by `drift` (signed) per minute."""

    start: int
    end: int
    drift: float
    loud: bool


def draw_spells(random: np.random.Generator, rate: Floats, day: int, recipe: Recipe) -> tuple[Spell, ...]:
    """The impulses that start on a day, with their false starts; `rate` is per day, minute by minute."""
    starts = np.flatnonzero(random.random(MINUTES) < rate / MINUTES)
    return tuple(spell for minute in starts for spell in _impulse(random, day * MINUTES + int(minute), recipe))


def _impulse(random: np.random.Generator, start: int, recipe: Recipe) -> list[Spell]:
    drift = random.uniform(*recipe.impulse_drift) * random.choice((-1.0, 1.0))
    turn = start + round(random.uniform(*recipe.false_minutes))
    end = turn + round(random.uniform(*recipe.impulse_minutes))
    impulse = Spell(turn, end, float(drift), loud=True)
    if random.random() >= recipe.false_starts:
        return [impulse]
    return [Spell(start, turn, -float(drift), loud=False), impulse]


def still_running(spells: tuple[Spell, ...], day: int) -> tuple[Spell, ...]:
    return tuple(spell for spell in spells if spell.end > day * MINUTES)


def drift_profile(spells: tuple[Spell, ...], day: int) -> tuple[Floats, Floats]:
    """Drift per minute of a day, and how many impulses are loud."""
    drift, loud = np.zeros(MINUTES), np.zeros(MINUTES)
    for spell in spells:
        span = slice(max(spell.start - day * MINUTES, 0), max(spell.end - day * MINUTES, 0))
        drift[span] += spell.drift
        loud[span] += spell.loud
    return drift, loud

"""Is the best of many better than the incumbent? Hansen's SPA (2005) and Romano and Wolf's StepM (2005).

Both share one set of circular block resamples for all trials, so that what the trials have in common stays in common.
"""

import numpy as np
import numpy.typing as npt

from core.market import Floats
from feedback.gate.bootstrap import SHORTEST_BLOCK, block_means

REPETITIONS = 999


def superior_ability(gains: Floats, seed: int, *, block: int = SHORTEST_BLOCK, repetitions: int = REPETITIONS) -> float:
    """The consistent SPA p-value of "no trial is better": `gains` is [trials, days] over the incumbent."""
    scaled, resampled = _studentised(gains, seed, block, repetitions)
    days = gains.shape[1]
    hopeless = scaled <= -np.sqrt(2 * np.log(np.log(days)))
    centred = resampled + np.where(hopeless, scaled, 0.0)
    highest = np.maximum(centred.max(axis=1), 0.0)
    return float(np.mean(highest >= max(float(scaled.max()), 0.0)))


def superior_set(
    gains: Floats, seed: int, *, size: float = 0.05, block: int = SHORTEST_BLOCK, repetitions: int = REPETITIONS
) -> list[int]:
    """The trials that are better with a familywise error rate of `size`, found step by step."""
    scaled, resampled = _studentised(gains, seed, block, repetitions)
    left: npt.NDArray[np.bool_] = np.ones(len(gains), dtype=np.bool_)
    while left.any():
        critical = np.quantile(resampled[:, left].max(axis=1), 1 - size)
        found = left & (scaled > max(float(critical), 0.0))
        if not found.any():
            break
        left &= ~found
    return np.flatnonzero(~left).tolist()


def _studentised(gains: Floats, seed: int, block: int, repetitions: int) -> tuple[Floats, Floats]:
    """Mean gains and centred resampled means [repetitions, trials], both in standard errors of the mean."""
    means = np.stack([block_means(one, block) for one in gains], axis=1)
    count = max(2, round(gains.shape[1] / block))
    starts = np.random.default_rng(seed).integers(0, gains.shape[1], (repetitions, count))
    centre = gains.mean(axis=1)
    resampled = np.stack([means[draw].mean(axis=0) for draw in starts]) - centre
    error = np.maximum(means.std(axis=0) / np.sqrt(count), 1e-15)
    return centre / error, resampled / error

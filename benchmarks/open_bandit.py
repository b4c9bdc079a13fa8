"""Open Bandit's sample, women: two policies showed clothes at the same time, so each is known.

Two logs of 10,000 shows in three places: one shows any of 46 pieces at random, the other by
Thompson sampling (BTS). What is estimated of one from the log of the other can be held against what
it earned.

It is read from the folder into which the wheel of `obp` 0.4 is unpacked, as published.

Source: Saito, Aihara, Matsutani and Narita, "Open Bandit Dataset and Pipeline", NeurIPS 2021.
"""

from pathlib import Path

import numpy as np
import polars as pl
import yaml

from training.judge.evidence import Numbers
from training.judge.off_policy import Decisions

N_ACTIONS, N_PLACES = 46, 3
N_DRAWS = 200_000
_AT_ONCE = 20_000
SHRUNKEN = 200
"""The reward model is a piece's clicks a show, as if it had this many more of the mean."""


def read(folder: Path, policy: str) -> pl.DataFrame:
    """Return the log of ``random`` or ``bts``."""
    return pl.read_csv(folder / "obp" / "dataset" / "obd" / policy / "women" / "women.csv").select(
        action="item_id",
        place=pl.col("position") - 1,
        reward=pl.col("click").cast(pl.Float64),
        propensity="propensity_score",
    )


def bts(folder: Path, rng: np.random.Generator) -> Numbers:
    """Return how often BTS shows each piece in each place, by drawing from its published prior.

    Returns:
        Shape ``(N_ACTIONS, N_PLACES)``.
    """
    path = folder / "obp" / "policy" / "conf" / "prior_bts.yaml"
    prior = yaml.safe_load(path.read_text(encoding="utf-8"))["women"]
    counts = np.zeros((N_ACTIONS, N_PLACES))
    for _ in range(N_DRAWS // _AT_ONCE):
        drawn = rng.beta(prior["alpha"], prior["beta"], size=(_AT_ONCE, N_ACTIONS))
        best = np.argsort(-drawn, axis=1)[:, :N_PLACES]
        for place in range(N_PLACES):
            counts[:, place] += np.bincount(best[:, place], minlength=N_ACTIONS)
    return counts / N_DRAWS


def at_random() -> Numbers:
    """Return the same of the policy that shows anything, anywhere."""
    return np.full((N_ACTIONS, N_PLACES), 1 / N_ACTIONS)


def decisions(log: pl.DataFrame, other: Numbers) -> Decisions:
    """Return a log beside the policy that is asked about."""
    action, place = log["action"].to_numpy(), log["place"].to_numpy()
    reward = log["reward"].to_numpy()
    shown = np.bincount(action, minlength=N_ACTIONS)
    clicked = np.bincount(action, weights=reward, minlength=N_ACTIONS)
    foretold = (clicked + SHRUNKEN * reward.mean()) / (shown + SHRUNKEN)
    return Decisions(
        propensity=log["propensity"].to_numpy(),
        reward=reward,
        target=other[action, place],
        estimates=(foretold[action], (foretold @ other)[place]),
        case=np.arange(log.height),
    )

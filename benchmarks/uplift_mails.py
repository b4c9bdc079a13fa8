"""A real trial, Hillstrom's e-mails: do we find whom a mail brings to the shop.

Customers were sent mail on men's clothes, or on women's, or none, by lot, and it was seen who came
within two weeks. For each mail, against none:

    Cartera      the difference of two models, since the groups are of one size
    crossed      the other way to learn it
    response     who comes, mail or not
    at random    no model

Each is judged on people who taught it nothing, by the Qini coefficient. Then the mail is chosen per
person, the best on the whole unless the other is better for certain, and what that brings is held
against the best on the whole for everybody (each person who by lot got what was chosen counts by
the inverse of that arm's share). It would be acted upon only if its lower end is above 0.

Source: Hillstrom, "The MineThatData E-Mail Analytics and Data Mining Challenge", 2008.
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from training.fit.incentives import Arm, choose
from training.fit.uplift import Columns, Gains, Learn, Trial, crossed, learned, response
from training.fit.uplift_proof import N_PARTS, Proof, proof, verdict
from training.judge.metrics import Values, interval

NONE, WOMENS, MENS = "No E-Mail", "Womens E-Mail", "Mens E-Mail"
MAILS = {WOMENS: "women's mail", MENS: "men's mail"}
OURS, CROSSED, RESPONSE, RANDOM = "Cartera", "crossed", "response", "at random"
WAYS = (OURS, CROSSED, RESPONSE, RANDOM)
AHEAD = "mail per person: visits per person ahead of the best mail"
GROUPS = ("zip_code", "channel")


def read(folder: Path) -> pl.DataFrame:
    """Return the trial.

    Args:
        folder: Has one file ``hillstrom*.parquet``, with the columns of the source.

    Raises:
        SystemExit: It has none, or several.
    """
    found = sorted(folder.glob("hillstrom*.parquet"))
    if len(found) != 1:
        raise SystemExit(
            f"{len(found)} files hillstrom*.parquet were found in the folder of --data, expected "
            "one; put the trial there as Parquet, or leave --data out to simulate only"
        )
    return pl.read_parquet(found[0])


def columns_of(rows: pl.DataFrame) -> Columns:
    """Return what was known before the mail: a column a number, and one a group."""
    numbers = [
        rows["recency"],
        rows["history"].log1p(),
        rows["mens"],
        rows["womens"],
        rows["newbie"],
    ]
    groups = [rows[name] == group for name in GROUPS for group in rows[name].unique().sort()]
    return np.column_stack([each.cast(pl.Float64).to_numpy() for each in (*numbers, *groups)])


def at_random(seed: int) -> Learn:
    """Return a way of learning that learns nothing."""
    rng = np.random.default_rng(seed)

    def drawn(columns: Columns) -> Gains:
        return np.asarray(rng.random(columns.shape[0]), dtype=np.float64)

    return lambda _: drawn


def qinis(rows: pl.DataFrame, mail: str, *, seed: int) -> dict[str, Proof]:
    """Return how well each way finds whom one mail brings."""
    among = rows.filter(pl.col("segment").is_in([mail, NONE]))
    trial = Trial(
        columns=columns_of(among),
        treated=(among["segment"] == mail).to_numpy(),
        came=(among["visit"] == 1).to_numpy(),
    )
    ways = {
        OURS: learned,
        CROSSED: crossed,
        RESPONSE: response,
        RANDOM: at_random(seed),
    }
    return {name: proof(trial, learn, seed=seed) for name, learn in ways.items()}


def figures(found: Mapping[str, Mapping[str, Proof]]) -> dict[str, float]:
    """Return every Qini with its interval, and by how much ours is ahead of each.

    Args:
        found: By mail and way, all of one seed.
    """
    told: dict[str, float] = {}
    for mail, ways in found.items():
        for name, one in ways.items():
            begin = f"{MAILS[mail]}, {name}: Qini"
            told[begin] = one.qini
            told[f"{begin}, low"], told[f"{begin}, high"] = one.interval
            if name != OURS:
                low, high = ways[OURS].ahead_of(one)
                told[f"{begin}, ours ahead, low"], told[f"{begin}, ours ahead, high"] = low, high
    return told


def verdicts(found: Mapping[str, Mapping[str, Proof]]) -> list[str]:
    """Return in words whether each mail may be sent to some and not to others."""
    return [f"{MAILS[mail]}: {verdict(ways[OURS])}" for mail, ways in found.items()]


def per_person(rows: pl.DataFrame, *, seed: int) -> dict[str, float]:
    """Return what choosing the mail per person brings beyond the best mail for all."""
    gains, others = _chosen(rows, np.random.default_rng(seed))
    low, high = interval(gains, rng=np.random.default_rng(seed))
    return {
        AHEAD: float(gains.mean()),
        f"{AHEAD}, low": low,
        f"{AHEAD}, high": high,
        "mail per person: share given another mail than the best": float(others.mean()),
        "mail per person: acted upon": float(low > 0),
    }


def _chosen(rows: pl.DataFrame, rng: np.random.Generator) -> tuple[Values, NDArray[np.bool_]]:
    """Return each person's gain of visits, and whether they were given another mail."""
    columns, came = columns_of(rows), (rows["visit"] == 1).to_numpy()
    arm = rows["segment"].replace_strict({WOMENS: 0, MENS: 1, NONE: 2}).to_numpy()
    weight = came * (arm.size / np.bincount(arm))[arm]
    part = rng.permutation(arm.size) % N_PARTS
    gains, others = np.zeros(arm.size), np.zeros(arm.size, dtype=np.bool_)
    for number in range(N_PARTS):
        learns, judged = part != number, np.flatnonzero(part == number)
        groups = [learns & (arm == mail) for mail in (0, 1)]
        best = int(np.argmax([came[group].mean() for group in groups]))
        order = (best, 1 - best)
        arms = [Arm.of(columns[groups[mail]], came[groups[mail]]) for mail in order]
        keeps = np.ones((judged.size, 2))
        given = np.array(order)[choose(arms, columns[judged], keeps=keeps)]
        others[judged] = given != best
        got = (arm[judged] == given).astype(float) - (arm[judged] == best)
        gains[judged] = got * weight[judged]
    return gains, others

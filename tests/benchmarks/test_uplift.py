"""What the benchmark of incentives makes of trials."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from benchmarks import uplift, uplift_mails, uplift_shop
from benchmarks.uplift_mails import AHEAD, MENS, NONE, WOMENS, columns_of, figures, per_person
from benchmarks.uplift_shop import EVERYBODY, MEAN, NOBODY, ORACLE, OURS, outcome, shop
from training.data.synthetic_trial import trial_customers
from training.fit.uplift_proof import Proof


def mails(n: int, *, seed: int, apart: float) -> pl.DataFrame:
    """Women's mail brings who bought women's clothes, men's the others, by so much."""
    rng = np.random.default_rng(seed)
    womens = rng.integers(2, size=n)
    arm = rng.integers(3, size=n)
    fits = np.where(arm == 0, womens, 1 - womens) * (arm < 2)
    return pl.DataFrame(
        {
            "recency": rng.integers(1, 13, size=n),
            "history": rng.lognormal(5, 1, size=n),
            "mens": 1 - womens,
            "womens": womens,
            "newbie": rng.integers(2, size=n),
            "zip_code": rng.choice(["Rural", "Urban"], size=n),
            "channel": rng.choice(["Phone", "Web"], size=n),
            "segment": np.array([WOMENS, MENS, NONE])[arm],
            "visit": (rng.random(n) < 0.1 + 0.05 * (arm < 2) + apart * fits).astype(int),
        }
    )


def test_no_way_beats_the_oracle_and_ours_is_ahead_of_nobody_and_everybody() -> None:
    found = shop(np.random.default_rng(1))

    assert max(found, key=lambda name: found[name].profit) == ORACLE
    assert found[OURS].profit > max(found[NOBODY].profit, found[EVERYBODY].profit)
    assert found[OURS].incentives < found[MEAN].incentives
    assert found[NOBODY].incentives == 0


def test_an_outcome_is_read_off_the_true_chances() -> None:
    customers = trial_customers(1000, np.random.default_rng(1))

    found = outcome(customers, np.ones(1000, dtype=np.intp))

    assert found.profit == pytest.approx((customers.chances * customers.keeps)[:, 1].mean())
    assert found.incentives == pytest.approx((customers.chances * customers.costs)[:, 1].mean())


def test_a_mail_is_chosen_per_person_only_where_that_brings_more_for_certain() -> None:
    apart, alike = (per_person(mails(6000, seed=1, apart=each), seed=7) for each in (0.3, 0.0))

    assert apart[AHEAD] == pytest.approx(0.15, abs=0.05)
    assert apart["mail per person: acted upon"] == 1
    assert alike["mail per person: acted upon"] == 0
    assert alike["mail per person: share given another mail than the best"] < 0.3


def test_columns_are_numbers_and_one_for_each_group() -> None:
    assert columns_of(mails(50, seed=1, apart=0)).shape == (50, 9)


def test_ours_is_compared_draw_by_draw() -> None:
    drawn = np.linspace(0.02, 0.04, 101)
    ways = {
        uplift_mails.OURS: Proof(qini=0.05, drawn=drawn + 0.02),
        uplift_mails.RESPONSE: Proof(qini=0.03, drawn=drawn),
    }

    found = figures({WOMENS: ways})

    ahead = [found[f"women's mail, response: Qini, ours ahead, {end}"] for end in ("low", "high")]
    assert ahead == pytest.approx([0.02, 0.02])
    assert found["women's mail, Cartera: Qini"] == 0.05


def test_a_folder_without_the_trial_or_with_two_says_what_is_expected(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=r"0 files hillstrom\*\.parquet were found"):
        uplift_mails.read(tmp_path)
    for name in ("hillstrom_a.parquet", "hillstrom_b.parquet"):
        mails(5, seed=1, apart=0).write_parquet(tmp_path / name)
    with pytest.raises(SystemExit, match="2 files"):
        uplift_mails.read(tmp_path)


def test_goals_of_the_mails_are_asked_only_where_the_mails_were_looked_at(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(uplift_shop, "N_SHOPS", 1)
    told = uplift_shop.shops(1)

    assert len(uplift.goals(told)) == 2
    assert uplift.shop_table(told).row_count == len(uplift_shop.WAYS)

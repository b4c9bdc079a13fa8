"""Whom an incentive moves, and what it earns to know it: ``make bench-uplift``.

(a) and (b), with ``--data FOLDER``: Hillstrom's trial of two mails (``benchmarks.uplift_mails``).
(c) a simulated shop where the truth is known (``benchmarks.uplift_shop``).

No learner has a setting, and which of them is ours follows from the sizes of the groups, so nothing
was tuned on what is judged here. Ten deals of the parts instead of fifty move a Qini by .002.
"""

import argparse
from collections.abc import Mapping
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks import uplift_mails, uplift_shop
from benchmarks.results import Goal, Run
from benchmarks.uplift_mails import MAILS, MENS, RESPONSE, WOMENS
from benchmarks.uplift_shop import COST, OURS, PROFIT

SEED = 7
WOMENS_QINI = 0.055
LEAST_PROFIT, MOST_COST = 0.9, 0.5


def main() -> None:
    """Learn, judge, print the tables and write the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="A folder with hillstrom*.parquet.")
    folder: Path | None = parser.parse_args().data
    run = Run.begin("uplift", "make bench-uplift" + ' ARGS="--data FOLDER"' * bool(folder))
    out = Console(width=100, highlight=False)
    told = uplift_shop.shops(SEED)
    if folder is not None:
        rows = uplift_mails.read(folder)
        found = {mail: uplift_mails.qinis(rows, mail, seed=SEED) for mail in MAILS}
        told |= uplift_mails.figures(found) | uplift_mails.per_person(rows, seed=SEED)
        out.print(mails_table(told), *uplift_mails.verdicts(found), sep="\n")
        ahead, low, high = (told[f"{uplift_mails.AHEAD}{end}"] for end in ("", ", low", ", high"))
        out.print(f"{uplift_mails.AHEAD}: {ahead:.4f}, 95 % {low:.4f} to {high:.4f}")
    out.print(shop_table(told))
    run.end(told, goals(told))


def goals(told: Mapping[str, float]) -> dict[str, Goal]:
    """Return what the figures should reach; the mails' only where they were looked at."""
    shop = f"simulated shop, {OURS}"
    profit, cost = (f"{figure}, mean" for figure in (PROFIT, COST))
    found = {
        f"{shop}: {profit}": Goal.at_least(told[f"{shop}: {profit}"], LEAST_PROFIT),
        f"{shop}: {cost}": Goal.at_most(told[f"{shop}: {cost}"], MOST_COST),
    }
    womens, mens = (f"{MAILS[mail]}, {uplift_mails.OURS}: Qini" for mail in (WOMENS, MENS))
    if womens not in told:
        return found
    plain = f"{MAILS[WOMENS]}, {RESPONSE}: Qini"
    return found | {
        womens: Goal.at_least(told[womens], WOMENS_QINI),
        f"{womens}, low end": Goal.at_least(told[f"{womens}, low"], 0),
        f"{womens}, over a response model's": Goal.at_least(told[womens], told[plain]),
        f"{mens}, low end, so that it is not acted upon": Goal.at_most(told[f"{mens}, low"], 0),
    }


def mails_table(told: Mapping[str, float]) -> Table:
    """Return how well each way finds whom a mail brings."""
    shown = Table("mail", "way", "Qini", "95 %", "ours ahead by", title="Hillstrom, visits")
    for mail in MAILS.values():
        for way in uplift_mails.WAYS:
            qini = f"{mail}, {way}: Qini"
            spans = [
                f"{told[f'{begin}, low']:.3f} to {told[f'{begin}, high']:.3f}"
                for begin in (qini, f"{qini}, ours ahead")
                if f"{begin}, low" in told
            ]
            shown.add_row(mail, way, f"{told[qini]:.4f}", *spans)
    return shown


def shop_table(told: Mapping[str, float]) -> Table:
    """Return what each way to give incentives comes to: means over shops, lowest and highest."""
    shown = Table("way", *uplift_shop.FIGURES, title="Simulated shop")
    for way in uplift_shop.WAYS:
        names = [f"simulated shop, {way}: {figure}" for figure in uplift_shop.FIGURES]
        cells = [
            f"{told[f'{name}, mean']:.3f} ({told[f'{name}, lowest']:.3f} to "
            f"{told[f'{name}, highest']:.3f})"
            for name in names
        ]
        shown.add_row(way, *cells)
    return shown


if __name__ == "__main__":
    main()

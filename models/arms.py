"""Which arm of an experiment a customer is in: always the same one, and nobody keeps a list.

The experiment's name and the customer's id, hashed together, give a number below 2³², and every arm
owns a stretch of these numbers as long as its share. So a customer stays in an arm for as long as
the experiment and its shares stay, whoever asks, and customers of one arm are spread evenly over
the arms of every other experiment.

Source: Kohavi, Longbotham, Sommerfield and Henne, "Controlled experiments on the web: survey and
practical guide", Data Mining and Knowledge Discovery 2009, 4.1 (hash and partition).
"""

import math
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from itertools import accumulate
from typing import Self

N_NUMBERS = 1 << 32
MAX_NAME = 64
"""Characters of an experiment's name, and of an arm's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arms:
    """The arms of one experiment, each with its stretch of numbers."""

    experiment: str
    names: tuple[str, ...]
    ends: tuple[int, ...]
    """The number after each arm's last, ascending; the last is ``N_NUMBERS``."""

    @classmethod
    def of(cls, experiment: str, shares: Mapping[str, float]) -> Self:
        """Divide the numbers among arms.

        Growing the share of the first arm at the cost of the one beside it moves customers into it
        and none out.

        Args:
            experiment: Its name; another name shuffles the customers anew.
            shares: Arm -> its part, in any unit: 1 and 1, 50 and 50. The order counts.

        Raises:
            ValueError: A name is empty, too long or not printable, there are fewer than two arms,
                or a share is not a positive number that is worth a single customer in 2³².
        """
        for name in (experiment, *shares):
            if not name or len(name) > MAX_NAME or not name.isprintable():
                raise ValueError(
                    f"names of experiments and arms must have 1 to {MAX_NAME} printable characters"
                )
        if len(shares) < 2:
            raise ValueError(f"an experiment needs at least two arms, got {len(shares)}")
        total = sum(shares.values())
        if not (math.isfinite(total) and all(share > 0 for share in shares.values())):
            raise ValueError("the share of every arm must be a number above 0")
        ends = [round(upto / total * N_NUMBERS) for upto in accumulate(shares.values())]
        ends[-1] = N_NUMBERS
        if any(end <= start for start, end in zip([0, *ends], ends, strict=False)):
            raise ValueError("the share of an arm is too small to hold anybody")
        return cls(experiment=experiment, names=tuple(shares), ends=tuple(ends))

    def of_customer(self, customer_id: str) -> str:
        """Return the arm of a customer."""
        return self.names[bisect_right(self.ends, number(self.experiment, customer_id))]

    def shares(self) -> dict[str, float]:
        """Return the share of customers that each arm should hold; they sum to 1."""
        starts = (0, *self.ends)
        return {
            name: (end - start) / N_NUMBERS
            for name, start, end in zip(self.names, starts, self.ends, strict=False)
        }


def number(experiment: str, customer_id: str) -> int:
    """Return a customer's number in an experiment, 0 to 2³² - 1.

    A line feed stands between the two, which neither may hold, so that no pair imitates another.
    """
    text = f"{experiment}\n{customer_id}".encode("utf-8", "surrogatepass")
    return int.from_bytes(blake2b(text, digest_size=4).digest(), "big")

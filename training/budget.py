"""How long a training run may take, and what is left of it."""

import re
from dataclasses import dataclass, field
from time import perf_counter

DEFAULT = "10m"
_UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0}
_TEXT = re.compile(r"(\d+(?:\.\d+)?)([smh])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """Seconds on the clock, counted from when this was made.

    A budget is kept by leaving out what cannot be paid for (a validation window, the ranker), never
    by stopping in the middle; what a release cannot do without is done however long it takes.
    """

    seconds: float
    began: float = field(default_factory=perf_counter)

    @classmethod
    def of(cls, text: str) -> "Budget":
        """Read ``90s``, ``10m`` or ``1.5h``.

        Raises:
            ValueError: It is none of these, or nothing.
        """
        found = _TEXT.fullmatch(text.strip().lower())
        if not found or not float(found[1]):
            raise ValueError(f"a budget is a time such as 60s, 10m or 1h, got {text!r}")
        return cls(seconds=float(found[1]) * _UNITS[found[2]])

    @property
    def left(self) -> float:
        """Seconds left; below 0 when overdrawn."""
        return self.seconds - (perf_counter() - self.began)

"""What a customer feels, on five levels; unknown is a level of its own, never invented."""

from enum import IntEnum


class Satisfaction(IntEnum):
    """How satisfied a customer is, as far as they have let us know."""

    UNKNOWN = 0
    COMPLETELY_DISSATISFIED = 1
    DISSATISFIED = 2
    NEUTRAL = 3
    SATISFIED = 4
    COMPLETELY_SATISFIED = 5

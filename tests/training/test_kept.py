from training.errors import StoreError
from training.kept import Kept


class Child:
    """Lives while told so; counts how often it was started."""

    def __init__(self, *, lives: bool = False, starts: bool = True) -> None:
        self.lives = lives
        self.starts = starts
        self.started = 0

    def alive(self) -> bool:
        return self.lives

    def start(self) -> None:
        self.started += 1
        if not self.starts:
            raise StoreError("no room")
        self.lives = True


def kept(child: Child) -> Kept:
    return Kept(name="child", alive=child.alive, start=child.start)


def test_a_child_that_was_never_started_is_started_at_the_first_look() -> None:
    child = Child()
    keeper = kept(child)

    keeper.tend(0.0)

    assert child.started == 1
    assert keeper.deaths == 0


def test_a_child_that_lives_is_left_alone() -> None:
    child = Child(lives=True)
    keeper = kept(child)

    for second in range(100):
        keeper.tend(float(second))

    assert child.started == 0


def test_the_first_death_is_answered_at_once_and_further_ones_after_a_growing_pause() -> None:
    child = Child(lives=True)
    keeper = kept(child)
    keeper.tend(0.0)
    now, pauses = 0.0, []

    for _ in range(7):
        child.lives = False
        died, before = now, child.started
        while child.started == before:
            keeper.tend(now)
            now += 0.25
        pauses.append(now - 0.25 - died)

    assert pauses == [0.0, 0.5, 1.0, 2.0, 4.0, 5.0, 5.0]


def test_a_child_that_lived_for_ten_seconds_begins_anew() -> None:
    child = Child(lives=True)
    keeper = kept(child)
    keeper.tend(0.0)
    for now in (1.0, 2.0):
        child.lives = False
        keeper.tend(now)
        keeper.tend(now + 0.5)
    assert keeper.deaths == 2

    child.lives = False
    keeper.tend(60.0)

    assert keeper.deaths == 1
    assert child.lives


def test_a_start_that_fails_counts_as_a_death_and_is_tried_again() -> None:
    child = Child(starts=False)
    keeper = kept(child)

    keeper.tend(0.0)
    keeper.tend(0.0)
    keeper.tend(0.25)
    keeper.tend(0.5)

    assert child.started == 3
    assert keeper.deaths == 3

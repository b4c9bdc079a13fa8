from app.memory import MAX_AGE_S, RECORD_BYTES, Memory, Packed


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_what_was_kept_is_recalled_under_its_own_release_only() -> None:
    memory = Memory(10)

    memory.keep("ana", "r1", Packed(b"record"))

    assert memory.recall("ana", "r1") == Packed(b"record")
    assert memory.recall("ana", "r2") is None
    assert memory.recall("ben", "r1") is None


def test_the_longest_unasked_customer_goes_first() -> None:
    memory = Memory(2)
    for customer_id in ("ana", "ben", "ana", "cem"):
        memory.keep(customer_id, "r1", Packed(b"record"))

    assert len(memory) == 2
    assert memory.recall("ben", "r1") is None
    assert memory.recall("ana", "r1") is not None


def test_long_histories_take_the_room_of_several_customers() -> None:
    memory = Memory(4)
    for customer_id in ("ana", "ben", "cem"):
        memory.keep(customer_id, "r1", Packed(b"record", bytes(2 * RECORD_BYTES)))

    assert len(memory) == 1
    assert memory.recall("cem", "r1") is not None


def test_nothing_is_recalled_after_a_day() -> None:
    clock = Clock()
    memory = Memory(10, clock=clock)
    memory.keep("ana", "r1", Packed(b"record"))

    clock.now = MAX_AGE_S
    assert memory.recall("ana", "r1") is not None
    clock.now = MAX_AGE_S + 1
    assert memory.recall("ana", "r1") is None


def test_a_history_stays_beside_a_newer_record_of_its_release() -> None:
    memory = Memory(10)
    memory.keep("ana", "r1", Packed(b"old", b"history"))

    memory.keep("ana", "r1", Packed(b"new"))
    assert memory.recall("ana", "r1") == Packed(b"new", b"history")

    memory.keep("ana", "r2", Packed(b"newest"))
    assert memory.recall("ana", "r2") == Packed(b"newest")


def test_a_memory_of_nobody_keeps_nobody() -> None:
    memory = Memory(0)

    memory.keep("ana", "r1", Packed(b"record"))

    assert len(memory) == 0


def test_what_happened_is_remembered_until_it_is_read_anew() -> None:
    memory = Memory(10)
    memory.keep("ana", "r1", Packed(b"record", None, (b"looked", None)))

    memory.keep("ana", "r1", Packed(b"newer", None, None))
    assert memory.recall("ana", "r1") == Packed(b"newer", None, (b"looked", None))

    memory.keep("ana", "r1", Packed(b"newest", None, ()))
    assert memory.recall("ana", "r1") == Packed(b"newest")


def test_what_happened_is_known_under_whichever_release_it_was_read() -> None:
    memory = Memory(10)
    memory.keep("ana", "r1", Packed(b"record", None, (b"looked",)))

    assert memory.recall_live("ana") == (b"looked",)
    assert memory.recall_live("ben") is None


def test_what_could_not_be_read_is_not_taken_for_nothing() -> None:
    memory = Memory(10)

    memory.keep("ana", "r1", Packed(b"record", None, None))

    assert memory.recall("ana", "r1") == Packed(b"record", None, None)


def test_what_happened_is_no_younger_for_what_is_read_beside_it() -> None:
    clock = Clock()
    memory = Memory(10, clock=clock)
    memory.keep("ana", "r1", Packed(b"record", None, (b"looked",)))

    clock.now = MAX_AGE_S
    memory.keep("ana", "r1", Packed(b"newer", None, None))
    clock.now = MAX_AGE_S + 1

    assert memory.recall_live("ana") is None


def test_what_happened_can_be_forgotten_alone() -> None:
    memory = Memory(10)
    memory.keep("ana", "r1", Packed(b"record", None, (b"looked",)))

    memory.forget_live("ana")
    memory.forget_live("ben")

    assert memory.recall("ana", "r1") == Packed(b"record", None, None)


def test_what_happened_takes_room_too() -> None:
    memory = Memory(2)

    memory.keep("ana", "r1", Packed(b"record", None, (bytes(2 * RECORD_BYTES),)))

    assert memory.recall("ana", "r1") is None

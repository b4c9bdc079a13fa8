"""What the store says is told, and not of whom it was asked."""

import pytest
import redis

from training.errors import StoreError
from training.store_calls import asked


@pytest.mark.parametrize("transaction", [True, False])
def test_what_a_pipeline_was_asked_is_not_told(
    store_url: str, namespace: str, transaction: bool
) -> None:
    with redis.Redis.from_url(store_url) as store:
        store.set(f"{namespace}:text", "x")
        pipeline = store.pipeline(transaction=transaction)
        pipeline.hmget(f"{namespace}:text", ["maria@example.org"])

        with pytest.raises(StoreError, match="WRONGTYPE") as told:
            asked(pipeline.execute)

    assert "maria" not in str(told.value)
    assert namespace not in str(told.value)

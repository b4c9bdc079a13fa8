"""What tests ask of an embedded store."""

from pathlib import Path

import redis

from training.processes import is_free


def client(url: str) -> redis.Redis:
    return redis.Redis.from_url(url, decode_responses=True)


def put(url: str, key: str, value: str) -> None:
    with client(url) as connection:
        connection.set(key, value)


def get(url: str, key: str) -> object:
    with client(url) as connection:
        return connection.get(key)


def no_store_in(data_dir: Path) -> bool:
    return is_free(data_dir / "store" / "store.lock")


def store_pid(data_dir: Path) -> int:
    return int((data_dir / "store" / "store.pid").read_text())


def answers(url: str) -> bool:
    try:
        with client(url) as connection:
            return bool(connection.ping())
    except redis.RedisError:
        return False

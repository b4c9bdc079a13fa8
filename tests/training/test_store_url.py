import pytest

from training.store_url import StoreUrlError, checked_store_url, without_password

PASSWORD = "hunter2"


@pytest.mark.parametrize(
    "url",
    [
        "redis://shop.example:6379/0",
        "redis://:hunter2@shop.example/3",
        "rediss://user:hunter2@shop.example:6380/0?ssl_cert_reqs=required",
        "unix:///run/redis.sock?db=0",
        "unix://user:hunter2@/run/redis.sock",
    ],
)
def test_the_address_of_one_server_is_taken_as_it_is(url: str) -> None:
    assert checked_store_url(url) == url


@pytest.mark.parametrize(
    "scheme", ["redis+sentinel", "sentinel", "redis+cluster", "rediss+cluster", "cluster"]
)
def test_sentinel_and_cluster_are_refused_with_not_yet(scheme: str) -> None:
    with pytest.raises(StoreUrlError, match="yet"):
        checked_store_url(f"{scheme}://:hunter2@shop.example:26379/0")


@pytest.mark.parametrize(
    "url",
    [
        "sentinel://:hunter2@shop.example:26379/0",
        "http://:hunter2@shop.example",
        "hunter2://shop.example",
        "hunter2",
        ":hunter2@shop.example:6379",
        "redis://:hunter2@shop.example:hunter2",
        "redis://user:hunter2#x@shop.example",
        "redis://:hunter2/x@shop.example:6379",
        "redis://:hunter2@shop.example:0",
        "redis://:hunter2@[shop",
        "unix://:hunter2@",
        "",
    ],
)
def test_a_refusal_never_shows_the_password(url: str) -> None:
    with pytest.raises(StoreUrlError) as refusal:
        checked_store_url(url)

    assert "CARTERA_REDIS_URL" in str(refusal.value)
    assert PASSWORD not in str(refusal.value)
    assert refusal.value.__context__ is None


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("redis://user:hunter2@shop.example:6379/0", "redis://shop.example:6379/0"),
        ("rediss://:hunter2@shop.example/0?password=hunter2", "rediss://shop.example/0"),
        ("unix:///run/redis.sock?db=0", "unix:///run/redis.sock"),
    ],
)
def test_an_address_is_logged_without_its_password(url: str, shown: str) -> None:
    assert without_password(url) == shown

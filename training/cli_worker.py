"""``cartera worker``: learn from events as they come."""

from contextlib import nullcontext

from training.errors import TrainingError
from training.in_words import in_words, settings_told


def worker() -> None:
    """Learn from what customers do, within a second, and build audiences.

    Any number of workers share the customers; each one that ends, even by `kill -9`, leaves its
    part to the others. `cartera serve` runs one by itself where it runs the embedded store.

    Examples:

    `cartera worker`

    `CARTERA_REDIS_URL=redis://:secret@10.0.0.5:6379/0 CARTERA_ARCHIVE_URL=s3://shop/events cartera
    worker`
    """
    with in_words():
        from training import embedded
        from training.log import configure
        from training.store_url import checked_store_url

        try:
            from training.worker import run
        except ModuleNotFoundError as problem:
            raise TrainingError(
                f"{problem.name} is not installed, and the archive of events needs it; install "
                "Cartera with its worker extra: pip install 'cartera[worker]'"
            ) from problem
        settings = settings_told()
        configure(level=settings.log_level, format_=settings.log_format)
        store, events = settings.redis_url, settings.events_redis_url
        with nullcontext(store) if store else embedded.attach(settings.data_dir) as url:
            run(
                url=checked_store_url(url),
                events_url=checked_store_url(events) if events else None,
                namespace=settings.namespace,
                archive=settings.archive,
            )

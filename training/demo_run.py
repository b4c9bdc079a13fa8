"""``cartera demo``: from nothing to a serving shop, and what to try first."""

from dataclasses import replace

from rich.console import Console

from training.budget import Budget
from training.serve import serve
from training.settings import TrainerSettings
from training.stores import open_releases

CUSTOMER, ITEM = "1228", "1082185"
"""A household with a year of purchases, and what most households buy: bananas."""
BODY = f"""-d '{{"item_ids": ["{ITEM}"], "limit": 5}}'"""
OUT = Console(highlight=False, soft_wrap=True)


def run(settings: TrainerSettings, *, port: int, workers: int, learn: bool, budget: Budget) -> None:
    """Train the demo shop if no release is published, then serve it until Ctrl-C."""
    with open_releases(settings) as releases:
        current = releases.current()
    if current is None:
        from training import runs  # noqa: PLC0415  # a second start needs nothing that trains
        from training.progress import Shown  # noqa: PLC0415

        minutes = max(1, round(budget.seconds / 60))
        OUT.print(f"No release yet: training on the Complete Journey may take {minutes} minutes.")
        files = runs.demo_files(settings, Shown(), calendar=False)
        runs.train(replace(files, budget=budget), settings)
    else:
        OUT.print(f"Release {current} is there already.")
    serve(
        data_dir=settings.data_dir,
        port=port,
        workers=workers,
        redis_url=settings.redis_url,
        learn=learn,
        ready=lambda: OUT.print(_to_try(f"http://127.0.0.1:{port}")),
    )


def _to_try(address: str) -> str:
    return f"""
[bold green]Cartera answers at {address}[/]   (documentation: [bold]{address}/docs[/])

A known customer, with reasons:
  curl -s '{address}/recommend?customer_id={CUSTOMER}&limit=5&explain=true'

A visitor who looks at bananas:
  curl -s '{address}/recommend?item_ids={ITEM}&limit=5'

Items like bananas:
  curl -s {address}/items/similar -H 'Content-Type: application/json' {BODY}

Ctrl-C ends the server and its store.
"""

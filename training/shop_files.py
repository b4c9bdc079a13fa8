"""The shop's files and the archive of its events, read: all that a run learns from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from training.budget import DEFAULT, Budget
from training.data import (
    archive_items,
    archive_read,
    catalog,
    customers,
    feedback,
    promotions,
)
from training.data.archive_purchases import covered_until, from_archive, together
from training.data.archive_read import Archived
from training.data.read import PurchaseFile, read_purchases
from training.errors import NothingToLearn
from training.plan import Plan
from training.progress import Shown
from training.settings import TrainerSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """The shop's files, and how to read them."""

    purchases: Path | None = None
    """None where the archive is all there is."""
    archive: str | None = None
    """The archive of events; None where it is not to be read."""
    items: Path | None = None
    customers: Path | None = None
    promotions: Path | None = None
    feedback: Path | None = None
    columns: Mapping[str, str] | None = None
    item_columns: Mapping[str, str] | None = None
    customer_columns: Mapping[str, str] | None = None
    promotion_columns: Mapping[str, str] | None = None
    feedback_columns: Mapping[str, str] | None = None
    until: datetime | None = None
    max_rejected: float = 0.01
    rejects: Path = Path("rejects.csv")
    budget: Budget = field(default_factory=lambda: Budget.of(DEFAULT))
    """For fitting, choosing and ranking; reading, knowing the customers and publishing are not
    counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """What was read."""

    plan: Plan
    purchases: PurchaseFile
    """And what became of the lines."""
    remarks: list[str]
    """Sentences on what may surprise."""


def read(files: Files, settings: TrainerSettings, shown: Shown) -> Read:
    """Read what the shop gives.

    Raises:
        UnreadableFile: A file cannot be used.
        TooManyRejected: Too many lines of the purchases are wrong.
        NothingToLearn: The archive has no purchase, and no file was named.
    """
    archived = _archived(files, shown)
    purchases, remarks = _purchases(files, archived, shown)
    with shown.stop("read the items"):
        items, said = _items(files, purchases.lines, archived)
    items = items.with_columns(
        to_earn=_to_earn(settings.margin_share),
        currency=pl.lit(purchases.currency, dtype=pl.String),
    )
    remarks += said
    listed, said = _listed(files, purchases.lines)
    plan = Plan(
        lines=purchases.lines,
        redeemed=purchases.redeemed,
        items=items,
        seed=settings.seed,
        min_buyers=settings.min_buyers,
        promotions=_promotions(files, shown),
        feedback=_feedback(files, archived, shown),
        listed=listed,
        budget=Budget(seconds=files.budget.seconds),
    )
    return Read(plan=plan, purchases=purchases, remarks=remarks + said)


def _archived(files: Files, shown: Shown) -> Archived | None:
    if files.archive is None:
        return None
    with shown.stop("read the archive"):
        return archive_read.read(files.archive)


def _purchases(
    files: Files, archived: Archived | None, shown: Shown
) -> tuple[PurchaseFile, list[str]]:
    """Read the purchases of the file, of the archive, or of both."""
    file = _of_file(files.purchases, files, shown) if files.purchases is not None else None
    if archived is None:
        assert file is not None
        return file, []
    with shown.stop("read the archive's purchases"):
        events = from_archive(
            archived.purchases,
            rejects=files.rejects.with_stem(f"{files.rejects.stem}-archive"),
            until=files.until,
            max_rejected=files.max_rejected,
        )
        if file is not None and events is not None:
            return together(file, events), _covered(files.purchases, file)
    found = file or events
    if found is None:
        raise NothingToLearn(
            "the archive holds no purchase to learn from; expected at least one; let `cartera "
            "worker` run, check CARTERA_ARCHIVE_URL and --until, or name a file of purchases"
        )
    return found, []


def _covered(path: Path | None, file: PurchaseFile) -> list[str]:
    ends = covered_until(file)
    if ends is None or path is None:
        return []
    return [
        f"{path.name} has no order_id, so nobody can tell which orders of the archive are among "
        f"its own: the archive teaches only what was bought after {ends:%Y-%m-%d %H:%M:%S} UTC"
    ]


def _of_file(path: Path, files: Files, shown: Shown) -> PurchaseFile:
    with shown.stop("read the purchases") as stop:
        return read_purchases(
            path,
            rejects=files.rejects,
            columns=files.columns,
            until=files.until,
            max_rejected=files.max_rejected,
            progress=stop.say,
        )


def _to_earn(share: float | None) -> pl.Expr:
    """Return what an item will earn; where its file does not say, the shop's share of the price."""
    return pl.col("margin") if share is None else pl.coalesce("margin", share * pl.col("price"))


def _promotions(files: Files, shown: Shown) -> pl.DataFrame | None:
    if files.promotions is None:
        return None
    with shown.stop("read the promotions"):
        return promotions.read_promotions(files.promotions, columns=files.promotion_columns)


def _feedback(files: Files, archived: Archived | None, shown: Shown) -> pl.DataFrame | None:
    said = [archived.feedback] if archived is not None and not archived.feedback.is_empty() else []
    if files.feedback is not None:
        with shown.stop("read the feedback"):
            said.append(feedback.read_feedback(files.feedback, columns=files.feedback_columns))
    return pl.concat(said) if said else None


def _items(
    files: Files, lines: pl.DataFrame, archived: Archived | None
) -> tuple[pl.DataFrame, list[str]]:
    described = None if archived is None else archived.described
    if files.items is None:
        items = catalog.items_from_purchases(lines)
        return items if described is None else archive_items.described(items, described), []
    listed = catalog.read_items(files.items, columns=files.item_columns)
    if described is not None:
        written = datetime.fromtimestamp(files.items.stat().st_mtime, UTC)
        listed = archive_items.entered(listed, lines, described, since=written)
    items, n_added = catalog.complete(listed, lines)
    if not n_added:
        return items, []
    return items, [
        f"{n_added:,} items were bought but are not in {files.items.name}; they teach what "
        "customers like, and are never shown"
    ]


def _listed(files: Files, lines: pl.DataFrame) -> tuple[pl.Series | None, list[str]]:
    if files.customers is None:
        return None, []
    listed = customers.read_customers(files.customers, columns=files.customer_columns)
    ids = listed["customer_id"]
    bought = lines.filter(pl.col("quantity") > 0)["customer_id"].drop_nulls().unique()
    n_known = int(ids.is_in(bought.implode()).sum())
    return ids, [
        f"{files.customers.name} lists {ids.len():,} customers: {n_known:,} have bought and get "
        f"lists of their own, {ids.len() - n_known:,} have not and get what sells"
    ]

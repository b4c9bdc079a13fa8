"""Small purchase files, written line by line, and what became of their lines."""

from pathlib import Path

import polars as pl

from training.data.read import PurchaseFile, read_purchases

HEADER = "customer_id,item_id,timestamp,quantity,price"
GOOD = "ann,milk,2024-01-31T18:30:00Z,2,1.50"


def csv_file(folder: Path, *lines: str, header: str = HEADER) -> Path:
    path = folder / "purchases.csv"
    path.write_bytes("\n".join([header, *lines, ""]).encode())
    return path


def read(path: Path, *, max_rejected: float = 1.0, **options: object) -> PurchaseFile:
    rejects = path.parent / "rejects.csv"
    return read_purchases(path, rejects=rejects, max_rejected=max_rejected, **options)  # type: ignore[arg-type]


def rejects_of(path: Path) -> list[tuple[int, str, str]]:
    rejects = path.parent / "rejects.csv"
    if not rejects.exists():
        return []
    return [(line, column, reason) for line, column, reason in pl.read_csv(rejects).iter_rows()]


def purchase(**changed: str) -> str:
    fields = dict(zip(HEADER.split(","), GOOD.split(","), strict=True)) | changed
    return ",".join(fields.values())

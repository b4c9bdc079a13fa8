"""Rows as Parquet, a group for each block: the only place of the server that needs pyarrow.

The server does without it, so it is an extra (``pip install 'cartera[parquet]'``), and this module
is imported by the export that asks for Parquet and by nothing else. What a reader of such a file
needs first stands at its end: a file that breaks off cannot be taken for a whole one.
"""

from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from app.export.rows import Row

pa.array([""])  # the first one takes a third of a second, for which no list is to wait


class _Sink:
    """A file of which only what was not taken yet is kept."""

    def __init__(self) -> None:
        self.closed = False
        self._parts: list[bytes] = []
        self._n_written = 0

    def write(self, part: Any) -> int:  # noqa: ANN401  # whatever holds bytes
        """Keep a part until it is taken."""
        self._parts.append(bytes(part))
        self._n_written += len(self._parts[-1])
        return len(self._parts[-1])

    def tell(self) -> int:
        """Return how much was written in all."""
        return self._n_written

    def flush(self) -> None:
        """Do nothing; there is no disk."""

    def close(self) -> None:
        """Take no more."""
        self.closed = True

    def taken(self) -> bytes:
        """Return what was written since the last call."""
        found, self._parts = b"".join(self._parts), []
        return found


class Parquet:
    """One file of Parquet; see ``app.export.written.Writer``."""

    def __init__(self, columns: tuple[str, str], *, is_scored: bool) -> None:
        """Prepare.

        Args:
            columns: Their names.
            is_scored: Whether the second holds numbers, and not text.
        """
        self._sink = _Sink()
        second = pa.float32() if is_scored else pa.string()
        self._schema = pa.schema([(columns[0], pa.string()), (columns[1], second)])
        self._writer = pq.ParquetWriter(self._sink, self._schema, compression="zstd")

    def begin(self) -> bytes:
        """Return the first bytes of the file."""
        return self._sink.taken()

    def rows(self, rows: Sequence[Row]) -> bytes:
        """Return some rows, as a group: kept back, they might go out after somebody refused."""
        if rows:
            columns = [
                pa.array([row[n] for row in rows], self._schema.field(n).type) for n in (0, 1)
            ]
            self._writer.write_table(pa.Table.from_arrays(columns, schema=self._schema))
        return self._sink.taken()

    def end(self) -> bytes:
        """Return what readers look for first."""
        self._writer.close()
        return self._sink.taken()

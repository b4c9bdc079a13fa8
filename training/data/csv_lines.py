"""Lines of a CSV file become rows; a broken line is set aside, and never harms its neighbours.

A CSV reader that meets one odd line gives up, or lets the line's fields slip into the wrong
columns. So each block of the file is cut into lines first. A line that has exactly the header's
number of well-formed fields, which one regular expression says for all lines at once, goes to
polars. The few others are looked at one by one: an inch mark in an unquoted field and a quoted
field that runs over several lines are understood, whatever else is a rejected line with its number.

Source: RFC 4180 for what is well-formed. Separators are comma, semicolon, tab or bar, whichever the
header has most of.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import polars as pl

from training.data.batch import LINE, REJECTS, Batch

BLOCK_BYTES = 16 << 20
"""How much of a file is read at a time."""
LONGEST_RECORD = 100
"""A quoted field that is still open after this many lines was never meant to be one."""

_LONGEST_LINE_BYTES = 64 << 20
_SEPARATORS = ",;\t|"


class LineTooLongError(Exception):
    """No line of a shop's file is that long; this is another kind of file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """What the header tells about all lines that follow."""

    header: tuple[str, ...]
    separator: str
    header_lines: int
    """Lines before the first row, the header and blank ones above it included."""

    def are_rows(self, lines: pl.Series) -> pl.Series:
        """Say of each line whether it is well-formed and has as many fields as the header."""
        mark = {"\t": r"\t", "|": r"\|"}.get(self.separator, self.separator)
        quoted = '"(?:[^"]|"")*"'
        one = f'(?:[^"{mark}]*|{quoted})'
        n_marks = lines.str.replace_all(quoted, "").str.count_matches(self.separator, literal=True)
        is_well_formed = lines.str.contains(f"^{one}(?:{mark}{one})*$")
        return is_well_formed & (n_marks == len(self.header) - 1) & (lines != "")


@dataclass(slots=True)
class _Odd:
    """What became of the lines that were looked at one by one."""

    mended: dict[int, list[str]] = field(default_factory=dict)
    broken: dict[int, str] = field(default_factory=dict)
    inside: set[int] = field(default_factory=set)
    """Lines that are part of a record which began above them."""
    unfinished: int | None = None
    """The line whose record goes on in the next block."""


def layout_of(head: bytes) -> Layout:
    """Read the header from the beginning of a file.

    Raises:
        ValueError: There is no line with a name on it.
    """
    lines = head.decode("utf-8-sig", errors="replace").replace("\r\n", "\n").split("\n")
    n_blank = next((n for n, line in enumerate(lines) if line.strip()), None)
    if n_blank is None:
        raise ValueError("only blank lines")
    separator = max(_SEPARATORS, key=lines[n_blank].count)
    rest = (f"{line}\n" for line in lines[n_blank:])
    reader = csv.reader(rest, delimiter=separator, strict=True)
    try:
        names = tuple(name.strip() for name in next(reader))
    except csv.Error as error:
        raise ValueError(str(error)) from error
    if not any(names):
        raise ValueError("only empty names")
    return Layout(header=names, separator=separator, header_lines=n_blank + reader.line_num)


def batches(blocks: Iterable[bytes], layout: Layout, wanted: Mapping[str, str]) -> Iterator[Batch]:
    """Read a whole file, block by block.

    Args:
        blocks: The file's bytes in order, of any sizes.
        layout: From `layout_of`.
        wanted: Our column name -> the header's.

    Yields:
        Text columns under our names, empty text as null, with `line`, the first line of the record
        in the file. Blank lines are passed over. Bytes that are no UTF-8 arrive as U+FFFD.

    Raises:
        LineTooLongError: A line is longer than 64 MiB.
    """
    rest, line = b"", 1
    to_skip = layout.header_lines
    for block, is_last in _with_end(blocks):
        text = rest + block
        cut = len(text) if is_last else text.rfind(b"\n") + 1
        text, rest = text[:cut], text[cut:]
        if len(rest) > _LONGEST_LINE_BYTES:
            raise LineTooLongError(f"line {line} or one soon after is longer than 64 MiB")
        lines = _lines(text)
        skipped = min(to_skip, lines.len())
        to_skip -= skipped
        lines = lines.slice(skipped)
        line += skipped
        batch, n_used = _batch(lines, line, layout, wanted, is_last=is_last)
        if n_used < lines.len():
            rest = _text(lines.slice(n_used)) + b"\n" + rest
        line += n_used
        yield batch


def _with_end(blocks: Iterable[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Each block, and an empty one after the last, so that the end is known when it comes."""
    for block in blocks:
        yield block, False
    yield b"", True


def _lines(text: bytes) -> pl.Series:
    try:
        text.decode()
    except UnicodeDecodeError:
        text = text.decode(errors="replace").encode()
    return pl.read_lines(io.BytesIO(text))["line"]


def _text(lines: pl.Series) -> bytes:
    return str(lines.str.join("\n").item()).encode()


def _batch(
    lines: pl.Series, first: int, layout: Layout, wanted: Mapping[str, str], *, is_last: bool
) -> tuple[Batch, int]:
    """Split lines into rows; returns also how many lines were used up."""
    fine = layout.are_rows(lines)
    suspects = (~fine & (lines != "")).arg_true().to_list()
    odd = _look_at(lines, suspects, layout, is_last=is_last)
    n_used = lines.len() if odd.unfinished is None else odd.unfinished
    at = fine.slice(0, n_used).arg_true()
    inside = pl.Series(sorted(odd.inside), dtype=at.dtype)
    at = at.filter(~at.is_in(inside.implode()))
    rows = pl.concat(
        [
            _split(lines.gather(at), layout, wanted).with_columns(line=at.cast(LINE)),
            _mended(odd.mended, layout, wanted),
        ]
    )
    rejected = pl.DataFrame(
        {"line": list(odd.broken), "column": "", "reason": list(odd.broken.values())},
        schema=REJECTS,
    )
    shift = pl.col("line") + first
    return Batch(rows=rows.with_columns(shift), rejected=rejected.with_columns(shift)), n_used


def _split(lines: pl.Series, layout: Layout, wanted: Mapping[str, str]) -> pl.DataFrame:
    if lines.is_empty():
        return pl.DataFrame(schema=dict.fromkeys(wanted, pl.String))
    names = [str(position) for position in range(len(layout.header))]
    columns = {name: names[layout.header.index(theirs)] for name, theirs in wanted.items()}
    fields = pl.read_csv(
        io.BytesIO(layout.separator.join(names).encode() + b"\n" + _text(lines)),
        separator=layout.separator,
        infer_schema=False,
        columns=sorted(set(columns.values())),
    )
    return fields.select(
        pl.when(pl.col(column) != "").then(pl.col(column)).alias(name)
        for name, column in columns.items()
    )


def _mended(
    records: Mapping[int, list[str]], layout: Layout, wanted: Mapping[str, str]
) -> pl.DataFrame:
    columns = {
        name: [record[layout.header.index(theirs)] or None for record in records.values()]
        for name, theirs in wanted.items()
    }
    schema = dict.fromkeys(columns, pl.String)
    return pl.DataFrame(columns, schema=schema).with_columns(
        line=pl.Series(list(records), dtype=LINE)
    )


def _look_at(lines: pl.Series, suspects: list[int], layout: Layout, *, is_last: bool) -> _Odd:
    """Understand the lines that are not well-formed by themselves, one by one, in their order."""
    odd = _Odd()
    for start in suspects:
        if start in odd.inside:
            continue
        end, fields = _record(lines, start, layout.separator)
        if fields is None and end == lines.len() and not is_last:
            odd.unfinished = start
            break
        n_more = len(fields) - len(layout.header) if fields else 0
        if fields is None:
            odd.broken[start] = "quotes that do not match"
        elif n_more:
            odd.broken[start] = "too many fields" if n_more > 0 else "too few fields"
        else:
            odd.mended[start] = fields
            odd.inside.update(range(start + 1, end))
    return odd


def _record(lines: pl.Series, start: int, separator: str) -> tuple[int, list[str] | None]:
    """The fields of the record that starts here, and the line after its last.

    The fields are None where quotes do not match. The line is then the end of `lines` if the record
    may go on beyond it.
    """
    text = ""
    for end in range(start, min(start + LONGEST_RECORD, lines.len())):
        line = str(lines[end])
        text = f"{text}\n{line}" if end > start else line
        if end > start and '"' not in line:
            continue
        try:
            return end + 1, next(csv.reader([text], delimiter=separator, strict=True))
        except csv.Error as error:
            if "end of data" not in str(error):
                return end, None
    return min(start + LONGEST_RECORD, lines.len()), None

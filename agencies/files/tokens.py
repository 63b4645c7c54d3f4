"""CSV files as tables of text with line numbers, in bounded memory.

1. The file is read in chunks of complete lines. A chunk without quotes, blank lines, ragged lines
   or carriage returns of their own goes through Arrow; any other one through Python's strict
   reader, together with as many following chunks as an open quote reaches into. Both give the
   same records.
2. Blank lines are no records. The line of a record is the one it starts on; lines end with a line
   feed, a carriage return or both.
3. A record with more or fewer fields than the header keeps its place: `fields` says how many it
   has, its values are cut or filled up.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.csv

from agencies.files.faults import FileFault

CHUNK_BYTES = 8 * 2**20
LONGEST_RECORD = 16 * 2**20
BATCH_RECORDS = 20_000
BATCH_CHARACTERS = 8 * 2**20
BOM = b"\xef\xbb\xbf"
MARKS = {
    b"PAR1": "is a Parquet file: name it .parquet",
    b"\x1f\x8b": "is compressed with gzip: deliver it unpacked",
    b"PK\x03\x04": "is a zip archive or an Excel workbook: save it as CSV (UTF-8)",
    b"\x28\xb5\x2f\xfd": "is compressed with zstd: deliver it unpacked",
    b"\xd0\xcf\x11\xe0": "is an old Excel workbook: save it as CSV (UTF-8)",
    b"\xff\xfe": "is encoded as UTF-16: save it as UTF-8",
    b"\xfe\xff": "is encoded as UTF-16: save it as UTF-8",
}

# the module's own limit is 131072 characters and for the whole process; ours counts per record
csv.field_size_limit(2 * LONGEST_RECORD)


class CsvFile:
    """An open CSV file: the names of its columns and its records, as often as they are wanted.

    Raises FileFault where the file is not UTF-8 text, has no header, is cut off inside a quoted
    field, or has a line or record longer than 16 MiB.
    """

    def __init__(self, path: Path, *, chunk_bytes: int = CHUNK_BYTES) -> None:
        self.path = path
        self.chunk_bytes = chunk_bytes
        self.columns = self._read_header()

    @property
    def schema(self) -> pa.Schema:
        """The columns of `tables`."""
        texts = [(name, pa.string()) for name in self.columns]
        return pa.schema([*texts, ("line", pa.int64()), ("fields", pa.int32())])

    def tables(self, advance: Callable[[int], None] | None = None) -> Iterator[pa.Table]:
        """The records as tables of the columns (text), `line` (int64) and `fields` (int32).

        `fields` is null unless the record is ragged; `advance` gets the bytes read so far.
        """
        with self.path.open("rb") as file:
            chunks = _chunks(file, self.chunk_bytes)
            for number, chunk in self._after_header(chunks):
                table = _parse_plain(number, chunk, self.columns)
                if table is not None:
                    yield table
                else:
                    yield from self._parse_strictly(number, chunk, chunks)
                if advance:
                    advance(file.tell())

    def _read_header(self) -> tuple[str, ...]:
        with self.path.open("rb") as file:
            start = file.read(4)
            for mark, sentence in MARKS.items():
                if start.startswith(mark):
                    raise FileFault(f"The file {sentence}.")
            file.seek(0)
            chunks = _chunks(file, self.chunk_bytes)
            _, header = _header(chunks)
        if header is None:
            raise FileFault("The file is empty: its first line must name the columns.")
        return tuple(header)

    def _after_header(self, chunks: Iterator[tuple[int, bytes]]) -> Iterator[tuple[int, bytes]]:
        """The chunks without the header's lines; `chunks` itself goes on behind each."""
        lines, _ = _header(chunks)
        rest = lines.rest().encode()
        if rest:
            yield lines.number, rest
        yield from chunks

    def _parse_strictly(
        self, number: int, chunk: bytes, chunks: Iterator[tuple[int, bytes]]
    ) -> Iterator[pa.Table]:
        lines = _Lines(number, chunk, chunks)
        batch = _Batch(self.columns)
        for start, record in _records(lines):
            batch.add(start, record)
            if batch.full:
                yield batch.take()
        yield batch.take()


def _chunks(file: BinaryIO, size: int) -> Iterator[tuple[int, bytes]]:
    """Complete lines of the file, checked to be UTF-8 text, with the number of the first."""
    number, rest, first = 1, b"", True
    while True:
        block = file.read(size)
        data = rest + block
        if first:
            data, first = data.removeprefix(BOM), False
        cut = data.rfind(b"\n") + 1 if block else len(data)
        chunk, rest = data[:cut], data[cut:]
        if chunk:
            if len(chunk) > LONGEST_RECORD:
                _check_lengths(number, chunk)
            _check_text(number, chunk)
            yield number, chunk
            number += _line_ends(chunk)
        if len(rest) > LONGEST_RECORD:
            raise _too_long(number, "line")
        if not block:
            return


def _line_ends(data: bytes) -> int:
    feeds, returns = data.count(b"\n"), data.count(b"\r")
    return feeds + returns - (data.count(b"\r\n") if returns else 0)


def _check_lengths(number: int, chunk: bytes) -> None:
    start = 0
    while start < len(chunk):
        end = chunk.find(b"\n", start) + 1 or len(chunk)
        if end - start > LONGEST_RECORD:
            raise _too_long(number + _line_ends(chunk[:start]), "line")
        start = end


def _check_text(number: int, chunk: bytes) -> None:
    nul = chunk.find(b"\0")
    if nul >= 0:
        line = number + _line_ends(chunk[:nul])
        raise FileFault(f"Line {line} holds a NUL byte: the file is not text. Save it as UTF-8.")
    if chunk.isascii():
        return
    try:
        chunk.decode()
    except UnicodeDecodeError as error:
        line = number + _line_ends(chunk[: error.start])
        column = error.start - max(chunk.rfind(end, 0, error.start) for end in (b"\n", b"\r"))
        hint = "it looks like GBK, so save it" if _is_gbk(chunk) else "save it"
        raise FileFault(
            f"Line {line} is not UTF-8: byte {column} of the line is 0x{chunk[error.start]:02X};"
            f" {hint} as UTF-8."
        ) from None


def _is_gbk(chunk: bytes) -> bool:
    try:
        chunk.decode("gb18030")
    except UnicodeDecodeError:
        return False
    return True


def _too_long(number: int, what: str) -> FileFault:
    return FileFault(
        f"The {what} that starts on line {number} is longer than 16 MiB: is a line end or a"
        " closing quote missing?"
    )


def _header(chunks: Iterator[tuple[int, bytes]]) -> tuple[_Lines, list[str] | None]:
    """The first record and the lines behind it, still unread."""
    number, chunk = next(chunks, (1, b""))
    lines = _Lines(number, chunk, chunks)
    return lines, next((record for _, record in _records(lines)), None)


class _Lines:
    """Lines of text out of chunks, for Python's reader.

    `at_hand` tells whether a chunk already read has another line: only inside a record may the
    reader go on into the next chunk.
    """

    def __init__(self, number: int, chunk: bytes, chunks: Iterator[tuple[int, bytes]]) -> None:
        self.number = number
        self._chunks = chunks
        self._record: list[str] = []
        self._length = 0
        self._open(chunk)

    def _open(self, chunk: bytes) -> None:
        self._text = io.StringIO(chunk.decode(), newline="")
        self._next = self._text.readline()

    @property
    def at_hand(self) -> bool:
        return bool(self._next)

    def rest(self) -> str:
        """What is left of the chunk."""
        return self._next + self._text.read()

    def begin(self) -> int:
        """Start a record: the number of its line."""
        self._record, self._length = [], 0
        return self.number

    def opened_on(self) -> int:
        """The line of the record on which the quote was opened that nobody closed."""
        text = "".join(self._record)
        opened, closed, inside = 0, -2, False
        for match in re.finditer('"', text):
            at = match.start()
            if inside:
                inside, closed = False, at
            elif closed == at - 1:  # a doubled quote: the field goes on
                inside = True
            elif at == 0 or text[at - 1] in ",\r\n":
                inside, opened = True, at
        return self.number - len(self._record) + _line_ends(text[:opened].encode())

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        if not self._next:
            _, chunk = next(self._chunks)
            self._open(chunk)
        line, self._next = self._next, self._text.readline()
        self._record.append(line)
        self._length += len(line)
        if self._length > LONGEST_RECORD:
            raise _too_long(self.number - len(self._record) + 1, "record")
        self.number += 1
        return line


def _records(lines: _Lines) -> Iterator[tuple[int, list[str]]]:
    """Records of the chunk at hand with the lines they start on, blank lines left out."""
    reader = csv.reader(lines, strict=True)
    while lines.at_hand:
        start = lines.begin()
        try:
            record = next(reader)
        except csv.Error as error:
            raise _not_csv(lines, str(error)) from None
        if record:
            yield start, record


def _not_csv(lines: _Lines, message: str) -> FileFault:
    if "unexpected end of data" in message:
        return FileFault(
            f"The file is cut off: the quote opened on line {lines.opened_on()} is never closed."
        )
    return FileFault(
        f"Line {lines.number - 1} has text behind a closing quote: double the quotes inside a"
        " quoted field."
    )


class _Batch:
    """Records on their way into a table, up to a number of records or characters."""

    def __init__(self, columns: tuple[str, ...]) -> None:
        self._columns = columns
        self._clear()

    def _clear(self) -> None:
        self._records: list[list[str]] = []
        self._lines: list[int] = []
        self._fields: list[int | None] = []
        self._length = 0

    @property
    def full(self) -> bool:
        return len(self._records) >= BATCH_RECORDS or self._length >= BATCH_CHARACTERS

    def add(self, line: int, record: list[str]) -> None:
        wanted, found = len(self._columns), len(record)
        self._fields.append(None if found == wanted else found)
        if found != wanted:
            record = record[:wanted] + [""] * (wanted - found)
        self._records.append(record)
        self._lines.append(line)
        self._length += sum(map(len, record))

    def take(self) -> pa.Table:
        values = list(zip(*self._records, strict=True)) or [()] * len(self._columns)
        texts = [pa.array(value, pa.string()) for value in values]
        lines = pa.array(self._lines, pa.int64())
        table = _table(self._columns, texts, lines, pa.array(self._fields, pa.int32()))
        self._clear()
        return table


def _parse_plain(number: int, chunk: bytes, columns: tuple[str, ...]) -> pa.Table | None:
    """The chunk through Arrow, or None where only the strict reader tells the records."""
    if b'"' in chunk or _has_blank_line(chunk):
        return None
    if b"\r" in chunk and chunk.count(b"\r") != chunk.count(b"\r\n"):
        return None
    names = [str(position) for position in range(len(columns))]
    try:
        table = pyarrow.csv.read_csv(
            pa.BufferReader(chunk),
            pyarrow.csv.ReadOptions(column_names=names, block_size=2**20, use_threads=False),
            pyarrow.csv.ParseOptions(quote_char=False, escape_char=False, ignore_empty_lines=False),
            pyarrow.csv.ConvertOptions(
                check_utf8=False,
                column_types=dict.fromkeys(names, pa.string()),
                strings_can_be_null=False,
            ),
        )
    except pa.ArrowInvalid:  # a ragged line, or one longer than a block
        return None
    lines = pa.array(np.arange(number, number + len(table), dtype=np.int64))
    return _table(columns, table.columns, lines, pa.nulls(len(table), pa.int32()))


def _has_blank_line(chunk: bytes) -> bool:
    return chunk.startswith((b"\n", b"\r\n")) or b"\n\n" in chunk or b"\n\r\n" in chunk


def _table(columns: tuple[str, ...], texts: list, lines: pa.Array, fields: pa.Array) -> pa.Table:
    return pa.table([*texts, lines, fields], [*columns, "line", "fields"])

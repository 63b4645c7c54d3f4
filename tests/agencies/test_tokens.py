"""The tokeniser: both of its paths tell the same records, and a bad file is named by its line."""

from __future__ import annotations

import csv
import io
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agencies.files import tokens
from agencies.files.faults import FileFault
from agencies.files.tokens import CsvFile

Record = tuple[int, int | None, list[str]]


def records(content: bytes, *, chunk_bytes: int = tokens.CHUNK_BYTES) -> list[Record]:
    """Line, number of fields where ragged, and values of each record."""
    with tempfile.NamedTemporaryFile(suffix=".csv") as file:
        file.write(content)
        file.flush()
        opened = CsvFile(Path(file.name), chunk_bytes=chunk_bytes)
        return [
            (row["line"], row["fields"], [row[name] for name in opened.columns])
            for table in opened.tables()
            for row in table.to_pylist()
        ]


def fault(content: bytes, **options: int) -> str:
    with pytest.raises(FileFault) as caught:
        records(content, **options)
    return str(caught.value)


def slow_records(content: bytes) -> list[Record]:
    """The same by Python's reader alone, line by line."""
    text = io.StringIO(content.decode("utf-8-sig"), newline="")
    reader = csv.reader(text, strict=True)
    header = next(row for row in reader if row)
    found: list[Record] = []
    before = reader.line_num
    for row in reader:
        start, before = before + 1, reader.line_num
        if row:
            ragged = None if len(row) == len(header) else len(row)
            filled = (row + [""] * len(header))[: len(header)]
            found.append((start, ragged, filled))
    return found


field = st.text(st.sampled_from('a中"é, \r\n7'), max_size=4)
plain_field = st.text(st.sampled_from("a中é 7;'"), max_size=4)
line_end = st.sampled_from(["\n", "\r\n"])


@st.composite
def files(draw: st.DrawFn) -> bytes:
    """Files of plain, quoted, ragged and blank lines with any line ends."""
    out = ["a,b,c\n"]
    for _ in range(draw(st.integers(0, 12))):
        kind = draw(st.sampled_from(["plain", "plain", "plain", "quoted", "ragged", "blank"]))
        if kind == "plain":
            row = ",".join(draw(st.lists(plain_field, min_size=3, max_size=3)))
        elif kind == "quoted":
            values = draw(st.lists(field, min_size=3, max_size=3))
            row = ",".join('"' + value.replace('"', '""') + '"' for value in values)
        elif kind == "ragged":
            row = ",".join(draw(st.lists(plain_field, min_size=1, max_size=5)))
        else:
            row = ""
        out.append(row + draw(st.sampled_from(["\n", "\n", "\r\n", "\r"])))
    text = "".join(out)
    return draw(st.sampled_from([b"", tokens.BOM])) + text.encode()


@settings(max_examples=80)
@given(files(), st.integers(8, 200))
def test_every_chunk_size_gives_the_records_of_pythons_reader(content: bytes, size: int) -> None:
    assert records(content, chunk_bytes=size) == slow_records(content)


@settings(max_examples=50)
@given(st.lists(st.lists(plain_field, min_size=3, max_size=3), max_size=8), line_end)
def test_quoting_every_field_changes_no_record(rows: list[list[str]], end: str) -> None:
    rows = [row for row in rows if any(row)]
    plain = end.join(["a,b,c", *(",".join(row) for row in rows)]).encode()
    quoted = end.join(
        ["a,b,c", *(",".join(f'"{value}"' for value in row) for row in rows)]
    ).encode()
    assert records(plain) == records(quoted)


def test_line_numbers_count_blank_lines_and_lines_inside_quotes() -> None:
    content = b'a,b\n1,2\n\n"x\ny",3\r\n\r\n4,5\n'
    assert records(content) == [
        (2, None, ["1", "2"]),
        (4, None, ["x\ny", "3"]),
        (7, None, ["4", "5"]),
    ]


def test_header_behind_blank_lines_and_a_bom_is_found() -> None:
    assert records(b"\xef\xbb\xbf\n\na,b\n1,2") == [(4, None, ["1", "2"])]


def test_last_line_needs_no_line_end() -> None:
    assert records(b"a,b\n1,2\n3,4") == [(2, None, ["1", "2"]), (3, None, ["3", "4"])]


def test_ragged_records_keep_their_place_and_say_their_fields() -> None:
    assert records(b"a,b\n1\n1,2,3\n1,2\n") == [
        (2, 1, ["1", ""]),
        (3, 3, ["1", "2"]),
        (4, None, ["1", "2"]),
    ]


def test_header_alone_has_no_records() -> None:
    assert records(b"a,b\n") == []


def test_values_that_other_readers_take_for_nothing_stay_text() -> None:
    content = b"a,b\nNA,null\nNULL,nan\n#N/A, x \n"
    values = [values for _, _, values in records(content)]
    assert values == [["NA", "null"], ["NULL", "nan"], ["#N/A", " x "]]


@pytest.mark.parametrize("content", [b"", b"\xef\xbb\xbf", b"\n\n"])
def test_empty_file_is_a_fault(content: bytes) -> None:
    assert fault(content) == "The file is empty: its first line must name the columns."


def test_gbk_file_is_told_to_be_saved_as_utf8() -> None:
    assert fault("a,b\n1,2\n甲,3\n".encode("gbk")) == (
        "Line 3 is not UTF-8: byte 1 of the line is 0xBC; it looks like GBK, so save it as UTF-8."
    )


def test_byte_that_is_no_utf8_is_named_with_its_line() -> None:
    assert fault(b"a,b\n1,2\nx\xff,3\n") == (
        "Line 3 is not UTF-8: byte 2 of the line is 0xFF; save it as UTF-8."
    )


def test_character_cut_off_at_the_end_of_the_file_is_named() -> None:
    assert "Line 2 is not UTF-8: byte 3 of the line" in fault("a,b\n1,中".encode()[:-1])


def test_nul_byte_is_named_with_its_line() -> None:
    assert fault(b"a,b\n1,2\n3,\x004\n") == (
        "Line 3 holds a NUL byte: the file is not text. Save it as UTF-8."
    )


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-be"])
def test_utf16_is_named(codec: str) -> None:
    content = "a,b\n1,2\n".encode(codec)
    if codec == "utf-16-be":
        content = b"\xfe\xff" + content
    assert fault(content) == "The file is encoded as UTF-16: save it as UTF-8."


@pytest.mark.parametrize(
    ("mark", "word"),
    [(b"\x1f\x8b\x08", "gzip"), (b"PK\x03\x04", "Excel"), (b"PAR1", "Parquet")],
)
def test_content_that_is_no_csv_is_named(mark: bytes, word: str) -> None:
    assert word in fault(mark + b"xxxxxxxx")


def test_open_quote_is_named_with_the_line_it_was_opened_on() -> None:
    assert fault(b'a,b\n1,2\n"x\ny","z\n5,6\n') == (
        "The file is cut off: the quote opened on line 4 is never closed."
    )
    assert fault(b'a,b\n1,"x\n""y""\n') == (
        "The file is cut off: the quote opened on line 2 is never closed."
    )


def test_text_behind_a_closing_quote_is_a_fault() -> None:
    assert fault(b'a,b\n1,2\n"x"y,3\n') == (
        "Line 3 has text behind a closing quote: double the quotes inside a quoted field."
    )


def test_line_of_more_than_16_mib_is_a_fault(tmp_path: Path) -> None:
    content = b"a,b\n1,2\n3," + b"x" * (tokens.LONGEST_RECORD + 1)
    assert fault(content).startswith("The line that starts on line 3 is longer than 16 MiB")
    assert fault(content + b"\n1,2\n").startswith("The line that starts on line 3")


def test_quoted_record_of_more_than_16_mib_is_a_fault() -> None:
    content = b'a,b\n1,2\n3,"' + b"x" * 1023 + b"\n"
    content += (b"y" * 1023 + b"\n") * (tokens.LONGEST_RECORD // 1024 + 1)
    assert fault(content).startswith("The record that starts on line 3 is longer than 16 MiB")


def test_field_of_10_mb_is_read() -> None:
    [(line, fields, values)] = records(b"a,b\n1," + b"x" * 10_000_000 + b"\n")
    assert (line, fields, len(values[1])) == (2, None, 10_000_000)

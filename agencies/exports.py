"""A list as a file for spreadsheets."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import cast

from django.http import HttpResponse, StreamingHttpResponse
from django.utils import timezone

from agencies.files.spreadsheet import harmless

# Without it the spreadsheets of most readers take Chinese for another encoding.
BYTE_ORDER_MARK = "\ufeff"


def csv_response(
    filename: str, header: Sequence[str], rows: Iterable[Sequence[object]]
) -> HttpResponse:
    """The rows as a CSV file that is downloaded while they are read (docs/rules.md §8).

    1. UTF-8 with a byte order mark, comma, lines end with CR LF.
    2. Texts open as texts (formulas get an apostrophe), numbers stay numbers, negative ones too.
    3. Days are YYYY-MM-DD, times YYYY-MM-DD HH:MM of the platform; nothing is an empty cell.
    """
    response = StreamingHttpResponse(
        _lines(header, rows), content_type="text/csv; charset=utf-8", headers=_HEADERS
    )
    response["Content-Disposition"] = f'attachment; filename="{filename}"'
    # views promise an HttpResponse, of which the streaming one is no subclass
    return cast("HttpResponse", response)


_HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


def _lines(header: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    yield BYTE_ORDER_MARK + _line(header)
    for row in rows:
        yield _line(row)


def _line(cells: Sequence[object]) -> str:
    sink = io.StringIO(newline="")
    csv.writer(sink).writerow([_cell(cell) for cell in cells])
    return sink.getvalue()


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{timezone.localtime(value):%Y-%m-%d %H:%M}"
    if isinstance(value, date):
        return value.isoformat()
    return harmless(str(value))

"""What every list of the staff does alike."""

from __future__ import annotations

from typing import Any

import django_tables2 as tables
from django.core.paginator import InvalidPage, Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest
from django_tables2 import LazyPaginator

PER_PAGE = 50
# The database reads what it skips; whoever wants more rows narrows the filter or takes the file.
LAST_UNCOUNTED = 1_000


class CountedPaginator(Paginator):
    """Takes the number of rows from who has them already, rather than asking for it."""

    def __init__(self, rows: Any, per_page: int, *, counted: int) -> None:
        super().__init__(rows, per_page)
        self.count = counted


def paged(
    table: tables.Table,
    request: HttpRequest,
    *,
    per_page: int = PER_PAGE,
    counted: int | None = None,
) -> tables.Table:
    """The table at the page that the address asks for; the nearest one where there is none.

    `counted` is the number of its rows, where that is known without asking.
    """
    table.request = request
    if counted is None:
        table.paginate(per_page=per_page)
    else:
        table.paginate(paginator_class=CountedPaginator, per_page=per_page, counted=counted)
    table.page = table.paginator.get_page(request.GET.get(table.prefixed_page_field))
    return table


class UncountedPaginator(LazyPaginator):
    """Looks one row ahead instead of counting, and ends with page `LAST_UNCOUNTED`."""

    def validate_number(self, number: Any) -> int:
        return min(super().validate_number(number), LAST_UNCOUNTED)

    @property
    def num_pages(self) -> int:
        return min(self._get_num_pages(), LAST_UNCOUNTED)


def uncounted(rows: QuerySet[Any], request: HttpRequest) -> Page:
    """The page of a list too long to be counted.

    The last one that is shown for any number beyond; the first where there is no such page.
    """
    paginator = UncountedPaginator(rows, PER_PAGE)
    try:
        return paginator.page(request.GET.get("page", ""))
    except InvalidPage:
        return paginator.page(1)


def wants_file(request: HttpRequest, chosen: Any) -> bool:
    """Whether the list is asked for as a file; never while an entry of its filter is wrong."""
    return request.GET.get("export") == "csv" and chosen.is_valid()

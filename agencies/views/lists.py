"""What every list of the staff does alike."""

from __future__ import annotations

from typing import Any

import django_tables2 as tables
from django.core.paginator import InvalidPage, Page
from django.db.models import QuerySet
from django.http import HttpRequest
from django_tables2 import LazyPaginator

PER_PAGE = 50
# of a page: a longer one is no place in any table
LONGEST_NUMBER = 9


def paged(table: tables.Table, request: HttpRequest) -> tables.Table:
    """The table at the page that the address asks for; the nearest one where there is none."""
    table.request = request
    table.paginate(per_page=PER_PAGE)
    table.page = table.paginator.get_page(request.GET.get("page"))
    return table


def uncounted(rows: QuerySet[Any], request: HttpRequest) -> Page:
    """The page of a list too long to be counted; the first one where there is no such page."""
    paginator = LazyPaginator(rows, PER_PAGE)
    number = request.GET.get("page", "")
    try:
        return paginator.page(number if len(number) <= LONGEST_NUMBER else 1)
    except InvalidPage:
        return paginator.page(1)


def wants_file(request: HttpRequest, chosen: Any) -> bool:
    """Whether the list is asked for as a file; never while an entry of its filter is wrong."""
    return request.GET.get("export") == "csv" and chosen.is_valid()

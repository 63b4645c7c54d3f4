"""Lists too long to be counted: which page is shown."""

from __future__ import annotations

from typing import Any, cast

import pytest
from django.test import RequestFactory

from agencies.views.lists import LAST_UNCOUNTED, PER_PAGE, uncounted

LAST = LAST_UNCOUNTED * PER_PAGE
ENDLESS = cast("Any", range(10 * LAST))


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        ("", 1),
        ("2", 2),
        ("999", 999),
        ("1000", 1000),
        ("1001", 1000),
        ("9" * 30, 1000),
        ("9" * 5000, 1),
        ("0", 1),
        ("-1", 1),
        ("²", 1),
        ("1.5", 1),
        ("\x00", 1),
    ],
)
def test_the_page_asked_for_or_the_last_one_that_is_shown(asked: str, shown: int) -> None:
    page = uncounted(ENDLESS, RequestFactory().get("/", {"page": asked}))
    assert page.number == shown
    assert list(page) == list(ENDLESS[(shown - 1) * PER_PAGE : shown * PER_PAGE])


def test_nothing_leads_beyond_the_last_page() -> None:
    before, last = (
        uncounted(ENDLESS, RequestFactory().get("/", {"page": number})) for number in (999, 1000)
    )
    assert (before.has_next(), before.next_page_number()) == (True, 1000)
    assert (last.has_next(), last.has_other_pages()) == (False, True)


def test_a_page_beyond_the_rows_is_the_first() -> None:
    page = uncounted(cast("Any", range(60)), RequestFactory().get("/", {"page": "3"}))
    assert (page.number, page.has_next()) == (1, True)

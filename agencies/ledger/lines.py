"""Reading ledgers: as lines for the rules, and as a statement for people."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import TYPE_CHECKING, TypedDict

from django.db.models import F, QuerySet, Sum, Window

from agencies.credit_rules import Line
from agencies.models import CreditEntry

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations


class Running(TypedDict):
    """What a statement adds to an entry."""

    balance: int


def lines_by_agency(agency_ids: Iterable[int]) -> dict[int, list[Line]]:
    """The ledgers of agencies, by agency id, each by number. One query."""
    found: dict[int, list[Line]] = defaultdict(list)
    stored = CreditEntry.objects.filter(agency_id__in=set(agency_ids)).order_by(
        "agency_id", "number"
    )
    for agency_id, number, kind, points, day, reverses, adjusts, asked in stored.values_list(
        "agency_id",
        "number",
        "kind",
        "points",
        "effective_on",
        "reverses__number",
        "adjusts__number",
        "asked",
    ):
        found[agency_id].append(Line(number, kind, points, day, reverses, adjusts, asked))
    return found


def lines_of(agency_id: int) -> list[Line]:
    """The ledger of one agency, by number."""
    return lines_by_agency([agency_id])[agency_id]


def running(agency_id: int) -> QuerySet[WithAnnotations[CreditEntry, Running]]:
    """The statement of an agency: its lines, the latest day first, each with a `balance`.

    `balance` is the sum of all lines up to this one, by (day, number): on the last line of a day
    it is the balance of that day. A correction stands beside the day that it corrects.
    """
    return (
        CreditEntry.objects.filter(agency_id=agency_id)
        .annotate(
            balance=Window(
                Sum("points"),
                partition_by=F("agency_id"),
                order_by=[F("effective_on").asc(), F("number").asc()],
            )
        )
        .select_related("violation", "reverses", "adjusts")
        .order_by("-effective_on", "-number")
    )

"""Who looks after how many agencies, as the desk sees it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from agencies.models import Agency
from portal.enums import ContactKind
from portal.models import ContactAssignment, ContactPerson
from portal.support.contacts import entitled_levels


@dataclass(frozen=True)
class Coverage:
    """How far agencies of a kind of contact have one: `waiting` of `entitled` go without.

    `room` is how many more the people of the kind take.
    """

    kind: ContactKind
    levels: tuple[str, ...]
    entitled: int
    waiting: int
    room: int


def people() -> QuerySet[ContactPerson]:
    """Every contact person with how many agencies they have now, as `has`. One query."""
    return (
        ContactPerson.objects.select_related("user")
        .annotate(has=Count("assignments", filter=Q(assignments__until=None)))
        .order_by("kind", "-is_active", "name", "pk")
    )


def coverage(now: datetime) -> tuple[Coverage, ...]:
    """Per kind, how many agencies have the benefit, how many wait, and the room. Five queries."""
    levels = entitled_levels()
    today = timezone.localdate(now)
    staying = Agency.objects.filter(Q(removed_on=None) | Q(removed_on__gt=today))
    at_level = _counted(staying, "level")
    held = ContactAssignment.objects.filter(until=None, agency__in=staying)
    of_kind: dict[str, int] = {}
    for (kind, level), number in _counted(held, "kind", "agency__level").items():
        if level in levels[ContactKind(kind)]:
            of_kind[kind] = of_kind.get(kind, 0) + number
    found = []
    for kind, keys in levels.items():
        entitled = sum(at_level.get((key,), 0) for key in keys)
        waiting = entitled - of_kind.get(kind, 0)
        found.append(Coverage(kind, tuple(keys), entitled, waiting, room_of(takers(kind))))
    return tuple(found)


def _counted(rows: QuerySet[Any], *names: str) -> dict[tuple[str, ...], int]:
    """How many rows there are of each combination of values."""
    counted = rows.order_by().values_list(*names).annotate(number=Count("pk")).order_by(*names)
    return {tuple(values): number for *values, number in counted}


def agencies_of(person: ContactPerson) -> QuerySet[ContactAssignment]:
    """The agencies that a person has now, by code."""
    return (
        ContactAssignment.objects.filter(person=person, until=None)
        .select_related("agency", "by")
        .order_by("agency__code")
    )


def history_of(agency: Agency, kind: ContactKind) -> QuerySet[ContactAssignment]:
    """Who looked after the agency in a kind, the newest first."""
    return (
        ContactAssignment.objects.filter(agency=agency, kind=kind)
        .select_related("person", "by")
        .order_by("-since", "-pk")
    )


def takers(kind: ContactKind) -> QuerySet[ContactPerson]:
    """Those who may be given an agency: of the kind, taking agencies, the fewest first.

    Whoever works for the platform no longer is none of them.
    """
    taking = ContactPerson.objects.filter(
        kind=kind, is_active=True, user__is_active=True, user__is_staff=True
    )
    return (
        taking.select_related("user")
        .annotate(has=Count("assignments", filter=Q(assignments__until=None)))
        .order_by("has", "name", "pk")
    )


def room_of(people: QuerySet[ContactPerson]) -> int:
    """How many more agencies these people take together. One query."""
    has = Count("assignments", filter=Q(assignments__until=None))
    loads = people.order_by("pk").annotate(now_has=has).values_list("most", "now_has")
    return sum(max(most - number, 0) for most, number in loads)

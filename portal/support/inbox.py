"""What lies at the desk: questions in the order of their clocks, and who may answer them."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.contrib.auth.models import Permission
from django.db.models import Case, Count, Exists, IntegerField, OuterRef, Q, QuerySet, When

from portal.enums import ContactKind
from portal.models import ContactAssignment, Question, User
from scoring.models import RulebookVersion
from scoring.months import current_month
from scoring.queries.benefits import has_benefit
from scoring.rulebook import Rulebook

DEDICATED: Final = "dedicated_customer_service"
FIRST, AFTER = 0, 1  # of `priority`


def inbox(rules: Rulebook | None) -> QuerySet[Question]:
    """Questions with agency and assignee, in the order in which they are to be answered.

    1. Agencies whose level, when the clock started, has a dedicated person come first (V4 on, D,
       docs/rules.md §5); then it goes by when an answer is due.
    2. It orders what waits; a list of anything else is better read by number.

    `rules` are those in force, None while there are none.
    """
    first = When(level__in=dedicated_levels(rules), then=FIRST)
    priority = Case(first, default=AFTER, output_field=IntegerField())
    found = Question.objects.select_related("agency", "assignee").annotate(priority=priority)
    return found.order_by("priority", "due_at", "pk")


def rules_in_force(at: datetime) -> Rulebook | None:
    """The rules of the month, None while no rulebook is in force. One query."""
    try:
        return RulebookVersion.objects.for_month(current_month(at)).rulebook
    except RulebookVersion.DoesNotExist:
        return None


def dedicated_levels(rules: Rulebook | None) -> list[str]:
    """The levels that the rules give a person of customer service."""
    benefit = (
        next((each for each in rules.benefits if each.key == DEDICATED), None) if rules else None
    )
    if rules is None or benefit is None:
        return []
    return [level.key for level in rules.levels if has_benefit(rules, benefit, level.key)]


def looked_after_by(found: QuerySet[Question], person: User) -> QuerySet[Question]:
    """Those that are somebody's: assigned to them, or nobody's yet and of an agency that they
    look after as its customer-service contact."""
    own = ContactAssignment.objects.filter(
        agency=OuterRef("agency"), kind=ContactKind.SERVICE, until=None, person__user=person
    )
    return found.filter(Q(assignee=person) | Q(Exists(own), assignee=None))


def answerers() -> QuerySet[User]:
    """The platform's active people who may answer questions, by name."""
    rights = Permission.objects.filter(
        codename="answer_question", content_type__app_label="portal"
    ).order_by("pk")
    may = (
        Q(is_superuser=True)
        | Q(pk__in=User.objects.filter(groups__permissions__in=rights).order_by().values("pk"))
        | Q(pk__in=User.objects.filter(user_permissions__in=rights).order_by().values("pk"))
    )
    return User.objects.filter(may, is_active=True, is_staff=True).order_by("name", "email")


def waiting_figures(person: User, at: datetime) -> dict[str, int]:
    """How many questions wait: `waiting` in all, `overdue` and `unassigned` among them, `mine`.

    One query, over open questions only.
    """
    mine = looked_after_by(Question.objects.waiting(), person).values("pk")
    return Question.objects.waiting().aggregate(
        waiting=Count("pk"),
        overdue=Count("pk", filter=Q(due_at__lt=at)),
        unassigned=Count("pk", filter=Q(assignee=None)),
        mine=Count("pk", filter=Q(pk__in=mine)),
    )

"""Finding an agency at the desk, and what is known of it at a glance."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, TypedDict

from django.db.models import Case, Count, F, IntegerField, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.functions import Coalesce
from django.utils import timezone

from agencies.credit_rules import Ban
from agencies.models import Agency, Binding, Membership, Violation
from agencies.queries.credit import credit_page
from agencies.queries.desk import CLOSED, violations_due_first
from portal.enums import QuestionState
from portal.models import Question, StaffLook
from portal.support.contacts import Contact, contacts_of
from portal.support.looks import newest_looks
from scoring.queries import Standing, standing_of

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

# How many questions, cases and looks the page of one agency shows.
SHOWN: Final = 5
EXACT, BEGINS, CONTAINS = range(3)


class Counted(TypedDict):
    """How many belong to an agency: people who sign in for it, and creators bound today."""

    people: int
    bound: int


@dataclass(frozen=True)
class Glance:
    """What the desk sees of an agency at once.

    `standing` is None before its first result. `ban` forbids new bindings today. The lists hold
    the first few: questions that wait for an answer by when it is due, then answered ones; cases
    that are not over by what is due; the newest looks.
    """

    agency: Agency
    standing: Standing | None
    balance: int
    ban: Ban | None
    contacts: tuple[Contact, ...]
    questions: list[Question]
    cases: list[Violation]
    looks: list[StaffLook]


def agencies_like(found: QuerySet[Agency], words: str) -> QuerySet[Agency]:
    """Those whose code or name has the words in it, whatever the case.

    First the one that has them for its code, then codes and names that begin with them, then the
    others; each part by code.
    """
    fits = Q(code__icontains=words) | Q(name__icontains=words)
    begins = Q(code__istartswith=words) | Q(name__istartswith=words)
    return found.filter(fits).order_by(
        Case(
            When(code__iexact=words, then=EXACT),
            When(begins, then=BEGINS),
            default=CONTAINS,
            output_field=IntegerField(),
        ),
        "code",
    )


def counted_agencies(*, at: datetime) -> QuerySet[WithAnnotations[Agency, Counted]]:
    """Agencies with how many people and bound creators they have, in the query itself."""
    bindings = Binding.objects.filter(bound_from__lte=timezone.localdate(at)).filter(
        Q(bound_until=None) | Q(bound_until__gt=timezone.localdate(at))
    )
    return Agency.objects.annotate(
        people=_number_of(Membership.objects.all()), bound=_number_of(bindings)
    )


def _number_of(rows: QuerySet[Membership] | QuerySet[Binding]) -> Coalesce:
    of_agency = rows.filter(agency=OuterRef("pk")).order_by().values("agency")
    number = Subquery(of_agency.annotate(number=Count("pk")).values("number"))
    return Coalesce(number, 0, output_field=IntegerField())


def at_a_glance(agency: Agency, *, at: datetime) -> Glance:
    """What the desk sees of an agency: its newest published result, and the rest as of now.

    Seven queries, however much there is.
    """
    today = timezone.localdate(at)
    credit = credit_page(agency, today=today)
    open_ones = Question.objects.filter(
        agency=agency, state__in=[QuestionState.OPEN, QuestionState.ANSWERED]
    ).order_by(F("due_at").asc(nulls_last=True), "-pk")
    cases: Any = violations_due_first(today=today)
    return Glance(
        agency=agency,
        standing=standing_of(agency),
        balance=credit.balance,
        ban=credit.ban,
        contacts=contacts_of(agency),
        questions=list(open_ones[:SHOWN]),
        cases=list(cases.filter(agency=agency, urgency__lt=CLOSED)[:SHOWN]),
        looks=newest_looks(agency, SHOWN),
    )

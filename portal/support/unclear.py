"""Questions that keep coming back, by the clause that they are about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from django.db.models import Count, F, Q, Sum, Window
from django.db.models.functions import RowNumber
from django.utils import timezone

from agencies.models import Agency
from portal.enums import QuestionVerb
from portal.models import HelpArticle, Question, QuestionStep
from portal.support.clauses import clause_titles
from portal.support.figures import asked_between, begins
from portal.support.thread import BY_AGENCY

DAYS: Final = 90
MOST: Final = 30
EXAMPLES: Final = 3


@dataclass(frozen=True)
class Unclear:
    """A clause and the questions about it in the last 90 days.

    `before` were asked in the 90 days before those; `per_hundred` is questions for each 100
    agencies of the platform; `reopened` the share that came back after an answer; `rating` the
    mean from 1 to 5, None without one. `known` says whether the rules in force have the clause.
    """

    clause: str
    title: str
    known: bool
    asked: int
    agencies: int
    before: int
    per_hundred: Decimal | None
    reopened: Decimal
    rating: Decimal | None
    public: int
    examples: tuple[Question, ...]

    @property
    def change(self) -> int:
        """How many more, or fewer, than in the days before."""
        return self.asked - self.before


@dataclass(frozen=True)
class UnclearRules:
    """The clauses with the most questions from `first` to `last`, the most asked first.

    `agencies` are those on the platform; `without_clause` questions were not sorted yet.
    """

    first: date
    last: date
    agencies: int
    without_clause: int
    clauses: tuple[Unclear, ...]


def unclear_rules(*, now: datetime) -> UnclearRules:
    """Which clauses agencies ask about again and again (D). Six queries.

    1. Questions of the last 90 days, today included; merged ones count once.
    2. At most 30 clauses, each with its three newest questions.
    """
    today = timezone.localdate(now)
    first = today - timedelta(days=DAYS - 1)
    agencies = Agency.objects.filter(Q(removed_on=None) | Q(removed_on__gt=today)).count()
    rows = _rows(first, today)
    titles = clause_titles(now)
    chosen = [row for row in rows if row["clause"] and row["asked"]][:MOST]
    keys = [row["clause"] for row in chosen]
    examples = _examples(keys, first, today)
    public, reopened = _public(keys), _reopened(first, today)
    return UnclearRules(
        first=first,
        last=today,
        agencies=agencies,
        without_clause=sum(row["asked"] for row in rows if not row["clause"]),
        clauses=tuple(
            Unclear(
                clause=row["clause"],
                title=titles.get(row["clause"], row["clause"]),
                known=row["clause"] in titles,
                asked=row["asked"],
                agencies=row["agencies"],
                before=row["before"],
                per_hundred=Decimal(100 * row["asked"]) / agencies if agencies else None,
                reopened=Decimal(reopened.get(row["clause"], 0)) / row["asked"],
                rating=Decimal(row["stars"]) / row["rated"] if row["rated"] else None,
                public=public.get(row["clause"], 0),
                examples=tuple(examples.get(row["clause"], ())),
            )
            for row in chosen
        ),
    )


def _rows(first: date, today: date) -> list[dict[str, Any]]:
    """Each clause with its figures, the most asked first; "" for questions without one."""
    within = Q(asked_at__gte=begins(first))
    found: Any = (
        asked_between(first - timedelta(days=DAYS), today)
        .order_by()
        .values("clause")
        .annotate(
            asked=Count("pk", filter=within),
            agencies=Count("agency", filter=within, distinct=True),
            before=Count("pk", filter=~within),
            rated=Count("rating", filter=within),
            stars=Sum("rating", filter=within),
        )
        .order_by("-asked", "clause")
    )
    return list(found)


def _reopened(first: date, today: date) -> dict[str, int]:
    """How many questions of each clause the agency reopened.

    Merging into an answered question reopens it too, which says nothing of the answer.
    """
    steps = QuestionStep.objects.filter(
        verb=QuestionVerb.REOPENED, about__by=BY_AGENCY, question__in=asked_between(first, today)
    )
    counted = steps.order_by().values_list("question__clause")
    return dict(counted.annotate(number=Count("question", distinct=True)).order_by("number"))


def _examples(keys: list[str], first: date, today: date) -> dict[str, list[Question]]:
    newest = Window(RowNumber(), partition_by=F("clause"), order_by=F("pk").desc())
    found: dict[str, list[Question]] = {}
    for question in (
        asked_between(first, today)
        .filter(clause__in=keys)
        .annotate(place=newest)
        .filter(place__lte=EXAMPLES)
        .select_related("agency")
        .order_by("-pk")
    ):
        found.setdefault(question.clause, []).append(question)
    return found


def _public(keys: list[str]) -> dict[str, int]:
    """How many public answers each clause has."""
    return dict(
        HelpArticle.objects.filter(is_published=True, clause__in=keys)
        .order_by()
        .values_list("clause")
        .annotate(number=Count("pk"))
        .order_by("clause")
    )

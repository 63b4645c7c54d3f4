"""What lies on the desk of the platform's people, in the order in which it is due."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from django.db.models import (
    Case,
    Count,
    Exists,
    F,
    IntegerField,
    OuterRef,
    Prefetch,
    Q,
    Subquery,
    When,
)

from agencies.enums import EntryKind, Measure, PenaltyState, Subject, ViolationState
from agencies.models import (
    Appeal,
    CaseFile,
    ConductEvent,
    CreditEntry,
    Penalty,
    Violation,
)
from agencies.models.violation import PenaltyQuerySet, ViolationQuerySet

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from portal.models import User

DRAFT, PROPOSED, APPEALED, OPEN, CLOSED = range(5)


def removals_proposed() -> PenaltyQuerySet:
    """Removals that await a second person, the oldest proposal first (docs/rules.md §8)."""
    return (
        Penalty.objects.filter(kind=Measure.REMOVAL, state=PenaltyState.PROPOSED)
        .select_related("agency", "violation", "proposed_by", "violation__drafted_by")
        .order_by("pk")
    )


def violations_due_first(*, today: date) -> ViolationQuerySet:
    """All violations, drafts too, by what is due first (D).

    1. Drafts; then those whose removal awaits a second person; then those under appeal by the day
       the answer is due; then those that may still be appealed, by the last day for it.
    2. The rest by the day of the decision, newest first.

    Annotated: `urgency`, `due_on` (None where nothing is due on a day), `removal_proposed`.
    """
    in_time = Q(state=ViolationState.ISSUED, appeal_until__gte=today)
    proposed = removals_proposed().filter(violation=OuterRef("pk")).order_by()
    return (
        Violation.objects.select_related("agency")
        .annotate(
            removal_proposed=Exists(proposed),
            due_on=Case(
                When(state=ViolationState.APPEALED, then=F("appeal__due_on")),
                When(in_time, then=F("appeal_until")),
            ),
            urgency=Case(
                When(state=ViolationState.DRAFT, then=DRAFT),
                When(removal_proposed=True, then=PROPOSED),
                When(state=ViolationState.APPEALED, then=APPEALED),
                When(in_time, then=OPEN),
                default=CLOSED,
                output_field=IntegerField(),
            ),
        )
        .order_by(
            "urgency",
            F("due_on").asc(nulls_last=True),
            F("decided_on").desc(nulls_first=True),
            "-pk",
        )
    )


def with_points_taken(violations: QuerySet[Violation]) -> QuerySet[Violation, Any]:
    """Annotated `taken`: points of the deduction's line, at most 0; None where there is none."""
    deduction = CreditEntry.objects.filter(violation=OuterRef("pk"), kind=EntryKind.DEDUCTION)
    return violations.annotate(taken=Subquery(deduction.values("points")[:1]))


def involved(user: User) -> QuerySet[Violation, Violation]:
    """Violations that a person had a hand in, which are not theirs to review (S, §8).

    They drafted, changed or issued it, or proposed or confirmed one of its measures; the same as
    `agencies.actions.cases.involved`, asked from the other side.
    """
    measures = Penalty.objects.filter(violation=OuterRef("pk"))
    changed = ConductEvent.objects.filter(
        subject=Subject.VIOLATION, verb="amend", actor=user, subject_id=OuterRef("pk")
    )
    return Violation.objects.filter(
        Q(drafted_by=user)
        | Q(issued_by=user)
        | Exists(measures.filter(Q(proposed_by=user) | Q(confirmed_by=user)))
        | Exists(changed)
    )


def awaiting(violations: ViolationQuerySet, user: User) -> ViolationQuerySet:
    """Of `violations_due_first`, those in which the next step is one that this person may take.

    1. A removal that awaits a second person, for those who decide violations.
    2. An appeal without a verdict, for those who review appeals and are not involved in any of the
       violations that it names.
    """
    mine = Q()
    if user.has_perm("agencies.decide_violation"):
        own = involved(user).filter(pk=OuterRef("pk"))
        mine |= Q(removal_proposed=True) & ~Q(Exists(own))
    if user.has_perm("agencies.review_appeal"):
        own = involved(user).filter(appeal=OuterRef("appeal"))
        mine |= Q(state=ViolationState.APPEALED) & ~Q(Exists(own))
    return violations.filter(mine) if mine else violations.none()


def case(pk: int) -> ViolationQuerySet:
    """One violation with the people and rows that its page names."""
    people = ("drafted_by", "issued_by", "reviewed_by")
    return Violation.objects.filter(pk=pk).select_related("agency", "incident", "appeal", *people)


def appeals_due_first() -> QuerySet[Appeal, Appeal]:
    """All appeals: undecided ones by the day the answer is due, then the rest, newest first.

    Annotated: `cases`, how many violations it names.
    """
    return (
        Appeal.objects.select_related("agency", "filed_by")
        .annotate(cases=Count("violations"))
        .order_by(F("decided_at").desc(nulls_first=True), "due_on", "pk")
    )


def appeals_awaiting(appeals: QuerySet[Appeal, Appeal], user: User) -> QuerySet[Appeal, Appeal]:
    """The undecided appeals of a list that this person may decide."""
    own = involved(user).filter(appeal=OuterRef("pk"))
    return appeals.filter(~Q(Exists(own)), decided_at=None)


def ledger_lines() -> QuerySet[CreditEntry, CreditEntry]:
    """The lines of all agencies' ledgers, the last written first."""
    return CreditEntry.objects.select_related("agency", "violation", "actor").order_by("-pk")


def violations_of(appeal: Appeal) -> QuerySet[Violation, Any]:
    """The violations that an appeal names, each with its evidence and measures, by case."""
    measures = Penalty.objects.select_related("agency", "account").order_by("pk")
    return with_points_taken(
        Violation.objects.filter(appeal=appeal)
        .select_related("agency", "incident", "issued_by", "reviewed_by")
        .prefetch_related(Prefetch("files", case_files()), Prefetch("penalties", measures))
        .order_by("pk")
    )


def case_files() -> QuerySet[CaseFile, CaseFile]:
    """Files without their content: what a list needs."""
    return CaseFile.objects.defer("content").select_related("added_by")

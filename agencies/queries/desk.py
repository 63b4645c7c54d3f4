"""What lies on the desk of the platform's people, in the order in which it is due."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date
from hashlib import sha256
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
    Membership,
    Penalty,
    Violation,
)
from agencies.models.violation import PenaltyQuerySet, ViolationQuerySet

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from portal.models import User

DRAFT, PROPOSED, APPEALED, OPEN, CLOSED = range(5)
# Steps in the log that shape a case before, or beside, its decision.
SHAPING = ("draft", "amend", "group", "add_evidence", "remove_evidence")


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

    1. They drafted, changed or issued it, grouped it, added or removed its evidence, or proposed
       or confirmed one of its measures.
    2. They imported it: they are named by the line that took its points.
    3. They filed the appeal against it.
    """
    return Violation.objects.filter(_has_hand_of(user))


def _has_hand_of(user: User) -> Q:
    measures = Penalty.objects.filter(violation=OuterRef("pk"))
    shaped = ConductEvent.objects.filter(
        subject=Subject.VIOLATION, verb__in=SHAPING, actor=user, subject_id=OuterRef("pk")
    )
    took = CreditEntry.objects.filter(
        violation=OuterRef("pk"), kind=EntryKind.DEDUCTION, actor=user
    )
    return (
        Q(drafted_by=user)
        | Q(issued_by=user)
        | Q(appeal__filed_by=user)
        | Q(Exists(measures.filter(Q(proposed_by=user) | Q(confirmed_by=user))))
        | Q(Exists(shaped))
        | Q(Exists(took))
    )


def agencies_hit(violation_ids: Iterable[int]) -> set[int]:
    """The agencies that violations are about, and those that their measures hit."""
    ids = list(violation_ids)
    about = Violation.objects.filter(pk__in=ids).order_by()
    measures = Penalty.objects.filter(violation__in=ids).order_by()
    return {
        *about.values_list("agency_id", flat=True),
        *measures.values_list("agency_id", flat=True),
    }


def is_member(user: User, agency_ids: Iterable[int]) -> bool:
    """Whether a person has a seat in one of the agencies."""
    return Membership.objects.filter(user=user, agency__in=list(agency_ids)).exists()


def stakes(user: User, violation_ids: Iterable[int]) -> dict[str, bool]:
    """What keeps a person from deciding: `is_own`, a hand in a case, and `is_member`, a seat."""
    ids = list(violation_ids)
    return {
        "is_own": involved(user).filter(pk__in=ids).exists(),
        "is_member": is_member(user, agencies_hit(ids)),
    }


def closed_to(user: User) -> QuerySet[Violation, Violation]:
    """Violations that a person may not review: a hand in them, or a seat in an agency they hit."""
    seats = Membership.objects.filter(user=user).values("agency")
    hit = Penalty.objects.filter(violation=OuterRef("pk"), agency__in=seats)
    return Violation.objects.filter(_has_hand_of(user) | Q(agency__in=seats) | Q(Exists(hit)))


def digest_of_draft(case: Violation) -> str:
    """A digest of what a draft's page shows: facts, incident, measures and files (hexadecimal).

    Two digests are equal where a person who looked at one draft saw the other as well. Facts are
    those of `case`, the rest is read: take it before what is shown, so that a change in between
    makes it differ.
    """
    measures = case.penalties.order_by("kind", "agency_id", "account_id").values_list(
        "kind", "agency_id", "account_id", "starts_on", "until"
    )
    shown = [
        *(case.kind, case.occurred_on, case.summary, case.points),
        case.incident and [case.incident.pk, case.incident.title],
        list(measures),
        list(case.files.order_by("sha256").values_list("sha256", flat=True)),
    ]
    return sha256(json.dumps(shown, default=str).encode()).hexdigest()


def awaiting(violations: ViolationQuerySet, user: User) -> ViolationQuerySet:
    """Of `violations_due_first`, those in which the next step is one that this person may take.

    1. A removal that awaits a second person, for those who decide violations.
    2. An appeal without a verdict, for those who review appeals and to whom none of the violations
       that it names is closed.
    """
    mine = Q()
    if user.has_perm("agencies.decide_violation"):
        own = closed_to(user).filter(pk=OuterRef("pk"))
        mine |= Q(removal_proposed=True) & ~Q(Exists(own))
    if user.has_perm("agencies.review_appeal"):
        own = closed_to(user).filter(appeal=OuterRef("appeal"))
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
    own = closed_to(user).filter(appeal=OuterRef("pk"))
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

"""What the pages about cases show: one decision with all that belongs to it, and figures."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q

from agencies.enums import EntryKind, Subject, ViolationKind, ViolationState
from agencies.models import Appeal, CaseFile, ConductEvent, CreditEntry, Penalty, Violation


@dataclass(frozen=True)
class ViolationPage:
    """A decision with what belongs to it.

    `applied` are the points that the ledger took, `returned` those it gave back. `measures` may
    name linked agencies and accounts, and `steps` people of the platform: an agency is shown
    neither. `files` and `appeal_files` come without their content.
    """

    violation: Violation
    measures: list[Penalty]
    files: list[CaseFile]
    appeal_files: list[CaseFile]
    siblings: list[Violation]
    applied: int
    returned: int
    steps: list[ConductEvent]


def violation_page(violation: Violation) -> ViolationPage:
    """What the page of a decision shows: measures, files, points, steps from the first on.

    Siblings are the other violations of its incident, drafts too. At most five queries.
    """
    measures = list(
        violation.penalties.select_related(
            "agency", "account", "proposed_by", "confirmed_by"
        ).order_by("pk")
    )
    files = list(_files_of(violation))
    moved: dict[str, int] = {}
    for kind, points in CreditEntry.objects.filter(violation=violation).values_list(
        "kind", "points"
    ):
        moved[kind] = moved.get(kind, 0) + points
    return ViolationPage(
        violation=violation,
        measures=measures,
        files=[file for file in files if file.violation_id is not None],
        appeal_files=[file for file in files if file.appeal_id is not None],
        siblings=_siblings(violation),
        applied=-moved.get(EntryKind.DEDUCTION, 0),
        returned=moved.get(EntryKind.REVERSAL, 0),
        steps=_steps(violation, measures),
    )


def _files_of(violation: Violation) -> list[CaseFile]:
    case = Q(violation=violation)
    if violation.appeal_id is not None:
        case |= Q(appeal=violation.appeal_id)
    return list(
        CaseFile.objects.filter(case).defer("content").select_related("added_by").order_by("pk")
    )


def _siblings(violation: Violation) -> list[Violation]:
    if violation.incident_id is None:
        return []
    others = Violation.objects.filter(incident=violation.incident_id).exclude(pk=violation.pk)
    return list(others.order_by("pk"))


def _steps(violation: Violation, measures: list[Penalty]) -> list[ConductEvent]:
    about = Q(subject=Subject.VIOLATION, subject_id=violation.pk)
    about |= Q(subject=Subject.PENALTY, subject_id__in=[measure.pk for measure in measures])
    if violation.appeal_id is not None:
        about |= Q(subject=Subject.APPEAL, subject_id=violation.appeal_id)
    return list(ConductEvent.objects.filter(about).select_related("actor", "agency").order_by("pk"))


@dataclass(frozen=True)
class KindFigures:
    """How the decisions of a kind fared.

    `decided` all of them; `appealed` those that an agency appealed, of which `undecided` wait,
    `upheld` stood and `revoked` fell; `corrected` were revoked without an appeal.
    """

    kind: str
    label: str
    decided: int
    appealed: int
    undecided: int
    upheld: int
    revoked: int
    corrected: int


def appeal_figures() -> tuple[KindFigures, ...]:
    """Appeals by kind of violation, in the order of the kinds; kinds never decided are left out.

    One query.
    """
    with_appeal, revoked = Q(appeal__isnull=False), Q(state=ViolationState.REVOKED)
    rows = (
        Violation.objects.decided()
        .order_by()
        .values("kind")
        .annotate(
            decided=Count("pk"),
            appealed=Count("pk", filter=with_appeal),
            undecided=Count("pk", filter=Q(state=ViolationState.APPEALED)),
            upheld=Count("pk", filter=Q(state=ViolationState.UPHELD)),
            revoked=Count("pk", filter=revoked & with_appeal),
            corrected=Count("pk", filter=revoked & ~with_appeal),
        )
    )
    by_kind = {row["kind"]: row for row in rows}
    return tuple(
        KindFigures(label=str(kind.label), **by_kind[kind])
        for kind in ViolationKind
        if kind in by_kind
    )


def overdue_appeals(*, today: date) -> int:
    """How many appeals should have been answered before today."""
    return Appeal.objects.filter(decided_at=None, due_on__lt=today).count()

"""What the members of an agency read of its violations and measures."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from agencies.enums import (
    Measure,
    PenaltyState,
    Side,
    Subject,
    UnbindingState,
    ViolationState,
)
from agencies.models import Agency, Penalty, Unbinding, Violation
from agencies.models.violation import PenaltyQuerySet
from agencies.policy import conduct_policy
from agencies.queries.cases import ViolationPage

STEPS: Final = {
    (Subject.VIOLATION, "issue"): gettext_lazy("The platform decided this case."),
    (Subject.VIOLATION, "appeal"): gettext_lazy("The agency appealed."),
    (Subject.VIOLATION, "uphold"): gettext_lazy("The platform upheld the decision."),
    (Subject.VIOLATION, "revoke"): gettext_lazy("The platform revoked the decision."),
    (Subject.VIOLATION, "add_evidence"): gettext_lazy("The platform added evidence."),
    (Subject.PENALTY, "propose"): gettext_lazy("%(measure)s was proposed to a second person."),
    (Subject.PENALTY, "confirm"): gettext_lazy("%(measure)s was confirmed by a second person."),
    (Subject.PENALTY, "decline"): gettext_lazy("%(measure)s was not confirmed."),
    (Subject.PENALTY, "expire"): gettext_lazy("%(measure)s: the time was over."),
    (Subject.PENALTY, "lift"): gettext_lazy("%(measure)s was lifted."),
}


@dataclass(frozen=True)
class Step:
    """Something that happened to a decision, on a platform day."""

    day: date
    words: str


@dataclass(frozen=True)
class Closure:
    """Why the workplace is closed to a person, and where the decision is read.

    `case` is the violation behind it where it is the agency's own: of another agency's case nothing
    is told. `until` is the first day on which the workplace is open again, None for no end.
    """

    removed_on: date | None
    until: date | None
    case: Violation | None


def violations_of(agency: Agency) -> QuerySet[Violation]:
    """The agency's decided violations with their appeals, the newest first; drafts are not told."""
    decided = agency.violations.decided().select_related("appeal")
    return decided.order_by("-decided_on", "-id")


def appealable(agency: Agency, *, today: date) -> QuerySet[Violation]:
    """Those that may be appealed today, the first to run out first."""
    return (
        agency.violations.decided()
        .filter(state=ViolationState.ISSUED, appeal_until__gte=today)
        .order_by("appeal_until", "id")
    )


def days_left(violation: Violation, *, today: date) -> int | None:
    """How many days are left to appeal after today: 0 on the last day; None where it cannot be.

    The last day is `appeal_until` itself (D, docs/rules.md §8).
    """
    if violation.state != ViolationState.ISSUED or violation.appeal_until is None:
        return None
    left = (violation.appeal_until - today).days
    return left if left >= 0 else None


def kind_title(violation: Violation) -> str:
    """What the rulebook of the decision calls this kind, in the reader's language. One query."""
    if violation.decided_on is not None:
        policy = conduct_policy(violation.decided_on)
        if violation.kind in policy.kinds:
            template = policy.template(violation.kind)
            return template.title_en if get_language() == "en" else template.title_zh
    return violation.get_kind_display()


def own_siblings(page: ViolationPage) -> list[Violation]:
    """The other decisions on the incident that the agency may read: its own, no drafts."""
    return [
        each
        for each in page.siblings
        if each.agency_id == page.violation.agency_id and each.state != ViolationState.DRAFT
    ]


def steps_in_words(page: ViolationPage) -> list[Step]:
    """What happened to a decision, the first step first, without naming who did it (D, §8).

    Preparations, and what concerns linked agencies or accounts, are left out. A case that was
    decided elsewhere begins with its decision.
    """
    own = {
        measure.pk: measure.get_kind_display()
        for measure in page.measures
        if measure.agency_id == page.violation.agency_id and measure.account_id is None
    }
    steps = []
    for event in page.steps:
        words = STEPS.get((Subject(event.subject), event.verb))
        if words is None or (event.subject == Subject.PENALTY and event.subject_id not in own):
            continue
        sentence = str(words) % {"measure": own.get(event.subject_id, "")}
        steps.append(Step(timezone.localdate(event.at), sentence))
    if not any(event.verb == "issue" for event in page.steps) and page.violation.decided_on:
        steps.insert(0, Step(page.violation.decided_on, _("The platform decided this case.")))
    return steps


def measures_on(agency: Agency, *, today: date) -> PenaltyQuerySet:
    """The measures against the agency that hold today or begin later, warnings left out.

    Those that follow from a case of a linked agency are among them: `violation.agency_id` tells.
    So is a removal that awaits its second person, as the last one; not so once the agency is gone.
    """
    states = [PenaltyState.ACTIVE]
    if not agency.is_removed(today):
        states.append(PenaltyState.PROPOSED)
    return (
        Penalty.objects.filter(Q(until=None) | Q(until__gt=today), agency=agency, state__in=states)
        .exclude(kind=Measure.WARNING)
        .select_related("violation")
        .order_by("starts_on", "id")
    )


def closure(agency: Agency, *, account_id: int, today: date) -> Closure:
    """Why an agency, or this account in it, may only read decisions (S, docs/rules.md §8)."""
    held = Penalty.objects.in_effect_on(today).select_related("violation")
    if agency.is_removed(today):
        removal = held.filter(agency=agency, kind=Measure.REMOVAL).order_by("-id").first()
        return Closure(agency.removed_on, None, removal.violation if removal else None)
    bars = list(held.filter(account_id=account_id))
    ends = [bar.until for bar in bars if bar.until is not None]
    own = [bar.violation for bar in bars if bar.violation.agency_id == agency.pk]
    return Closure(
        removed_on=None,
        until=None if len(ends) < len(bars) else max(ends, default=None),
        case=own[0] if own else None,
    )


def wishes_of_creators(agency: Agency) -> QuerySet[Unbinding]:
    """Creators' wishes to part that await the agency's answer, the first to run out first."""
    return (
        Unbinding.objects.filter(
            binding__agency=agency, side=Side.CREATOR, state=UnbindingState.ASKED
        )
        .select_related("binding__creator")
        .order_by("silent_on", "id")
    )

"""What every decision on a case begins with: its locks, a reason, and hands that are free."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import TYPE_CHECKING

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from agencies.enums import ViolationState
from agencies.models import Agency, Penalty, Violation
from agencies.queries.desk import agencies_hit, digest_of_draft, involved, is_member
from agencies.refusals import Refused

if TYPE_CHECKING:
    from portal.models import User

LONGEST_REASON = 2000


def lock_agencies(ids: Iterable[int]) -> dict[int, Agency]:
    """Lock agencies until the commit, in the order of their ids; each as it is stored now."""
    locked = Agency.objects.select_for_update(no_key=True).filter(pk__in=set(ids)).order_by("pk")
    return {agency.pk: agency for agency in locked}


def lock_cases(violation_ids: Iterable[int]) -> list[Violation]:
    """Lock violations with every agency that they or their measures hit; in the order of ids.

    Whoever changes a case holds its agency, so what is read afterwards stays as it is. Raises
    Refused where a draft was discarded, or changed whom it hits, while the locks were awaited.
    """
    ids = sorted(set(violation_ids))
    cases = Violation.objects.filter(pk__in=ids).order_by("pk")
    measures = Penalty.objects.filter(violation__in=ids)
    hit = agencies_hit(ids)
    agencies = lock_agencies(hit)
    locked = list(cases.select_for_update(no_key=True))
    if len(locked) != len(ids):
        raise Refused(_("This case no longer exists: its draft was discarded."), rule="gone")
    if measures.exclude(agency__in=hit).exists():
        raise Refused(
            _("Somebody changed this draft at the same moment: read it again, then decide."),
            rule="changed",
        )
    for case in locked:
        case.agency = agencies[case.agency_id]
    return locked


def locked_draft(violation_id: int) -> Violation:
    """A draft under the locks of `lock_cases`; raises Refused where it was decided or discarded."""
    (case,) = lock_cases([violation_id])
    if case.state != ViolationState.DRAFT:
        raise already_decided(case)
    return case


def refuse_changed(case: Violation, *, seen: str | None, sentence: str) -> None:
    """Raise Refused where a locked draft is not what the person was shown any more.

    `seen` is the digest of what was shown (`queries.desk.digest_of_draft`), None for programs.
    """
    if seen is not None and seen != digest_of_draft(case):
        raise Refused(sentence, rule="changed")


def draft_to_amend(violation_id: int, *, seen: str | None) -> Violation:
    """A locked draft as it was shown to whoever changes it; raises Refused where it is not."""
    case = locked_draft(violation_id)
    sentence = _("The draft was changed meanwhile. Open it again, then make your change.")
    refuse_changed(case, seen=seen, sentence=sentence)
    return case


def refuse_removed(agency: Agency, today: date) -> None:
    """Raise Refused where the agency has left the platform."""
    if left := agency.left_by(today):
        raise Refused(
            _(
                "%(agency)s was removed from the platform on %(day)s: no further case can be"
                " decided against it."
            )
            % {"agency": agency.name, "day": date_format(left)},
            rule="removed",
        )


def already_decided(case: Violation) -> Refused:
    """Why a case that is no draft any more cannot be issued, changed or discarded."""
    day = date_format(case.decided_on) if case.decided_on else ""
    return Refused(
        _("This case was already decided on %(day)s: nothing was done a second time.")
        % {"day": day},
        rule="decided",
    )


def needed_reason(reason: str) -> str:
    """The reason without blanks around it; raises Refused where there is none, or too much."""
    reason = reason.strip()
    if not reason:
        raise Refused(_("State the reason: nobody decides without one."), rule="reason")
    if len(reason) > LONGEST_REASON:
        raise Refused(
            _("The reason is longer than %(most)s characters: shorten it.")
            % {"most": LONGEST_REASON},
            rule="reason",
        )
    return reason


def refuse_member(by: User, agency_ids: Iterable[int]) -> None:
    """Raise Refused where the person belongs to an agency: nobody decides about their own (D)."""
    if is_member(by, agency_ids):
        raise Refused(
            _("You are a member of this agency: somebody else must decide."), rule="own_agency"
        )


def refuse_own(by: User, cases: Sequence[Violation]) -> None:
    """Raise Refused where the person had a hand in a case: nobody reviews what is theirs (S)."""
    if involved(by).filter(pk__in=[case.pk for case in cases]).exists():
        raise Refused(
            _("You took part in this decision yourself: another person has to review it."),
            rule="own_decision",
        )

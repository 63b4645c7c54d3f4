"""Appeals: an agency objects in time, another person decides."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from agencies.actions.case_files import NewFile, store_files
from agencies.actions.cases import lock_cases, needed_reason, refuse_member, refuse_own
from agencies.actions.revocation import announce_cases, close_if_decided, undo
from agencies.actions.transitions import move, record, tell
from agencies.enums import News, Role, Subject, ViolationState
from agencies.models import Agency, Appeal, Membership, Violation
from agencies.policy import conduct_policy
from agencies.queries.desk import agencies_hit
from agencies.refusals import Refused
from agencies.signals import appeal_decided, appeal_filed

if TYPE_CHECKING:
    from portal.models import User

LONGEST_TEXT = 5000
UPHOLD, REVOKE = "uphold", "revoke"


@transaction.atomic
def file_appeal(
    *,
    agency: Agency,
    violation_ids: Iterable[int],
    text: str,
    files: Sequence[NewFile] = (),
    at: datetime,
    by: User,
) -> Appeal:
    """Object to a decision, or to several of one incident, for an agency (S, docs/rules.md §8).

    1. By an owner of the agency, removed or not; until the end of the day `appeal_until`; once per
       violation; with a text and up to 5 files.
    2. The answer is due within as many days as the agency had. Until then all stays in force.

    Raises Refused with the rule "owner", "text", "unknown", "several", "already_appealed",
    "decided", "late" or one of the files. Locks the agency and the violations.
    """
    today = timezone.localdate(at)
    text = text.strip()
    if not Membership.objects.filter(agency=agency, user=by, role=Role.OWNER).exists():
        raise Refused(_("Only an owner of the agency may appeal."), rule="owner")
    if not 0 < len(text) <= LONGEST_TEXT:
        raise Refused(
            _("Say in 1 to %(most)s characters why the decision is wrong.")
            % {"most": LONGEST_TEXT},
            rule="text",
        )
    cases = _appealable(agency, violation_ids, today)
    due_on = today + timedelta(days=conduct_policy(today).appeal_days)
    appeal = Appeal.objects.create(
        agency=agency, text=text, filed_by=by, filed_at=at, due_on=due_on
    )
    for case in cases:
        move(case, "appeal", agency_id=agency.pk, at=at, by=by, appeal=appeal)
    stored = store_files(files, appeal=appeal, at=at, by=by)
    told = {
        "references": [case.reference for case in cases],
        "due_on": due_on.isoformat(),
        "files": len(stored),
    }
    record(Subject.APPEAL, appeal.pk, "file", agency_id=agency.pk, at=at, by=by, about=told)
    tell(agency.pk, News.APPEAL_FILED, at=at, **told)
    announce_cases(appeal_filed, cases, at=at)
    return appeal


def _appealable(agency: Agency, violation_ids: Iterable[int], today: date) -> list[Violation]:
    """The violations under their locks, where the agency may still appeal them."""
    ids = sorted(set(violation_ids))
    own = Violation.objects.decided().filter(agency=agency, pk__in=ids)
    if not ids or own.count() != len(ids):
        raise Refused(_("There is no such decision about your agency."), rule="unknown")
    cases = lock_cases(ids)
    if len(cases) > 1 and (cases[0].incident_id is None or len({c.incident_id for c in cases}) > 1):
        raise Refused(
            _("Only violations of one incident can be appealed together: appeal each by itself."),
            rule="several",
        )
    for case in cases:
        _refuse_unappealable(case, today)
    return cases


def _refuse_unappealable(case: Violation, today: date) -> None:
    if case.appeal_id is not None:
        raise Refused(
            _("%(reference)s was appealed already: a decision can be appealed once.")
            % {"reference": case.reference},
            rule="already_appealed",
        )
    if case.state != ViolationState.ISSUED:
        raise Refused(
            _("%(reference)s was revoked: there is nothing left to appeal.")
            % {"reference": case.reference},
            rule="decided",
        )
    if case.appeal_until is not None and case.appeal_until < today:
        raise Refused(
            _("The appeal against %(reference)s was possible until the end of %(day)s.")
            % {"reference": case.reference, "day": date_format(case.appeal_until)},
            rule="late",
        )


@transaction.atomic
def decide_appeal(
    *, appeal_id: int, verdicts: Mapping[int, str], reason: str, at: datetime, by: User
) -> Appeal:
    """Decide an appeal: a verdict, "uphold" or "revoke", for each violation that waits for one.

    1. The person had no hand in any of its violations, did not file the appeal, and has no seat in
       an agency that one of them hits; a reason is mandatory (S, §8).
    2. Upheld ones stay as they are, for good; revoked ones are undone as by `revoke`. Verdicts on
       those that were revoked meanwhile are passed over.

    Raises Refused with the rule "reason", "own_agency", "own_decision", "decided" or "verdicts".
    Locks the agencies that the cases hit and the cases.
    """
    reason = needed_reason(reason)
    appeal = Appeal.objects.select_related("agency").get(pk=appeal_id)
    cases = lock_cases(appeal.violations.values_list("pk", flat=True))
    waiting = [case for case in cases if case.state == ViolationState.APPEALED]
    if not waiting:
        raise Refused(_("This appeal was already decided."), rule="decided")
    refuse_member(by, agencies_hit([case.pk for case in cases]))
    refuse_own(by, cases)
    if {case.pk for case in waiting} - set(verdicts) or set(verdicts.values()) - {UPHOLD, REVOKE}:
        raise Refused(
            _("Give a verdict, upheld or revoked, for each violation of the appeal."),
            rule="verdicts",
        )
    announce_cases(appeal_decided, waiting, at=at)
    for case in waiting:
        if verdicts[case.pk] == UPHOLD:
            _uphold(case, reason, at, by)
    revoked = [case for case in waiting if verdicts[case.pk] == REVOKE]
    if revoked:
        undo(revoked, reason=reason, at=at, by=by)
    close_if_decided(appeal, reason=reason, at=at, by=by)
    return appeal


def _uphold(case: Violation, reason: str, at: datetime, by: User) -> None:
    move(
        case,
        "uphold",
        agency_id=case.agency_id,
        at=at,
        by=by,
        reason=reason,
        reviewed_by=by,
        reviewed_on=timezone.localdate(at),
        review_reason=reason,
    )

"""Disputes: an agency says what is wrong with a month's data, the platform answers and corrects."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Final, TypedDict, Unpack
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from agencies.actions.case_files import NewFile, checked, refuse_many, stored_name
from agencies.actions.cases import lock_agencies, refuse_member
from agencies.actions.transitions import tell
from agencies.enums import News, Role
from agencies.models import Agency, Membership
from agencies.models.agency import CODE_PATTERN
from agencies.refusals import Refused
from scoring.enums import DisputeKind, DisputeState
from scoring.models import Dispute, DisputeFile
from scoring.months import current_month, last_day
from scoring.queries.disputed_data import bindings_changed, corrections
from scoring.queries.disputes import is_published, open_windows

if TYPE_CHECKING:
    from portal.models import User

MOST_OPEN: Final = 50
LONGEST_CODE: Final = 32
LONGEST_TEXT: Final = 2000
LONGEST_QUOTE: Final = 200


class Entries(TypedDict):
    """What an agency says in a dispute; days are inclusive."""

    month: date
    kind: str
    creator_code: str
    first_day: date
    last_day: date
    text: str


@transaction.atomic
def file_dispute(
    *,
    agency: Agency,
    files: Sequence[NewFile] = (),
    request_key: UUID,
    at: datetime,
    by: User,
    **entries: Unpack[Entries],
) -> Dispute:
    """Object to attribution or data of one creator on the days [first_day, last_day] (D, §2).

    1. By an owner, while the month may be disputed (`open_windows`): a publication that is under
       way either comes first and closes it, or waits for the dispute.
    2. About data only on days of which at least one was the agency's own; about attribution with
       any code, and whether somebody has it, and whose creator that is, is not told.
    3. At most 50 unanswered ones per agency and month, 5 files each.
    4. The same `request_key` again returns the same dispute and adds nothing to it.

    Raises Refused with the rule "owner", "sent", "not_over", "published", "not_assessed", "old",
    "kind", "creator", "days", "text", "not_own", "many" or one of the files. Locks the agency.
    """
    agency = lock_agencies([agency.pk])[agency.pk]
    _refuse_others(agency, by)
    earlier = Dispute.objects.filter(request_key=request_key).first()
    if earlier is not None:
        return _same(earlier, agency)
    _refuse_closed(agency, entries["month"], at)
    entries["creator_code"] = entries["creator_code"].strip()
    entries["text"] = entries["text"].strip()
    dispute = Dispute(agency=agency, filed_by=by, filed_at=at, request_key=request_key, **entries)
    _refuse_wrong(dispute)
    _refuse_days_of_others(dispute)
    _refuse_many(dispute)
    dispute.save(force_insert=True)
    _store(files, dispute)
    dispute.refresh_from_db()
    return dispute


@transaction.atomic
def withdraw_dispute(*, agency: Agency, dispute_id: int, at: datetime, by: User) -> Dispute:
    """Take back a dispute that nobody answered yet; it stays readable (D, §2).

    Raises Dispute.DoesNotExist for what is not the agency's, Refused with the rule "owner" or
    "state". Locks the agency and the dispute.
    """
    agency = lock_agencies([agency.pk])[agency.pk]
    _refuse_others(agency, by)
    dispute = agency.disputes.select_for_update(of=("self",)).get(pk=dispute_id)
    if dispute.state != DisputeState.OPEN:
        raise Refused(
            _("This dispute is “%(state)s” already: there is nothing to withdraw.")
            % {"state": dispute.get_state_display()},
            rule="state",
        )
    dispute.state = DisputeState.WITHDRAWN
    dispute.save(update_fields=["state"])
    return dispute


def accept_dispute(*, dispute_id: int, answer: str, at: datetime, by: User) -> Dispute:
    """Agree that the data are wrong; they are corrected in the data, never in the score (D, §2).

    Until then the month is not published. Of a month that was published meanwhile, the correction
    makes another revision. Refused and locked as by `reject_dispute`.
    """
    return _answer(dispute_id, DisputeState.ACCEPTED, [DisputeState.OPEN], answer, at=at, by=by)


def reject_dispute(*, dispute_id: int, answer: str, at: datetime, by: User) -> Dispute:
    """Say that the data are right, and why; published months' disputes are answered too (D, §2).

    An accepted one may still be rejected before its correction, or else a mistake would hold the
    month for ever; the agency is told the new answer.

    Raises Dispute.DoesNotExist, Refused with the rule "answer", "state" or "own_agency". Locks the
    agency and the dispute.
    """
    begun = [DisputeState.OPEN, DisputeState.ACCEPTED]
    return _answer(dispute_id, DisputeState.REJECTED, begun, answer, at=at, by=by)


@transaction.atomic
def mark_corrected(
    *, dispute_id: int, imported_file_id: int | None, at: datetime, by: User
) -> Dispute:
    """Say that the data of an accepted dispute are right now (D, §2).

    Only where they changed since the filing, as `corrections` and `bindings_changed` have it: of
    data by the import that is named, of attribution by one or without any.

    Raises Dispute.DoesNotExist, Refused with the rule "own_agency", "state" or "unchanged". Locks
    the agency and the dispute.
    """
    dispute = _locked(dispute_id, by)
    if dispute.state != DisputeState.ACCEPTED:
        raise Refused(
            _("This dispute is “%(state)s”: only an accepted one is corrected.")
            % {"state": dispute.get_state_display()},
            rule="state",
        )
    _refuse_unchanged(dispute, imported_file_id)
    dispute.state = DisputeState.CORRECTED
    dispute.corrected_by_id = imported_file_id
    dispute.corrected_at = at
    dispute.save(update_fields=["state", "corrected_by", "corrected_at"])
    _tell(dispute, News.DISPUTE_CORRECTED, at=at)
    return dispute


def _refuse_others(agency: Agency, by: User) -> None:
    if not Membership.objects.filter(agency=agency, user=by, role=Role.OWNER).exists():
        raise Refused(_("Only an owner of the agency may dispute its data."), rule="owner")


def _same(earlier: Dispute, agency: Agency) -> Dispute:
    if earlier.agency_id != agency.pk:
        raise Refused(
            _("This form was sent for another agency already: open it again, then fill it in."),
            rule="sent",
        )
    return earlier


def _refuse_closed(agency: Agency, month: date, at: datetime) -> None:
    """Call it under the agency's lock: a publication waits for it, or is seen."""
    if any(window.month == month for window in open_windows(agency, now=at)):
        return
    said = {"month": date_format(month, "YEAR_MONTH_FORMAT")}
    if month >= current_month(at):
        raise Refused(
            _("%(month)s is not over yet: disputes begin with its provisional result.") % said,
            rule="not_over",
        )
    if is_published(month):
        raise Refused(
            _(
                "%(month)s is published: disputes ended with that. Where its data are corrected"
                " later, the month gets another revision."
            )
            % said,
            rule="published",
        )
    if not Agency.objects.in_scope(month, last_day(month)).filter(pk=agency.pk).exists():
        raise Refused(
            _("%(month)s is not assessed for your agency: there is nothing to dispute.") % said,
            rule="not_assessed",
        )
    raise Refused(
        _(
            "%(month)s is too long ago: of the last three full months those can be disputed that"
            " come after the newest published one."
        )
        % said,
        rule="old",
    )


def _refuse_wrong(dispute: Dispute) -> None:
    """Raise Refused where an entry cannot be right, whatever the data are."""
    code = dispute.creator_code
    if dispute.kind not in DisputeKind.values:
        raise Refused(_("Say whether attribution or data are wrong."), rule="kind")
    if len(code) > LONGEST_CODE or not re.fullmatch(CODE_PATTERN, code):
        raise Refused(
            _("A creator ID has 1 to 32 letters, digits, hyphens or underscores: check it."),
            rule="creator",
        )
    if not dispute.month <= dispute.first_day <= dispute.last_day <= last_day(dispute.month):
        raise Refused(
            _("Choose days of %(month)s, the first one not after the last one.")
            % {"month": date_format(dispute.month, "YEAR_MONTH_FORMAT")},
            rule="days",
        )
    if not 0 < len(dispute.text) <= LONGEST_TEXT:
        raise Refused(
            _("Say in 1 to %(most)s characters what is wrong.") % {"most": LONGEST_TEXT},
            rule="text",
        )


def _refuse_days_of_others(dispute: Dispute) -> None:
    if dispute.kind != DisputeKind.DATA:
        return
    own = dispute.agency.bindings.filter(
        Q(bound_until=None) | Q(bound_until__gt=dispute.first_day),
        creator__creator_id=dispute.creator_code,
        bound_from__lte=dispute.last_day,
    )
    if not own.exists():
        raise Refused(
            _(
                "No creator with this ID was bound to you on these days. If one should have been,"
                " dispute the attribution instead."
            ),
            rule="not_own",
        )


def _refuse_many(dispute: Dispute) -> None:
    waiting = dispute.agency.disputes.filter(month=dispute.month, state=DisputeState.OPEN)
    if waiting.count() >= MOST_OPEN:
        raise Refused(
            _(
                "%(most)s of your disputes of this month wait for an answer, as many as may:"
                " withdraw one, or wait for an answer."
            )
            % {"most": MOST_OPEN},
            rule="many",
        )


def _store(files: Sequence[NewFile], dispute: Dispute) -> None:
    """Check and store the evidence, each content once. Raises Refused."""
    fresh: dict[str, DisputeFile] = {}
    for file in files:
        content_type = checked(file.name, file.content)
        digest = sha256(file.content).hexdigest()
        fresh.setdefault(
            digest,
            DisputeFile(
                dispute=dispute,
                name=stored_name(file.name, content_type),
                content_type=content_type,
                size=len(file.content),
                sha256=digest,
                content=file.content,
            ),
        )
    refuse_many(len(fresh))
    DisputeFile.objects.bulk_create(fresh.values())


def _locked(dispute_id: int, by: User) -> Dispute:
    """A dispute under its agency's lock and its own, for somebody without a seat there."""
    agency_id = Dispute.objects.values_list("agency_id", flat=True).get(pk=dispute_id)
    lock_agencies([agency_id])
    refuse_member(by, [agency_id])
    return Dispute.objects.select_for_update(of=("self",)).get(pk=dispute_id)


@transaction.atomic
def _answer(
    dispute_id: int,
    to: DisputeState,
    begun: Sequence[DisputeState],
    answer: str,
    *,
    at: datetime,
    by: User,
) -> Dispute:
    answer = answer.strip()
    if not 0 < len(answer) <= LONGEST_TEXT:
        raise Refused(
            _("Answer in 1 to %(most)s characters: the agency reads it.") % {"most": LONGEST_TEXT},
            rule="answer",
        )
    dispute = _locked(dispute_id, by)
    if dispute.state not in begun:
        raise Refused(
            _("This dispute is “%(state)s” already: nothing was done.")
            % {"state": dispute.get_state_display()},
            rule="state",
        )
    dispute.state = to
    dispute.answer, dispute.answered_by, dispute.answered_at = answer, by, at
    dispute.save(update_fields=["state", "answer", "answered_by", "answered_at"])
    # messages quote its beginning and lead to the page that has all of it
    quoted = Truncator(answer).chars(LONGEST_QUOTE)
    _tell(dispute, News.DISPUTE_ANSWERED, at=at, verdict=dispute.state, answer=quoted)
    return dispute


def _refuse_unchanged(dispute: Dispute, imported_file_id: int | None) -> None:
    if imported_file_id is not None and corrections(dispute).filter(pk=imported_file_id).exists():
        return
    if dispute.kind == DisputeKind.DATA:
        raise Refused(
            _(
                "No facts of these days were imported since the dispute was filed on %(day)s."
                " Import the corrected file in the import centre, then choose it here."
            )
            % {"day": date_format(timezone.localtime(dispute.filed_at), "DATETIME_FORMAT")},
            rule="unchanged",
        )
    if imported_file_id is not None or not bindings_changed(dispute):
        raise Refused(
            _(
                "No binding of this creator was changed on these days since the dispute was filed."
                " Correct its days at the binding desk, or import what is missing in the import"
                " centre."
            ),
            rule="unchanged",
        )


def _tell(dispute: Dispute, news: News, *, at: datetime, **about: str) -> None:
    tell(
        dispute.agency_id,
        news,
        at=at,
        dispute=dispute.pk,
        creator_code=dispute.creator_code,
        month=dispute.month.isoformat(),
        **about,
    )

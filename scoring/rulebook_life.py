"""The life of a rulebook version on the web: asked about, proposed, approved, withdrawn (§12).

Whoever may manage rules acts here; that nobody puts a version in force alone is a constraint of the
table. What agencies say and what they are answered is `scoring.consultation_comments`.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agencies.enums import News
from agencies.refusals import Refused
from scoring.enums import RulebookState
from scoring.models import Consultation, RulebookVersion, RulebookWithdrawal
from scoring.models.consultation import SHORTEST
from scoring.models.rulebook_version import COUNTING
from scoring.months import current_month, last_day_before, month_begins
from scoring.queries.rules import differ, names_of
from scoring.rulebook_versions import begin_counting, locked_version, stop_counting
from scoring.signals import agencies_told

if TYPE_CHECKING:
    from portal.models import User

LONGEST_TEXT = 5000
LONGEST_REASON = 500


@transaction.atomic
def open_consultation(
    *,
    version_id: int,
    seen_sha256: str,
    opens_at: datetime,
    closes_at: datetime,
    reasons_zh: str,
    reasons_en: str,
    at: datetime,
    by: User,
) -> Consultation:
    """Ask agencies about a draft on [opens_at, closes_at), and tell all of them (S, P, §12).

    1. At least 7 days (P), with reasons in both languages; it does not open in the past.
    2. The draft differs in a rule from the version that would otherwise count for its first month,
       and that month begins after a day at least has passed since the end (D): answers, summary and
       decision come in between.
    3. It is the text that the person read, whose digest is `seen_sha256`; from now on it does not
       change.

    Raises Refused with the rule "state", "changed", "reasons", "days", "month" or "same". Locks the
    version.
    """
    version = locked_version(version_id)
    _refuse_unread(version, seen_sha256)
    reasons = _both(reasons_zh, reasons_en, LONGEST_TEXT, rule="reasons")
    _refuse_days(version, opens_at, closes_at, at=at)
    consultation = Consultation.objects.create(
        version=version,
        compared_with=_counting_otherwise(version),
        opens_at=opens_at,
        closes_at=closes_at,
        reasons_zh=reasons[0],
        reasons_en=reasons[1],
        opened_by=by,
    )
    version.state = RulebookState.CONSULTATION
    version.save(update_fields=["state"])
    told = {"consultation": consultation.pk, "closes_on": last_day_before(closes_at).isoformat()}
    _tell(News.CONSULTATION_OPENED, version, at=at, **told)
    return consultation


def _refuse_unread(version: RulebookVersion, seen_sha256: str) -> None:
    """Refuse what is no draft, or not the one that the person read."""
    if version.state != RulebookState.DRAFT:
        raise Refused(
            _("Only a draft can be consulted on: version %(version)s is none any more.")
            % {"version": version.version},
            rule="state",
        )
    if version.sha256 != seen_sha256:
        raise Refused(
            _(
                "Nothing was announced: this draft has changed since you opened the page. Read"
                " below what agencies will read now, then announce it."
            ),
            rule="changed",
        )


def _refuse_days(
    version: RulebookVersion, opens_at: datetime, closes_at: datetime, *, at: datetime
) -> None:
    if opens_at < at:
        raise Refused(_("A consultation cannot open in the past."), rule="days")
    if max(opens_at, closes_at) >= month_begins(version.effective_from):
        latest = version.effective_from - timedelta(days=2)
        raise Refused(
            _(
                "These rules count from the data month %(month)s on, so their consultation has to"
                " end on %(day)s at the latest: answers, summary and decision come in between."
                " End it sooner, or give the draft a later first month."
            )
            % {
                "month": date_format(version.effective_from, "YEAR_MONTH_FORMAT"),
                "day": date_format(latest),
            },
            rule="month",
        )
    if closes_at - opens_at < SHORTEST:
        earliest = last_day_before(opens_at + SHORTEST)
        raise Refused(
            _(
                "A consultation lasts at least 7 full days: one that opens then can end on %(day)s"
                " at the earliest."
            )
            % {"day": date_format(earliest)},
            rule="days",
        )


def _counting_otherwise(version: RulebookVersion) -> RulebookVersion:
    """The version that counts for a draft's first month unless the draft does."""
    try:
        counting = RulebookVersion.objects.for_month(version.effective_from)
    except RulebookVersion.DoesNotExist:
        raise Refused(
            _("No rules count for that month yet, so there is nothing to compare the draft with."),
            rule="month",
        ) from None
    if not differ(counting.rulebook, version.rulebook):
        raise Refused(
            _(
                "Every rule reads as in version %(version)s, which counts for that month anyway:"
                " there is nothing to ask about."
            )
            % {"version": counting.version},
            rule="same",
        )
    return counting


@transaction.atomic
def close_consultation(
    *, consultation_id: int, summary_zh: str, summary_en: str, at: datetime, by: User
) -> Consultation:
    """Publish the closing summary, and tell all agencies; comments are closed for good.

    Only after the last day, with an answer to every comment and a summary in both languages (D).

    Raises Refused with the rule "closed", "days", "unanswered" or "summary". Locks the
    consultation.
    """
    consultation = locked_consultation(consultation_id)
    if consultation.closed_at is not None:
        raise Refused(_("The summary of this consultation is published already."), rule="closed")
    if at < consultation.closes_at:
        raise Refused(
            _("Agencies may comment until the end of %(day)s: close it after that.")
            % {"day": date_format(last_day_before(consultation.closes_at))},
            rule="days",
        )
    unanswered = consultation.comments.filter(answered_at=None).count()
    if unanswered:
        raise Refused(
            ngettext(
                "%(count)d comment has no answer yet: answer it first.",
                "%(count)d comments have no answer yet: answer them first.",
                unanswered,
            )
            % {"count": unanswered},
            rule="unanswered",
        )
    summary = _both(summary_zh, summary_en, LONGEST_TEXT, rule="summary")
    consultation.summary_zh, consultation.summary_en = summary
    consultation.closed_at, consultation.closed_by = at, by
    consultation.save(update_fields=["summary_zh", "summary_en", "closed_at", "closed_by"])
    _tell(News.CONSULTATION_CLOSED, consultation.version, at=at, consultation=consultation.pk)
    return consultation


@transaction.atomic
def propose_scheduling(*, version_id: int, at: datetime, by: User) -> RulebookVersion:
    """Propose to let a version count from its first month; another person approves (D, §12).

    1. Its consultation is concluded, its first month has not begun.
    2. Another one that counts from that month is retired by the approval, not by this.

    Raises Refused with the rule "state", "open", "month" or "proposed". Locks the version.
    """
    version = _decidable(version_id, at=at)
    if version.proposed_by is not None:
        raise Refused(
            _("%(person)s has proposed this version already: another person has to approve it.")
            % {"person": version.proposed_by},
            rule="proposed",
        )
    version.proposed_by, version.proposed_at = by, at
    version.save(update_fields=["proposed_by", "proposed_at"])
    return version


@transaction.atomic
def approve_scheduling(*, version_id: int, at: datetime, by: User) -> RulebookVersion:
    """Approve what another person proposed: the version counts from its first month by itself.

    1. Not by the person who proposed it (D, §12; constraint `rulebook_approved_by_another`), and
       not once its first month has begun: no month changes its rules while it runs.
    2. Another one that counts from the same month is retired; evaluated months that this changes
       are marked as stale. All agencies are told.

    Raises Refused with the rule "state", "open", "month", "unproposed" or "another". Locks the
    version and those of the same first month.
    """
    version = _decidable(version_id, at=at)
    if version.proposed_by is None:
        raise Refused(
            _("Nobody proposes this version: propose it, and let another person approve it."),
            rule="unproposed",
        )
    if version.proposed_by_id == by.pk:
        raise Refused(
            _("You proposed this version yourself, so its approval needs another person."),
            rule="another",
        )
    version.approved_by, version.approved_at = by, at
    begin_counting(version, RulebookState.SCHEDULED, at=at)
    told = {"version": version.version, "effective_from": version.effective_from.isoformat()}
    _tell(News.RULES_SCHEDULED, version, at=at, **told)
    return version


@transaction.atomic
def take_back_proposal(*, version_id: int, at: datetime, by: User) -> RulebookVersion:
    """Take a proposal back, one's own or another person's; the version stays as it is.

    Who did it when is in the version's history. Raises Refused with the rule "unproposed".
    Locks the version.
    """
    version = locked_version(version_id)
    if version.state != RulebookState.CONSULTATION or version.proposed_by is None:
        raise Refused(_("There is no proposal to take back."), rule="unproposed")
    version.proposed_by = version.proposed_at = None
    version.save(update_fields=["proposed_by", "proposed_at"])
    return version


@transaction.atomic
def withdraw_version(
    *, version_id: int, reason_zh: str, reason_en: str, at: datetime, by: User
) -> RulebookVersion:
    """Give a version up before it counts, with a reason that everybody may read (D, §12).

    1. After its consultation is concluded, or once it is scheduled, while its first month has not
       begun: afterwards only another version changes the rules.
    2. One person may: what counts already goes on counting. The text, the consultation and its
       answers stay public.

    Raises Refused with the rule "state", "open", "month" or "reason". Locks the version and those
    of the same first month.
    """
    version = locked_version(version_id)
    if version.state == RulebookState.CONSULTATION:
        _refuse_open(version)
    elif version.state not in COUNTING:
        raise Refused(
            _("Version %(version)s neither counts nor is it asked about.")
            % {"version": version.version},
            rule="state",
        )
    elif version.effective_from <= current_month(at):
        raise Refused(
            _("Version %(version)s counts already: only another version can change the rules.")
            % {"version": version.version},
            rule="month",
        )
    decided = version.state in COUNTING
    reasons = _both(reason_zh, reason_en, LONGEST_REASON, rule="reason")
    RulebookWithdrawal.objects.create(
        version=version, reason_zh=reasons[0], reason_en=reasons[1], at=at, by=by
    )
    stop_counting(version, at=at)
    if decided:  # who was told that it comes is told that it does not
        month = version.effective_from.isoformat()
        about = {"version": version.version, "effective_from": month}
        _tell(News.RULES_WITHDRAWN, version, at=at, **about)
    return version


@transaction.atomic
def settle_rulebooks(now: datetime) -> list[str]:
    """Write down which scheduled versions are in force by now; a sentence for each.

    They count without it: which version decides a month follows from states and first months.
    """
    begun = RulebookVersion.objects.filter(
        state=RulebookState.SCHEDULED, effective_from__lte=current_month(now)
    )
    found = list(begun.order_by("effective_from", "pk").select_for_update())
    for version in found:
        version.state = RulebookState.IN_FORCE
        version.save(update_fields=["state"])
    return [f"rulebook {version.version} is in force" for version in found]


def locked_consultation(consultation_id: int) -> Consultation:
    """A consultation under its lock, with its version. Raises Consultation.DoesNotExist."""
    found = Consultation.objects.select_for_update(of=("self",)).select_related("version")
    return found.get(pk=consultation_id)


def _tell(news: News, version: RulebookVersion, /, *, at: datetime, **about: Any) -> None:
    agencies_told.send(RulebookVersion, news=news, about={**about, **names_of(version)}, at=at)


def _decidable(version_id: int, *, at: datetime) -> RulebookVersion:
    """A version under its lock that may be decided on: asked about, concluded, not too late."""
    version = locked_version(version_id)
    if version.state != RulebookState.CONSULTATION:
        raise Refused(
            _(
                "Only a version that agencies were asked about can be decided on, once;"
                " this one is: %(state)s."
            )
            % {"state": version.get_state_display()},
            rule="state",
        )
    _refuse_open(version)
    if version.effective_from <= current_month(at):
        raise Refused(
            _(
                "%(month)s, its first month, has begun, and no month changes its rules while it"
                " runs: copy it into a draft with a later first month."
            )
            % {"month": date_format(version.effective_from, "YEAR_MONTH_FORMAT")},
            rule="month",
        )
    return version


def _refuse_open(version: RulebookVersion) -> None:
    if version.consultation.closed_at is None:
        raise Refused(
            _("Its consultation is not concluded: answer the comments and publish the summary."),
            rule="open",
        )


def _both(chinese: str, english: str, most: int, *, rule: str) -> tuple[str, str]:
    """A text in both languages, neither empty nor too long."""
    texts = chinese.strip(), english.strip()
    if not all(0 < len(text) <= most for text in texts):
        raise Refused(
            _("Write it in Chinese and in English, in 1 to %(most)s characters each.")
            % {"most": most},
            rule=rule,
        )
    return texts

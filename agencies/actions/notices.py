"""Public notices of penalties: gathered, worded, published, corrected visibly."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from agencies.actions.transitions import move, record, tell
from agencies.enums import News, NoticeState, Subject
from agencies.models import NoticeEntry, PublicNotice, Violation
from agencies.queries.notices import (
    CITED,
    citable,
    digest_of,
    entries_of,
    propose_wordings,
    refresh,
    shown_entries,
)
from agencies.refusals import Refused

if TYPE_CHECKING:
    from portal.models import User

# More than that nobody proofreads, and no page shows at once.
MOST_ENTRIES = 500


@transaction.atomic
def draft_notice(
    *,
    title: str,
    introduction: str,
    first_day: date,
    last_day: date,
    request_key: UUID,
    at: datetime,
    by: User,
) -> PublicNotice:
    """Gather the standing violations decided in a period into a draft (S, docs/rules.md §8).

    1. The period's days are inclusive; it does not reach into the future.
    2. Of a single day with more than 500, the first 500 that no notice names yet are gathered.
    3. Each entry gets a proposed wording from kind, measures and points.
    4. The same `request_key` again gives the draft that it made.

    Locks the violations by id. Raises Refused: no title, bad period, none or more than 500 found.
    """
    before = PublicNotice.objects.filter(request_key=request_key).first()
    if before is not None:
        return before
    _check_period(first_day, last_day, timezone.localdate(at))
    violations = _gathered(first_day, last_day)
    notice, is_new = PublicNotice.objects.get_or_create(
        request_key=request_key,
        defaults={
            "title": _title(title),
            "introduction": introduction.strip(),
            "first_day": first_day,
            "last_day": last_day,
            "created_by": by,
            "created_at": at,
        },
    )
    if is_new:
        entries = [NoticeEntry(notice=notice, violation=each) for each in violations]
        refresh(entries)
        propose_wordings(entries)
        NoticeEntry.objects.bulk_create(entries)
    return notice


@transaction.atomic
def amend_notice(
    *, notice_id: int, title: str, introduction: str, at: datetime, by: User
) -> PublicNotice:
    """Change title and introduction of a draft; locks it. Raises Refused."""
    notice = _draft(notice_id)
    notice.title, notice.introduction = _title(title), introduction.strip()
    notice.save(update_fields=["title", "introduction"])
    return notice


@transaction.atomic
def discard_notice(*, notice_id: int, at: datetime, by: User) -> None:
    """Delete a draft with its entries; its history keeps what it was. Locks it. Raises Refused."""
    _draft(notice_id).delete()


@transaction.atomic
def edit_entry(*, entry_id: int, wording: str, at: datetime, by: User) -> NoticeEntry:
    """Word an entry of a draft; locks the notice. Raises Refused."""
    entry = _entry_of_draft(entry_id)
    wording = wording.strip()
    if not wording:
        raise Refused(_("An entry needs words: say what was decided."), rule="wording")
    if wording != entry.wording:
        entry.wording = wording
        entry.save(update_fields=["wording"])
        _record_entry(entry, "edit_entry", at=at, by=by)
    return entry


@transaction.atomic
def remove_entry(*, entry_id: int, at: datetime, by: User) -> None:
    """Leave a violation out of a draft; locks the notice. Raises Refused."""
    entry = _entry_of_draft(entry_id)
    _record_entry(entry, "remove_entry", at=at, by=by)
    entry.delete()


@transaction.atomic
def add_entry(*, notice_id: int, violation_id: int, at: datetime, by: User) -> NoticeEntry:
    """Name one more violation of the period in a draft, with the proposed wording.

    Locks the violation, then the notice. Raises Refused.
    """
    violations = Violation.objects.select_related("agency").filter(pk=violation_id)
    violation = violations.select_for_update(no_key=True, of=("self",)).first()
    notice = _draft(notice_id)
    if violation is None:
        raise Refused(_("This case no longer exists: its draft was discarded."), rule="gone")
    period = {"first": date_format(notice.first_day), "last": date_format(notice.last_day)}
    if not citable(notice.first_day, notice.last_day).filter(pk=violation.pk).exists():
        raise Refused(
            _("A notice names what was decided from %(first)s to %(last)s and stands; this is not.")
            % period,
            rule="period",
        )
    if notice.entries.filter(violation=violation).exists():
        raise Refused(
            _("%(case)s is in the notice already.") % {"case": violation.reference}, rule="once"
        )
    _check_number(notice.entries.count() + 1, notice.first_day, notice.last_day)
    entry = NoticeEntry(notice=notice, violation=violation)
    refresh([entry])
    propose_wordings([entry])
    entry.save()
    _record_entry(entry, "add_entry", at=at, by=by)
    return entry


@transaction.atomic
def publish_notice(*, notice_id: int, seen: str, at: datetime, by: User) -> PublicNotice:
    """Publish a draft exactly as it was looked at (S, docs/rules.md §8).

    1. `seen` is the digest of the preview; where anything that the public would read changed since,
       nothing is published. So a violation revoked meanwhile never gets out.
    2. Name, measures and points of each entry are frozen; what was revoked is dropped.
    3. Each agency is told once, and the step is logged with it.

    Locks the violations by id, then the notice. Raises Refused.
    """
    named = NoticeEntry.objects.filter(notice=notice_id).values("violation")
    locked = Violation.objects.filter(pk__in=named).order_by("pk")
    list(locked.select_for_update(no_key=True).values_list("pk", flat=True))
    notice = _draft(notice_id)
    shown = shown_entries(notice)
    if not shown:
        raise Refused(
            _("The notice names no violation: add one, or discard the draft."), rule="empty"
        )
    if digest_of(notice, shown) != seen:
        raise Refused(
            _("What the public would read has changed since you looked. Look again, then publish."),
            rule="changed",
        )
    kept = notice.entries.filter(violation__state__in=CITED)
    notice.entries.exclude(pk__in=kept.values("pk")).delete()
    entries = list(entries_of(notice))
    refresh(entries)
    NoticeEntry.objects.bulk_update(entries, ["agency_name", "measures", "applied"])
    move(notice, "publish", agency_id=None, at=at, by=by, published_at=at, published_by=by)
    _tell_agencies(notice, entries, at=at, by=by)
    return notice


def correct_entries(violation_id: int, *, on: date) -> int:
    """Mark the published entries of a revoked violation as corrected on a day; how many.

    Entries of drafts are removed: they would publish what no longer stands. Runs in the caller's
    transaction, which holds the violation's lock.
    """
    entries = NoticeEntry.objects.filter(violation=violation_id)
    entries.filter(notice__state=NoticeState.DRAFT).delete()
    published = entries.filter(notice__state=NoticeState.PUBLISHED, corrected_on=None)
    return published.update(corrected_on=on)


def _check_period(first_day: date, last_day: date, today: date) -> None:
    if last_day < first_day:
        raise Refused(_("The period ends before it begins: exchange the days."), rule="period")
    if last_day > today:
        raise Refused(
            _("The period reaches into the future: today is %(day)s.")
            % {"day": date_format(today)},
            rule="period",
        )


def _gathered(first_day: date, last_day: date) -> list[Violation]:
    """The period's standing violations, locked by id; Refused for none or too many.

    1. They are counted before any is read, so a long period costs no memory and holds nobody up;
       and again once they are locked, as others may have been decided meanwhile.
    2. A single day cannot be shortened: where it has too many, the first of those that no notice
       names yet are taken, and the next notice takes the next.
    """
    found = citable(first_day, last_day)
    most = MOST_ENTRIES + 1
    number = found.count()
    if first_day == last_day and number > MOST_ENTRIES:
        found, most = found.filter(notice_entries=None), MOST_ENTRIES
        number = min(found.count(), most)
        if not number:
            raise Refused(
                _("Every violation that was decided on %(day)s is in a notice already.")
                % {"day": date_format(first_day)},
                rule="all_named",
            )
    _check_number(number, first_day, last_day)
    locked = found.select_related("agency").select_for_update(no_key=True, of=("self",))
    violations = list(locked.order_by("pk")[:most])
    _check_number(len(violations), first_day, last_day)
    return violations


def _check_number(number: int, first_day: date, last_day: date) -> None:
    period = {"first": date_format(first_day), "last": date_format(last_day)}
    if not number:
        raise Refused(
            _("No violation was decided from %(first)s to %(last)s: choose another period.")
            % period,
            rule="empty",
        )
    if number > MOST_ENTRIES:
        raise Refused(
            _(
                "There are %(number)d violations from %(first)s to %(last)s. A notice names at most"
                " %(most)d: choose a shorter period."
            )
            % {"number": number, "most": MOST_ENTRIES, **period},
            rule="too_many",
        )


def _title(title: str) -> str:
    title = title.strip()
    if not title:
        raise Refused(_("A notice needs a title."), rule="title")
    return title


def _draft(notice_id: int) -> PublicNotice:
    """The notice, locked; Refused unless it is a draft."""
    notices = PublicNotice.objects.select_for_update(no_key=True)
    notice = notices.filter(pk=notice_id).first()
    if notice is None:
        raise Refused(_("This notice no longer exists: its draft was discarded."), rule="gone")
    if notice.state != NoticeState.DRAFT:
        raise Refused(
            _("This notice is published: the public has read it, so it is not rewritten."),
            rule="published",
        )
    return notice


def _entry_of_draft(entry_id: int) -> NoticeEntry:
    """The entry of a draft; notice and entry are locked. Refused where either is gone."""
    notices = NoticeEntry.objects.filter(pk=entry_id).values_list("notice_id", flat=True)
    notice_id = notices.first()
    if notice_id is None:
        raise _entry_gone()
    entries = _draft(notice_id).entries.select_related("violation").filter(pk=entry_id)
    entry = entries.select_for_update(no_key=True, of=("self",)).first()
    if entry is None:
        raise _entry_gone()
    return entry


def _entry_gone() -> Refused:
    return Refused(
        _(
            "This entry is no longer in the notice: it was left out, its case was revoked, or the"
            " draft was discarded."
        ),
        rule="gone",
    )


def _record_entry(entry: NoticeEntry, verb: str, *, at: datetime, by: User) -> None:
    record(
        Subject.NOTICE,
        entry.notice_id,
        verb,
        agency_id=entry.violation.agency_id,
        at=at,
        by=by,
        about={"reference": entry.violation.reference},
    )


def _tell_agencies(
    notice: PublicNotice, entries: list[NoticeEntry], *, at: datetime, by: User
) -> None:
    references: dict[int, list[str]] = defaultdict(list)
    for entry in entries:
        references[entry.violation.agency_id].append(entry.violation.reference)
    for agency_id, named in sorted(references.items()):
        record(
            Subject.NOTICE,
            notice.pk,
            "publish",
            agency_id=agency_id,
            at=at,
            by=by,
            about={"references": named},
            from_state=NoticeState.DRAFT,
            to_state=NoticeState.PUBLISHED,
        )
        tell(
            agency_id,
            News.NOTICE_PUBLISHED,
            at=at,
            notice_id=notice.pk,
            title=notice.title,
            references=named,
        )

"""Titles that the platform grants, and the measure that cancels them."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from agencies.actions.cases import refuse_member
from agencies.actions.transitions import record, tell
from agencies.enums import News, Subject
from agencies.models import Agency, Penalty, Title
from agencies.models.violation import PenaltyQuerySet
from agencies.refusals import Refused

if TYPE_CHECKING:
    from portal.models import User


@transaction.atomic
def grant_title(
    *, agency: Agency, name_zh: str, name_en: str, on: date, at: datetime, by: User
) -> Title:
    """Grant a title, dated the day `on` (S, docs/rules.md §5).

    1. Both names are given; the day is neither in the future nor before the agency joined.
    2. Refused for removed agencies, and while honours are cancelled (says until when).
    3. One title of a Chinese name per agency and day, also where it was withdrawn since.
    4. Nobody grants one to an agency whose member they are.

    Locks the agency. Raises Refused.
    """
    agency = Agency.objects.select_for_update(no_key=True).get(pk=agency.pk)
    refuse_member(by, [agency.pk])
    name_zh, name_en = name_zh.strip(), name_en.strip()
    _check(agency, name_zh, name_en, on, timezone.localdate(at))
    title = Title.objects.create(
        agency=agency, name_zh=name_zh, name_en=name_en, granted_on=on, granted_by=by
    )
    about = {"name_zh": name_zh, "name_en": name_en, "day": on.isoformat()}
    record(Subject.TITLE, title.pk, "grant", agency_id=agency.pk, at=at, by=by, about=about)
    tell(agency.pk, News.TITLE_GRANTED, at=at, title_id=title.pk, **about)
    return title


def _check(agency: Agency, name_zh: str, name_en: str, on: date, today: date) -> None:
    if not (name_zh and name_en):
        raise Refused(_("A title needs its name in Chinese and in English."), rule="names")
    if left := agency.left_by(today):
        raise Refused(
            _("%(agency)s was removed from the platform on %(day)s: it gets no titles.")
            % {"agency": agency.name, "day": date_format(left)},
            rule="removed",
        )
    if on > today:
        raise Refused(
            _("A title cannot be dated in the future: today is %(day)s.")
            % {"day": date_format(today)},
            rule="day",
        )
    if on < agency.joined_on:
        raise Refused(
            _("%(agency)s joined on %(day)s: a title cannot be older than that.")
            % {"agency": agency.name, "day": date_format(agency.joined_on)},
            rule="day",
        )
    _check_honours(agency, today)
    if Title.objects.filter(agency=agency, name_zh=name_zh, granted_on=on).exists():
        raise Refused(
            _("%(agency)s has had the title “%(title)s” of %(day)s already: it is granted once.")
            % {"agency": agency.name, "title": name_zh, "day": date_format(on)},
            rule="once",
        )


def _check_honours(agency: Agency, today: date) -> None:
    cancelled = cancelled_until(agency, today=today)
    if cancelled is None:
        return
    (until,) = cancelled
    if until is None:
        sentence = _(
            "The honours of %(agency)s are cancelled, without an end: it gets no titles unless the"
            " measure is lifted."
        ) % {"agency": agency.name}
    else:
        sentence = _(
            "The honours of %(agency)s are cancelled: it may get titles again from %(day)s on."
        ) % {"agency": agency.name, "day": date_format(until)}
    raise Refused(sentence, rule="honours", until=until)


@transaction.atomic
def withdraw_title(*, title_id: int, reason: str, at: datetime, by: User) -> Title:
    """Withdraw a title as of today; it stays on record with its days (D, docs/rules.md §5).

    The reason is mandatory; once withdrawn, it stays so; members of the agency do not decide. Locks
    the agency, then the title. Raises Refused, Title.DoesNotExist.
    """
    agency_id = Title.objects.values_list("agency_id", flat=True).get(pk=title_id)
    Agency.objects.select_for_update(no_key=True).get(pk=agency_id)
    title = Title.objects.select_for_update(no_key=True).get(pk=title_id)
    refuse_member(by, [agency_id])
    reason = reason.strip()
    if not reason:
        raise Refused(_("Say why the title is withdrawn: the agency reads it."), rule="reason")
    if title.withdrawn_on is not None:
        raise Refused(
            _("This title was withdrawn on %(day)s already.")
            % {"day": date_format(title.withdrawn_on)},
            rule="once",
        )
    title.withdrawn_on = timezone.localdate(at)
    title.save(update_fields=["withdrawn_on"])
    about = {"name_zh": title.name_zh, "name_en": title.name_en}
    about["day"] = title.granted_on.isoformat()
    record(
        Subject.TITLE,
        title.pk,
        "withdraw",
        agency_id=agency_id,
        at=at,
        by=by,
        reason=reason,
        about=about,
    )
    tell(agency_id, News.TITLE_WITHDRAWN, at=at, title_id=title.pk, reason=reason, **about)
    return title


def honours_cancelled(day: date) -> set[int]:
    """The ids of the agencies whose honours are cancelled on a day (S, docs/rules.md §6, §8)."""
    return set(_cancelling(day).order_by().values_list("agency_id", flat=True))


def cancelled_until(agency: Agency, *, today: date) -> tuple[date | None] | None:
    """The first day on which honours count again, None in the tuple for no end; None: they count.

    Of several measures in force the one that ends last decides.
    """
    ends = list(_cancelling(today).filter(agency=agency).values_list("until", flat=True))
    if not ends:
        return None
    return (None,) if None in ends else (max(end for end in ends if end is not None),)


def _cancelling(day: date) -> PenaltyQuerySet:
    return Penalty.objects.in_effect_on(day).cancelling_honours()

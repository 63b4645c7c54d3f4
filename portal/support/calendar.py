"""The business hours and targets of support, as the desk sets them (D, docs/rules.md §5)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time

from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from agencies.enums import Stage
from agencies.refusals import Refused
from portal.models import ServiceDay, ServiceHours, ServiceTarget, User
from portal.support.clock import Span
from scoring.models import RulebookVersion

WEEK = range(7)


@transaction.atomic
def set_hours(*, hours: Mapping[int, Span | None], by: User) -> None:
    """Set the hours of the whole week, 0 for Monday; None closes the weekday.

    1. A weekday closes after it opens; at least one weekday is open.
    2. Questions that wait keep the time that they were promised; later ones go by these hours.

    Raises Refused.
    """
    for weekday, span in hours.items():
        if span is not None and span[1] <= span[0]:
            raise Refused(
                _("%(weekday)s closes before it opens: correct one of the two times.")
                % {"weekday": dict(ServiceHours._meta.get_field("weekday").flatchoices)[weekday]},
                rule="order",
            )
    if not any(hours.values()):
        raise Refused(
            _("A week without any hours would stop every clock: open at least one weekday."),
            rule="closed",
        )
    for weekday in WEEK:
        span = hours.get(weekday)
        if span is None:
            ServiceHours.objects.filter(weekday=weekday).delete()
        else:
            ServiceHours.objects.update_or_create(
                weekday=weekday, defaults={"opens": span[0], "closes": span[1]}
            )


@transaction.atomic
def set_day(
    *, day: date, name: str, opens: time | None, closes: time | None, by: User
) -> ServiceDay:
    """Give a single day other hours than its weekday; both times empty: closed all day.

    A day that is there already gets the new hours. Raises Refused.
    """
    if (opens is None) != (closes is None):
        raise Refused(
            _("Give both times, or none for a day that is closed: %(day)s has only one.")
            % {"day": date_format(day)},
            rule="both",
        )
    if opens is not None and closes is not None and closes <= opens:
        raise Refused(
            _("%(day)s closes before it opens: correct one of the two times.")
            % {"day": date_format(day)},
            rule="order",
        )
    kept, _new = ServiceDay.objects.update_or_create(
        day=day, defaults={"name": name, "opens": opens, "closes": closes}
    )
    return kept


def remove_day(*, day_id: int, by: User) -> None:
    """Let a day follow its weekday again; one that is gone already stays gone."""
    ServiceDay.objects.filter(pk=day_id).delete()


@transaction.atomic
def set_targets(*, minutes: Mapping[str, int], by: User) -> None:
    """Set in how many business minutes each level, and each stage without one, is answered.

    Questions that wait keep the time that they were promised.
    """
    for key, value in minutes.items():
        ServiceTarget.objects.update_or_create(key=key, defaults={"minutes": value})


def target_lines(now: datetime) -> list[tuple[str, str, int | None]]:
    """The key, the name and the minutes of every target, None for one that is not set.

    The levels of the rulebook in force, the highest first, then the stages without one; keys that
    later rules lack stay at the end. Two queries.
    """
    month = timezone.localdate(now).replace(day=1)
    levels = [level.key for level in RulebookVersion.objects.for_month(month).rulebook.levels]
    kept = dict(ServiceTarget.objects.order_by("key").values_list("key", "minutes"))
    names = {key: key for key in reversed(levels)}
    names |= {stage.value: str(stage.label) for stage in (Stage.OBSERVATION, Stage.NOVICE)}
    names |= {key: key for key in kept if key not in names}
    return [(key, name, kept.get(key)) for key, name in names.items()]

"""What stands before a result in the explanation: removal, months that are not out, no result."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from portal.support.why import said
from portal.support.why.facts import Why
from scoring.months import last_day
from scoring.queries.months import Progress


def removed(why: Why) -> Iterator[str]:
    """That the agency was removed, and which result was its last."""
    if not why.removed_on:
        return
    yield _(
        "Your agency was removed from the platform on %(day)s: it has no level since then, and no"
        " new results are published for it."
    ) % {"day": said.on(why.removed_on)}
    if why.month and why.newest:
        yield _("Its last result is that of %(month)s.") % {"month": said.month(why.month)}


def outstanding(why: Why) -> Iterator[str]:
    """That a newer month is not out, or came out without this agency.

    Nothing of months before the agency was there: they bring it no result.
    """
    out = why.publication
    if why.removed_on or (why.results and not why.newest):
        return
    if why.agency.joined_on > last_day(out.expected):
        return
    if why.month and why.month >= out.expected:
        return
    names = {"month": said.month(out.expected), "day": said.on(localtime(out.due_at).date())}
    if out.progress is Progress.UPCOMING:
        time = date_format(localtime(out.due_at), "TIME_FORMAT")
        yield _(
            "The result of %(month)s is not out yet: it is published at %(time)s on %(day)s."
        ) % {
            **names,
            "time": time,
        }
    elif out.progress is Progress.HELD_BACK:
        sentence = _(
            "The result of %(month)s was due on %(day)s; the platform is still checking it and"
            " publishes it as soon as that is done."
        )
        yield sentence % names
    elif why.results:
        yield _("The result of %(month)s is out, but your agency has none in it.") % names
    if why.month:
        yield _("This is about %(month)s, the newest result of your agency.") % {
            "month": said.month(why.month)
        }


def without_result(why: Why) -> Iterator[str]:
    """That there is nothing yet, and when there will be, unless that time is over."""
    yield _("There is no published result of your agency yet, so it has no level.")
    if why.novice and why.novice.there and why.novice.first_result_on >= why.today:
        yield joined(why)
        yield first_assessed(why)


def joined(why: Why) -> str:
    """What the novice stage is, and since when the agency is there."""
    return _(
        "Your agency joined on %(day)s. The first months after joining are the novice stage, which"
        " is not assessed: no points, no level, no place on the boards."
    ) % {"day": said.on(why.agency.joined_on)}


def first_assessed(why: Why) -> str:
    """Which month is assessed first; "" where no rules say so."""
    term = why.novice
    if term is None:
        return ""
    return _("The first assessed month is %(month)s, with its result on %(day)s.") % {
        "month": said.month(term.first_assessed),
        "day": said.on(term.first_result_on),
    }

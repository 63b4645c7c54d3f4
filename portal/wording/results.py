"""The sentences of news about results, risks and disputed data."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _

from agencies.enums import News
from portal.wording.phrases import Phrase, Phrases

# What a sentence names that compares a result with that of the month before.
COMPARED: Final = ("month", "now", "before")

RESULTS: Final[Phrases] = {
    News.LEVEL_CHANGED: (
        Phrase(
            _(
                "The result of %(month)s was corrected: %(now)s instead of %(before)s."
                " Reason: %(cause)s."
            ),
            ("month", "now", "before", "corrected", "cause"),
        ),
        Phrase(
            _("The result of %(month)s was corrected: %(now)s instead of %(before)s."),
            ("month", "now", "before", "corrected"),
        ),
        Phrase(
            _(
                "Result of %(month)s: %(now)s; the month before: %(before)s. Service power was"
                " %(service)s, below %(service_floor)s, and credit %(credit)s, below"
                " %(credit_floor)s: that gives no level."
            ),
            (*COMPARED, "of_both", "service", "service_floor", "credit", "credit_floor"),
        ),
        Phrase(
            _(
                "Result of %(month)s: %(now)s; the month before: %(before)s. Service power was"
                " %(service)s, below %(service_floor)s: that gives no level."
            ),
            (*COMPARED, "of_service", "service", "service_floor"),
        ),
        Phrase(
            _(
                "Result of %(month)s: %(now)s; the month before: %(before)s. Credit was"
                " %(credit)s, below %(credit_floor)s: that gives no level."
            ),
            (*COMPARED, "of_credit", "credit", "credit_floor"),
        ),
        Phrase(
            _(
                "Result of %(month)s: %(now)s; the month before: %(before)s. Service power and"
                " credit reach their floors again."
            ),
            (*COMPARED, "of_floors_reached"),
        ),
        Phrase(
            _(
                "Result of %(month)s: %(now)s; the month before: %(before)s. The novice months are"
                " over: this is the first assessment."
            ),
            (*COMPARED, "of_first_assessment"),
        ),
        Phrase(
            _(
                "Result of %(month)s: %(now)s; the month before: %(before)s. No open appeal held"
                " the level any more."
            ),
            (*COMPARED, "of_hold_over"),
        ),
        Phrase(
            _(
                "Result of %(month)s: %(now)s; the month before: %(before)s. New rules count from"
                " this month on: the page parts what they changed from what your figures did."
            ),
            (*COMPARED, "of_rules"),
        ),
        Phrase(
            _(
                "Result of %(month)s: %(now)s; the month before: %(before)s. What moved most:"
                " %(indicator)s, points %(points)s."
            ),
            (*COMPARED, "of_indicator", "indicator", "points"),
        ),
        Phrase(_("Result of %(month)s: %(now)s; the month before: %(before)s."), COMPARED),
        Phrase(_("Result of %(month)s: %(now)s."), ("month", "now")),
    ),
    News.RESULT_PUBLISHED: (
        Phrase(
            _(
                "Result of %(month)s: %(now)s as before. Points: %(total)s; the month before:"
                " %(total_before)s."
            ),
            ("month", "now", "total", "total_before"),
        ),
        Phrase(_("Result of %(month)s: %(now)s. Points: %(total)s."), ("month", "now", "total")),
        Phrase(_("Result of %(month)s: %(now)s."), ("month", "now")),
    ),
    News.RESULT_CORRECTED: (
        Phrase(
            _(
                "The result of %(month)s was corrected: %(total)s points instead of"
                " %(total_before)s. Level and stage stay. Reason: %(cause)s."
            ),
            ("month", "total", "total_before", "cause"),
        ),
        Phrase(_("The result of %(month)s was corrected."), ("month",)),
    ),
    News.DISPUTE_ANSWERED: (
        Phrase(
            _("Creator %(creator_code)s in %(month)s: %(verdict)s. %(answer)s"),
            ("creator_code", "month", "verdict", "answer"),
        ),
    ),
    News.DISPUTE_CORRECTED: (
        Phrase(
            _("Creator %(creator_code)s in %(month)s: the data are as they should be now."),
            ("creator_code", "month"),
        ),
    ),
    News.AT_RISK: (
        Phrase(
            _(
                "By what is known today, credit is %(foreseen)s on %(day)s. Below %(threshold)s,"
                " %(month)s gives no level."
            ),
            ("of_credit_low", "foreseen", "day", "threshold", "month"),
        ),
        Phrase(
            _(
                "Credit was %(value)s on the last day of %(month)s, below %(threshold)s: that month"
                " gives no level."
            ),
            ("of_credit_low", "value", "threshold", "month"),
        ),
        Phrase(
            _(
                "Under the rules %(rules)s, service power of %(month)s would be %(value)s points,"
                " below %(threshold)s: %(level)s would be lost."
            ),
            ("of_service_low", "rules", "value", "threshold", "month", "level"),
        ),
        Phrase(
            _(
                "Service power for %(month)s is at %(value)s points, below %(threshold)s:"
                " %(level)s would be lost."
            ),
            ("of_service_low", "value", "threshold", "month", "level"),
        ),
        Phrase(
            _(
                "Under the rules %(rules)s, %(month)s would have %(value)s points, and %(level)s"
                " begins at %(threshold)s."
            ),
            ("of_level_fall", "rules", "value", "threshold", "month", "level"),
        ),
        Phrase(
            _(
                "%(month)s leads to %(value)s points, and %(level)s begins at %(threshold)s. It"
                " would be %(to_level)s."
            ),
            ("of_level_fall", "value", "threshold", "month", "level", "to_level"),
        ),
        Phrase(
            _("%(month)s leads to %(value)s points, and %(level)s begins at %(threshold)s."),
            ("of_level_fall", "value", "threshold", "month", "level"),
        ),
        Phrase(
            _(
                "Credit of %(day)s is %(value)s, below %(threshold)s, and only an open appeal"
                " (%(cases)s) holds %(level)s."
            ),
            ("of_level_held", "value", "threshold", "day", "level", "cases"),
        ),
    ),
}

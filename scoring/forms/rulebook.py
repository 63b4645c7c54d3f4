"""The parts of a rulebook that are single values: names, stages, periods, credit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from scoring.forms.rulebook_fields import (
    LineField,
    MonthField,
    NumberField,
    ShareField,
    TickField,
    WholeField,
)
from scoring.forms.rulebook_part import PartForm, RowSet, row_set
from scoring.rulebook import (
    Appeals,
    Ban,
    Bindings,
    Credit,
    Gate,
    Rulebook,
    Stages,
    StarPlan,
    Text,
)
from scoring.rulebook.parsing import (
    MOST_CREATORS,
    MOST_CREDIT,
    MOST_DAYS,
    MOST_FOLLOWERS,
    MOST_POINTS,
)
from scoring.rulebook.reading import MOST_ITEMS

NO_LIMIT = gettext_lazy("Empty: no limit.")
VERSION_LENGTH = 64


class NamingForm(PartForm):
    """How a version is called, and from which data month on it counts."""

    groups = (
        (gettext_lazy("Version"), ("version", "effective_from")),
        (gettext_lazy("Title"), ("title_zh", "title_en")),
    )

    version = LineField(
        gettext_lazy("Version name"),
        limit=VERSION_LENGTH,
        help_text=gettext_lazy("Short and never used before, for example 2027.1."),
    )
    effective_from = MonthField(gettext_lazy("Counts from the data month"))
    title_zh = LineField(gettext_lazy("Title of the rules in Chinese"))
    title_en = LineField(gettext_lazy("Title of the rules in English"))

    def begin(self) -> Mapping[str, Any]:
        return {
            "version": self.rulebook.version,
            "effective_from": self.rulebook.effective_from,
            "title_zh": self.rulebook.title.zh,
            "title_en": self.rulebook.title.en,
        }

    def result(self) -> Rulebook:
        given = self.cleaned_data
        return replace(
            self.rulebook,
            version=given["version"],
            effective_from=given["effective_from"],
            title=Text(given["title_zh"], given["title_en"]),
        )


class StagesForm(PartForm):
    """When an agency is assessed, and what it may bind until then."""

    groups = (
        (gettext_lazy("Novice stage"), ("novice_months",)),
        (gettext_lazy("Floors of the assessed stage"), ("service_floor", "credit_floor")),
        (
            gettext_lazy("While novice or in observation"),
            ("binding_cap", "followers_below"),
        ),
    )

    novice_months = WholeField(
        gettext_lazy("Months of the novice stage"),
        0,
        120,
        help_text=gettext_lazy("The month of joining counts as the first; 0: no novice stage."),
    )
    service_floor = NumberField(
        gettext_lazy("Service points of at least"), 0, MOST_POINTS, decimals=2
    )
    credit_floor = WholeField(gettext_lazy("Credit of at least"), 0, MOST_CREDIT)
    binding_cap = WholeField(
        gettext_lazy("Bound creators at most"), 0, MOST_CREATORS, required=False, help_text=NO_LIMIT
    )
    followers_below = WholeField(
        gettext_lazy("Only creators with fewer followers than"),
        1,
        MOST_FOLLOWERS,
        required=False,
        help_text=NO_LIMIT,
    )

    def begin(self) -> Mapping[str, Any]:
        return vars(self.rulebook.stages)

    def result(self) -> Rulebook:
        return replace(self.rulebook, stages=Stages(**self.cleaned_data))


class GeneralForm(PartForm):
    """Bonus, check before publication, appeals, bindings, Star Source plan."""

    groups = (
        (gettext_lazy("Bonus"), ("bonus_cap",)),
        (gettext_lazy("Check before publication"), ("max_jump_share",)),
        (gettext_lazy("Appeals"), ("appeal_days", "hold_fall")),
        (gettext_lazy("Unbinding"), ("silence_days",)),
        (
            gettext_lazy("Star Source plan"),
            ("preparation_days", "trial_days", "development_days"),
        ),
    )

    bonus_cap = NumberField(
        gettext_lazy("The bonus counts up to (points)"), 0, MOST_POINTS, decimals=2
    )
    max_jump_share = ShareField(
        gettext_lazy("Agencies that move by more than one level, per cent"),
        low=0,
        high=100,
        help_text=gettext_lazy("With a larger share, publication waits for a decision."),
    )
    appeal_days = WholeField(gettext_lazy("Days for an appeal after the decision"), 1, MOST_DAYS)
    hold_fall = TickField(gettext_lazy("An open appeal holds back a fall of the level"))
    silence_days = WholeField(
        gettext_lazy("Days of silence after which an unbinding is granted"), 1, MOST_DAYS
    )
    preparation_days = WholeField(gettext_lazy("Days of preparation"), 1, MOST_DAYS)
    trial_days = WholeField(gettext_lazy("Days of trial, up to the first live"), 1, MOST_DAYS)
    development_days = WholeField(
        gettext_lazy("Days of development, from the first live on"), 1, MOST_DAYS
    )

    def begin(self) -> Mapping[str, Any]:
        return {
            "bonus_cap": self.rulebook.bonus_cap,
            "max_jump_share": self.rulebook.gate.max_jump_share,
            "appeal_days": self.rulebook.appeals.days,
            "hold_fall": self.rulebook.appeals.hold_fall,
            "silence_days": self.rulebook.bindings.silence_days,
            **vars(self.rulebook.star_plan),
        }

    def result(self) -> Rulebook:
        given = self.cleaned_data
        return replace(
            self.rulebook,
            bonus_cap=given["bonus_cap"],
            gate=Gate(given["max_jump_share"]),
            appeals=Appeals(given["appeal_days"], given["hold_fall"]),
            bindings=Bindings(given["silence_days"]),
            star_plan=StarPlan(
                given["preparation_days"], given["trial_days"], given["development_days"]
            ),
        )


class BanForm(forms.Form):
    """A balance below so many points stops new bindings for so many days."""

    below = WholeField(gettext_lazy("Balance below"), 1, MOST_CREDIT)
    days = WholeField(gettext_lazy("Days without new bindings"), 1, MOST_DAYS)


class BanRows(RowSet):
    """Bans in any order; each balance has one."""

    def clean(self) -> None:
        """Refuse a second ban of one balance."""
        seen: set[int] = set()
        for row in self.kept():
            below = row.cleaned_data.get("below")
            if below in seen:
                row.add_error("below", _("There is a ban below this balance already."))
            elif below is not None:
                seen.add(below)


class CreditForm(PartForm):
    """The credit account and what a low balance forbids."""

    row_set = row_set(BanForm, BanRows, most=MOST_ITEMS)
    look = "scoring/_staff_rulebook_bans.html"
    groups = (
        (gettext_lazy("Balance"), ("opening", "cap")),
        (gettext_lazy("Way back"), ("restore_points", "restore_clean_days")),
    )

    opening = WholeField(gettext_lazy("Opening balance"), 0, MOST_CREDIT)
    cap = WholeField(gettext_lazy("Credit is never above"), 1, MOST_CREDIT)
    restore_points = WholeField(gettext_lazy("Points given back"), 0, MOST_CREDIT)
    restore_clean_days = WholeField(gettext_lazy("after days without a deduction"), 1, MOST_DAYS)

    def begin(self) -> Mapping[str, Any]:
        return vars(self.rulebook.credit)

    def begin_rows(self) -> list[dict[str, Any]]:
        return [dict(vars(ban)) for ban in self.rulebook.credit.bans]

    def clean(self) -> dict[str, Any]:
        """Refuse an opening balance that the cap does not allow."""
        given = super().clean() or self.cleaned_data
        opening, cap = given.get("opening"), given.get("cap")
        if opening is not None and cap is not None and opening > cap:
            self.add_error(
                "opening",
                _("The opening balance is above the cap of %(cap)s: lower it or raise the cap.")
                % {"cap": cap},
            )
        return given

    def result(self) -> Rulebook:
        assert self.rows is not None
        bans = sorted(
            (Ban(row["below"], row["days"]) for row in self.rows.cleaned()),
            key=lambda ban: -ban.below,
        )
        return replace(self.rulebook, credit=Credit(**self.cleaned_data, bans=tuple(bans)))

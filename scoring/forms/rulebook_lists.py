"""The parts of a rulebook that are lists: levels, benefits, kinds of violations."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agencies.enums import ViolationKind as Kind
from scoring.forms.rulebook import NO_LIMIT
from scoring.forms.rulebook_fields import (
    KeyField,
    LineField,
    NumberField,
    OneOfField,
    SourceField,
    TickField,
    WholeField,
)
from scoring.forms.rulebook_part import PartForm, RowSet, row_set
from scoring.queries.rules.clause import in_language
from scoring.queries.rules.conduct import MEASURE_NAMES
from scoring.queries.rules.level import FAMILY_NAMES
from scoring.rulebook import (
    EVERYONE,
    MEASURES,
    VIOLATION_KINDS,
    Benefit,
    Level,
    Rulebook,
    Text,
    ViolationKind,
)
from scoring.rulebook.parsing import (
    MOST_CREATORS,
    MOST_CREDIT,
    MOST_FOLLOWERS,
    MOST_LEVELS,
    MOST_POINTS,
)

# Each has eight fields, and a form of more than a thousand is not read.
MOST_BENEFITS = 100


class LevelForm(forms.Form):
    """A level: from this total, and what may be bound with it."""

    min_total = NumberField(gettext_lazy("From a total of"), 0, MOST_POINTS, decimals=2)
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


class LevelRows(RowSet):
    """Levels from V1 upwards, numbered by their rows."""

    def clean(self) -> None:
        """Refuse gaps, a first cut-off other than 0, and cut-offs that do not rise."""
        kept = self.kept()
        if not kept:
            raise forms.ValidationError(_("There must be at least the level V1."))
        before: Decimal | None = None
        for number, row in enumerate(kept):
            total = row.cleaned_data.get("min_total")
            if total is None:
                continue
            if number == 0 and total != 0:
                row.add_error("min_total", _("V1 begins with 0: every total has a level."))
            elif before is not None and total <= before:
                row.add_error(
                    "min_total",
                    _("This must be above the %(before)s of the level beneath.")
                    % {"before": f"{before.normalize():f}"},
                )
            before = total
        if self.forms[: len(kept)] != kept:
            raise forms.ValidationError(
                _("Only the highest level can be removed, as levels are numbered without gaps.")
            )


class LevelsForm(PartForm):
    """The levels; a benefit keeps those it names."""

    row_set = row_set(LevelForm, LevelRows, most=MOST_LEVELS)
    look = "scoring/_staff_rulebook_levels.html"

    def begin_rows(self) -> list[dict[str, Any]]:
        return [dict(vars(level)) for level in self.rulebook.levels]

    def check(self) -> None:
        """Refuse to remove a level that a benefit begins or ends with."""
        assert self.rows is not None
        there = {EVERYONE, None, *(f"V{n}" for n, _row in enumerate(self.rows.kept(), start=1))}
        for benefit in self.rulebook.benefits:
            if not {benefit.from_level, benefit.to_level} <= there:
                self.add_error(
                    None,
                    _(
                        "The benefit “%(benefit)s” names a level that is removed here. Change the"
                        " benefit first."
                    )
                    % {"benefit": in_language(benefit.title)},
                )

    def result(self) -> Rulebook:
        assert self.rows is not None
        levels = tuple(
            Level(f"V{number}", row["min_total"], row["binding_cap"], row["followers_below"])
            for number, row in enumerate(self.rows.cleaned(), start=1)
        )
        return replace(self.rulebook, levels=levels)


class BenefitForm(forms.Form):
    """A benefit, who has it, and its names."""

    title_zh = LineField(gettext_lazy("Name in Chinese"))
    title_en = LineField(gettext_lazy("Name in English"))
    key = KeyField(gettext_lazy("Key"))
    family = OneOfField(gettext_lazy("Family"), FAMILY_NAMES.items())
    from_level = OneOfField(gettext_lazy("From level"), ())
    to_level = OneOfField(gettext_lazy("Up to level"), (), required=False)
    source = SourceField()

    def __init__(self, *args: Any, levels: tuple[str, ...], **options: Any) -> None:
        super().__init__(*args, **options)
        named = [(level, level) for level in levels]
        self.fields["from_level"].choices = [  # type: ignore[attr-defined]
            ("", _("– choose –")),
            (EVERYONE, _("everyone")),
            *named,
        ]
        highest = ("", _("the highest level"))
        self.fields["to_level"].choices = [highest, *named]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Refuse an end below the beginning; levels V1 to V9 compare by their names."""
        given = super().clean() or self.cleaned_data
        lowest, highest = given.get("from_level"), given.get("to_level")
        if lowest and highest and lowest != EVERYONE and highest < lowest:
            self.add_error(
                "to_level",
                _("This must not be below %(level)s, from which it is given.") % {"level": lowest},
            )
        return given


class BenefitRows(RowSet):
    """Benefits, each with a key of its own."""

    def clean(self) -> None:
        """Refuse a key twice."""
        seen: set[str] = set()
        for row in self.kept():
            key = row.cleaned_data.get("key")
            if key in seen:
                row.add_error("key", _("Another benefit has this key already."))
            elif key:
                seen.add(key)


class BenefitsForm(PartForm):
    """The benefits, in the order in which they are told."""

    row_set = row_set(BenefitForm, BenefitRows, most=MOST_BENEFITS)
    look = "scoring/_staff_rulebook_benefits.html"

    def row_options(self) -> dict[str, Any]:
        return {"levels": tuple(level.key for level in self.rulebook.levels)}

    def begin_rows(self) -> list[dict[str, Any]]:
        return [
            {**vars(each), "title_zh": each.title.zh, "title_en": each.title.en}
            for each in self.rulebook.benefits
        ]

    def result(self) -> Rulebook:
        assert self.rows is not None
        benefits = tuple(
            Benefit(
                key=row["key"],
                family=row["family"],
                from_level=row["from_level"],
                to_level=row["to_level"] or None,
                title=Text(row["title_zh"], row["title_en"]),
                source=row["source"],
            )
            for row in self.rows.cleaned()
        )
        return replace(self.rulebook, benefits=benefits)


class KindForm(forms.Form):
    """What is proposed for a kind of violation, where the rulebook has it."""

    kind = forms.ChoiceField(choices=Kind.choices, widget=forms.HiddenInput)
    included = TickField(gettext_lazy("In this rulebook"))
    title_zh = LineField(gettext_lazy("Name in Chinese"), required=False)
    title_en = LineField(gettext_lazy("Name in English"), required=False)
    points = WholeField(gettext_lazy("Credit points to deduct"), 0, MOST_CREDIT, required=False)
    measures = forms.MultipleChoiceField(
        label=gettext_lazy("Measures"),
        choices=[(each, MEASURE_NAMES[each]) for each in MEASURES],
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def clean(self) -> dict[str, Any]:
        """Ask for everything where the kind is in the rulebook."""
        given = super().clean() or self.cleaned_data
        if given.get("included"):
            for name in ("title_zh", "title_en", "points"):
                if name not in self.errors and given.get(name) in (None, ""):
                    self.add_error(name, self.fields[name].error_messages["required"])
        return given

    @property
    def heading(self) -> str:
        """What the announcements or this product call the kind."""
        kind = self["kind"].value()
        return str(dict(Kind.choices).get(kind, kind))


class KindRows(RowSet):
    """The kinds that are known, each once."""

    def clean(self) -> None:
        """Refuse a kind twice; only a form that was tampered with has one."""
        kinds = [row.cleaned_data.get("kind") for row in self.kept()]
        if len(set(kinds)) != len(kinds):
            raise forms.ValidationError(_("Each kind of violation has one entry."))


class ViolationsForm(PartForm):
    """The kinds of violations, those of the rulebook first."""

    row_set = row_set(KindForm, KindRows, most=len(VIOLATION_KINDS), fixed=True)
    look = "scoring/_staff_rulebook_violations.html"

    def begin_rows(self) -> list[dict[str, Any]]:
        found = [
            {
                "kind": each.kind,
                "included": True,
                "title_zh": each.title.zh,
                "title_en": each.title.en,
                "points": each.points,
                "measures": list(each.measures),
            }
            for each in self.rulebook.violations
        ]
        there = {each.kind for each in self.rulebook.violations}
        return found + [{"kind": kind} for kind in VIOLATION_KINDS if kind not in there]

    def result(self) -> Rulebook:
        assert self.rows is not None
        stored = {each.kind: each.measures for each in self.rulebook.violations}
        violations = tuple(
            ViolationKind(
                kind=row["kind"],
                title=Text(row["title_zh"], row["title_en"]),
                points=row["points"],
                measures=_ordered(row["measures"], stored.get(row["kind"], ())),
            )
            for row in self.rows.cleaned()
            if row["included"]
        )
        return replace(self.rulebook, violations=violations)


def _ordered(chosen: list[str], stored: tuple[str, ...]) -> tuple[str, ...]:
    """The chosen measures in the order of the stored ones, which a form does not show."""
    kept = tuple(each for each in stored if each in chosen)
    return kept + tuple(each for each in MEASURES if each in chosen and each not in kept)

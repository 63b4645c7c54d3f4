"""The forms over the parts of a rulebook: what they keep, and what they say of what they refuse."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.utils import translation
from hypothesis import given, settings

from scoring.forms.rulebook_part import PartForm, with_one_more_row
from scoring.forms.rulebook_parts import form_of, part_of, parts, parts_of_section
from scoring.queries.rules import sections
from scoring.rulebook import INDICATOR_KEYS, Ban, Knot, Rulebook
from tests.factories.rulebooks import any_rulebook, rules
from tests.scoring.rulebook_sent import filled, posted, sent

AMOUNT = ("indicator", "settled_amount")


def faults(form: PartForm) -> dict[str, list[str]]:
    """What is said at which field; "" stands for the form, "rows" for the list as a whole."""
    assert not form.is_valid()
    found = {name.replace("__all__", ""): list(said) for name, said in form.errors.items()}
    for row in form.rows.forms if form.rows is not None else []:
        found |= {f"{row.prefix}-{name}": list(said) for name, said in row.errors.items()}
    if form.rows is not None and form.rows.non_form_errors():
        found["rows"] = list(form.rows.non_form_errors())
    return found


def result(form: PartForm) -> Rulebook:
    assert form.is_valid(), faults(form)
    return form.result()


def test_there_is_a_form_for_each_part_of_the_rules() -> None:
    assert [part.key for part in parts() if part.key] == list(INDICATOR_KEYS)
    assert [part.name for part in parts() if not part.key] == [
        *("naming", "stages", "levels", "benefits", "credit", "violations", "general"),
    ]
    assert part_of("indicator", "") is None
    assert part_of("stages", "settled_amount") is None


def test_every_section_that_holds_numbers_names_its_parts() -> None:
    without = [each.key for each in sections(rules()) if not list(parts_of_section(each.key))]
    assert without == ["scores", "boards"]


@settings(max_examples=8)
@given(any_rulebook())
def test_a_form_that_is_sent_back_unchanged_changes_nothing(book: Rulebook) -> None:
    for part in parts():
        assert result(filled(book, part.name, part.key)) == book


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_numbers_are_shown_alike_in_both_languages(language: str) -> None:
    with translation.override(language):
        for part in parts():
            assert result(filled(rules(), part.name, part.key)) == rules()


def test_knots_are_taken_by_rising_value_and_blank_rows_left_out() -> None:
    typed = {
        "rows-0-DELETE": "on",
        "rows-1-value": "50,000",
        "rows-2-value": "",
        "rows-2-points": " ",
        "rows-6-value": "10",
        "rows-6-points": "0.25",
    }
    changed = result(filled(rules(), *AMOUNT, **typed)).indicator("settled_amount")
    assert changed.knots[:3] == (
        Knot(Decimal(10), Decimal("0.25")),
        Knot(Decimal(50_000), Decimal(40)),
        Knot(Decimal(5_000_000), Decimal(150)),
    )


def test_shares_are_typed_in_per_cent() -> None:
    form = filled(rules(), "indicator", "showcase_share", **{"rows-1-value": "6.25"})
    assert result(form).indicator("showcase_share").knots[1].value == Decimal("0.0625")
    assert result(filled(rules(), "general", max_jump_share="7.5")).gate.max_jump_share == Decimal(
        "0.075"
    )


def test_bans_are_kept_with_the_mildest_first() -> None:
    form = filled(rules(), "credit", **{"rows-2-below": "100", "rows-2-days": "7"})
    assert result(form).credit.bans == (Ban(100, 7), Ban(80, 30), Ban(40, 60))


def test_a_sixth_level_and_then_its_benefit() -> None:
    taller = result(filled(rules(), "levels", **{"rows-5-min_total": "1000"}))
    assert [level.key for level in taller.levels] == ["V1", "V2", "V3", "V4", "V5", "V6"]
    assert taller.levels[5].binding_cap is None
    form = filled(taller, "benefits", **{"rows-3-from_level": "V6"})
    assert result(form).benefits[3].from_level == "V6"


def test_kinds_leave_and_come_back() -> None:
    fewer = result(filled(rules(), "violations", **{"rows-0-included": None}))
    assert [kind.kind for kind in fewer.violations][:2] == ["impersonation", "false_information"]
    back = {
        "rows-6-included": "on",
        "rows-6-title_zh": "纠纷",
        "rows-6-title_en": "Disputes",
        "rows-6-points": "5",
        "rows-6-measures": ["removal", "warning"],
    }
    kind = result(filled(fewer, "violations", **back)).violations[-1]
    assert (kind.kind, kind.points) == ("dispute", 5)
    assert kind.measures == ("warning", "removal")


NUMBER = "Write a number with the digits 0 to 9, for example 1234.5."


@pytest.mark.parametrize(
    ("part", "typed", "said"),
    [
        (("stages",), {"novice_months": "9" * 5_000}, {"novice_months": [NUMBER]}),
        (("stages",), {"service_floor": "9" * 1_000_001}, {"service_floor": [NUMBER]}),
        (
            AMOUNT,
            {"rows-2-value": "100000"},
            {"rows-2-value": ["Another row has this value already."]},
        ),
        (
            AMOUNT,
            {"rows-2-points": "39.5"},
            {"rows-2-points": ["Points never fall as the value rises: the value before has 40."]},
        ),
        (AMOUNT, {"rows-1-value": "1e5"}, {"rows-1-value": [NUMBER]}),
        (AMOUNT, {"rows-1-value": "１００"}, {"rows-1-value": [NUMBER]}),
        (AMOUNT, {"rows-1-value": "1,00"}, {"rows-1-value": [NUMBER]}),
        (AMOUNT, {"rows-1-value": ""}, {"rows-1-value": ["This field is required."]}),
        (
            AMOUNT,
            {"rows-1-points": "10000.5"},
            {"rows-1-points": ["Ensure this value is less than or equal to 10000."]},
        ),
        (
            AMOUNT,
            {"rows-1-value": "0.0000001"},
            {"rows-1-value": ["Ensure that there are no more than 6 decimal places."]},
        ),
        (
            AMOUNT,
            {f"rows-{n}-DELETE": "on" for n in range(6)},
            {"rows": ["A curve needs at least one row."]},
        ),
        (
            ("stages",),
            {"novice_months": "2.5", "binding_cap": "-1"},
            {
                "novice_months": ["Write a whole number."],
                "binding_cap": ["Ensure this value is greater than or equal to 0."],
            },
        ),
        (
            ("naming",),
            {"effective_from": "2027-13", "title_en": "a\x01b"},
            {
                "effective_from": ["Write the month as YYYY-MM, for example 2027-01."],
                "title_en": ["Write one line without control characters."],
            },
        ),
        (
            ("credit",),
            {"opening": "151"},
            {
                "opening": [
                    "The opening balance is above the cap of 150: lower it or raise the cap."
                ]
            },
        ),
        (
            ("credit",),
            {"rows-1-below": "80"},
            {"rows-1-below": ["There is a ban below this balance already."]},
        ),
        (
            ("levels",),
            {"rows-0-min_total": "1", "rows-2-min_total": "400"},
            {
                "rows-0-min_total": ["V1 begins with 0: every total has a level."],
                "rows-2-min_total": ["This must be above the 400 of the level beneath."],
            },
        ),
        (
            ("levels",),
            {"rows-1-DELETE": "on"},
            {
                "rows": [
                    "Only the highest level can be removed, as levels are numbered without gaps."
                ]
            },
        ),
        (
            ("levels",),
            {"rows-4-DELETE": "on", "rows-3-DELETE": "on", "rows-2-DELETE": "on"},
            {
                "": [
                    f"The benefit “{name}” names a level that is removed here. Change the benefit"
                    " first."
                    for name in [
                        *("Growth-agency community", "Key-agency community"),
                        *("Dedicated operations contact", "Dedicated customer-service follow-up"),
                        "Unlimited number of bound creators",
                        "May bind creators with 5 million followers or more",
                        "Exclusive formats in big promotions",
                        "Admission to celebrity live rooms",
                        *("Earmarked operations resources", "Publicity for board places"),
                        "Publicity for honours and titles",
                    ]
                ]
            },
        ),
        (
            ("levels",),
            {f"rows-{n}-DELETE": "on" for n in range(5)},
            {"rows": ["There must be at least the level V1."]},
        ),
        (
            ("benefits",),
            {"rows-1-to_level": "V1", "rows-2-key": "growth_community", "rows-3-key": "Key 3"},
            {
                "rows-1-to_level": ["This must not be below V2, from which it is given."],
                "rows-2-key": ["Another benefit has this key already."],
                "rows-3-key": [
                    "Begin with a letter and use only a–z, 0–9 and _, for example"
                    " dedicated_operations."
                ],
            },
        ),
        (
            ("benefits",),
            {"rows-12-key": "new"},
            {
                f"rows-12-{name}": ["This field is required."]
                for name in ("title_zh", "title_en", "family", "from_level", "source")
            },
        ),
        (
            ("violations",),
            {"rows-0-title_en": "", "rows-1-points": ""},
            {
                "rows-0-title_en": ["This field is required."],
                "rows-1-points": ["This field is required."],
            },
        ),
        (
            ("violations",),
            {"rows-0-kind": "other"},
            {"rows": ["Each kind of violation has one entry."]},
        ),
        (
            ("general",),
            {"max_jump_share": "100.5"},
            {"max_jump_share": ["Ensure this value is less than or equal to 100."]},
        ),
    ],
)
def test_what_is_refused_is_said_where_it_was_typed(
    part: tuple[str, ...], typed: dict[str, Any], said: dict[str, list[str]]
) -> None:
    assert faults(filled(rules(), *part, **typed)) == said


def test_what_only_the_reader_of_the_file_refuses_is_told_with_its_place() -> None:
    longest = replace(rules(), version="9" * 65)  # of a part that this form does not show
    assert faults(filled(longest, "stages")) == {
        "": [
            "The rulebook would not be valid. version: may have 64 characters at most; this has 65"
        ]
    }


def test_the_picture_shows_what_was_typed_right_or_not() -> None:
    form: Any = filled(rules(), "indicator", "reputation", **{"rows-1-points": "199"})
    assert [knot.points for knot in form.typed_knots] == [0, 199, 150, 175, 200]
    broken: Any = filled(rules(), "indicator", "reputation", **{"rows-1-points": "x"})
    assert [knot.points for knot in broken.typed_knots] == [0, 150, 175, 200]
    part = part_of("indicator", "reputation")
    assert part is not None
    begun: Any = form_of(part, rules())
    assert begun.typed_knots == rules().indicator("reputation").knots


def test_one_more_row_keeps_what_was_typed() -> None:
    part = part_of(*AMOUNT)
    assert part is not None
    data = posted(sent(form_of(part, rules()), **{"rows-6-value": "7"}))
    more = with_one_more_row(data)
    assert (data["rows-TOTAL_FORMS"], more["rows-TOTAL_FORMS"]) == ("7", "8")
    form = form_of(part, rules(), more)
    assert form.rows is not None
    assert [row["value"].value() for row in form.rows][6:] == ["7", None]
    assert with_one_more_row(posted({"rows-TOTAL_FORMS": "many"}))["rows-TOTAL_FORMS"] == "many"

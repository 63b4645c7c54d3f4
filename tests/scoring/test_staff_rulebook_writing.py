"""Writing rules at the staff's desk: copies, files, and each part of a draft."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from scoring.enums import RulebookState
from scoring.forms.rulebook_parts import form_of, part_of, parts
from scoring.models import RulebookVersion
from scoring.rulebook import Knot, Rulebook
from scoring.rulebook_text import toml_of
from tests.agencies.desk import closed_to_support, queries, refused_to_outsiders, said, told
from tests.factories.cases import AT
from tests.factories.rulebooks import draft, rules, with_knots
from tests.factories.staff import operator, signed_in
from tests.scoring.rulebook_sent import Sent, sent

pytestmark = pytest.mark.django_db
IMPORT = "/staff/rulebooks/import/"


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def desk() -> Client:
    return signed_in(operator(name="Wang"))


@pytest.fixture
def version() -> RulebookVersion:
    return draft()


def address(version: RulebookVersion, *part: str) -> str:
    return reverse("staff-rulebook-part", args=[version.pk, *part])


def typed(from_: RulebookVersion, name: str, key: str = "", /, **changed: Any) -> Sent:
    """The form of a part as the page has it, with some fields typed otherwise."""
    part = part_of(name, key)
    assert part is not None
    return {**sent(form_of(part, from_.rulebook)), "seen": from_.sha256, **changed}


def stored(version: RulebookVersion) -> Rulebook:
    return RulebookVersion.objects.get(pk=version.pk).rulebook


def polyline(page: str, name: str) -> str:
    found = re.search(rf'<polyline class="{name}" points="([^"]*)"', page)
    assert found
    return found[1]


def test_a_copy_begins_with_the_first_month_that_can_follow_a_consultation(desk: Client) -> None:
    first = RulebookVersion.objects.get(version="2026.1")
    path = reverse("staff-rulebook-copy", args=[first.pk])
    page = said(desk.get(path))
    assert "New draft with the rules of 2026.1" in page
    assert 'value="2026-12"' in page
    answer = desk.post(path, {"version": "2027.1", "effective_from": "2027-01"})
    made = RulebookVersion.objects.get(version="2027.1")
    assert answer.headers["location"] == reverse("staff-rulebook", args=[made.pk])
    assert told(answer) == ["The draft is made. Only the platform's people see it."]
    again = desk.post(path, {"version": "2027.1", "effective_from": "2027-01"})
    assert again.headers["location"] == answer.headers["location"]


def test_a_copy_says_at_the_field_what_is_wrong(desk: Client, version: RulebookVersion) -> None:
    path = reverse("staff-rulebook-copy", args=[version.pk])
    taken = said(desk.post(path, {"version": "2026.1", "effective_from": "2027-01"}))
    assert "The version name 2026.1 is taken by other rules" in taken
    assert "Write the month as YYYY-MM" in said(
        desk.post(path, {"version": "2027.2", "effective_from": "soon"})
    )
    assert RulebookVersion.objects.count() == 2


def test_a_file_becomes_a_draft(desk: Client) -> None:
    assert "New draft from a file" in said(desk.get(IMPORT))
    text = f"# 注释\n{toml_of(rules())}"
    file = SimpleUploadedFile("rules.toml", b"\xef\xbb\xbf" + text.encode())
    answer = desk.post(IMPORT, {"file": file, "text": ""})
    made = RulebookVersion.objects.get(version="2027.1")
    assert (made.text, made.state) == (text, RulebookState.DRAFT)
    assert answer.headers["location"] == reverse("staff-rulebook", args=[made.pk])
    assert told(answer) == ["Version 2027.1 is stored as a draft."]
    again = desk.post(IMPORT, {"text": text.replace("\n", "\r\n")})
    assert again.headers["location"] == answer.headers["location"]
    assert "Version 2027.1 was stored before: nothing changed." in told(again)


def test_every_fault_of_a_file_is_listed_by_its_place(desk: Client) -> None:
    text = toml_of(rules()).replace("opening = 120", "opening = 151").replace("[3, 0]", "[3, -1]")
    page = said(desk.post(IMPORT, {"text": text}))
    assert "Nothing was stored: 2 faults" in page
    for told_there in (
        *("credit.opening", "must not be above the cap: 151 is above 150"),
        *("indicators[7].knots[0]", "the points of reputation must be from 0 to 10000, not -1"),
    ):
        assert told_there in page
    assert "opening = 151" in page  # what was pasted is not lost
    assert RulebookVersion.objects.count() == 1


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({}, "Choose a file or paste its text: one of the two."),
        ({"text": " \n"}, "Choose a file or paste its text: one of the two."),
        ({"text": "a", "file": b"a"}, "Choose a file or paste its text: one of the two."),
        ({"file": "规则".encode("gbk")}, "The file is not UTF-8 text"),
        ({"file": b"#" * ((1 << 20) + 1)}, "The file is larger than 1 MB"),
        ({"text": toml_of(rules("2026.1"))}, "The version name 2026.1 is taken by other rules"),
    ],
)
def test_a_file_that_cannot_be_taken_is_answered_with_the_reason(
    desk: Client, given: dict[str, Any], reason: str
) -> None:
    data = {
        name: SimpleUploadedFile("rules.toml", value) if isinstance(value, bytes) else value
        for name, value in given.items()
    }
    assert reason in said(desk.post(IMPORT, data))
    assert RulebookVersion.objects.count() == 1


def test_every_part_is_shown_and_kept_as_it_is(desk: Client, version: RulebookVersion) -> None:
    for part in parts():
        path = address(version, *part.address)
        assert str(part.title) in said(desk.get(path))
        answer = desk.post(path, typed(version, part.name, part.key))
        assert answer.headers["location"] == path
    assert RulebookVersion.objects.get(pk=version.pk).text == version.text


def test_a_part_is_kept(desk: Client, version: RulebookVersion) -> None:
    path = address(version, "general")
    answer = desk.post(path, typed(version, "general", bonus_cap="60.5", hold_fall="on"))
    assert answer.headers["location"] == path
    assert told(answer) == ["Kept: Bonus, check, appeals and periods."]
    assert stored(version).bonus_cap == Decimal("60.5")
    assert stored(version).appeals.hold_fall is True


def test_what_somebody_else_changed_meanwhile_is_not_overwritten(
    desk: Client, version: RulebookVersion
) -> None:
    mine = typed(version, "general", bonus_cap="60")
    other = signed_in(operator(name="Li"))
    other.post(address(version, "stages"), typed(version, "stages", novice_months="3"))
    page = said(desk.post(address(version, "general"), mine))
    assert "Nothing was kept: this draft has changed since you opened the form (Li, " in page
    assert 'name="bonus_cap" value="60"' in page  # what was typed is not lost
    assert f'name="seen" value="{version.sha256}"' in page
    assert stored(version).bonus_cap == 100


def test_a_refused_form_keeps_nothing_and_draws_what_was_typed(
    desk: Client, version: RulebookVersion
) -> None:
    path = address(version, "indicator", "showcase_share")
    page = said(desk.get(path))
    assert polyline(page, "now") == polyline(page, "before")
    data = typed(version, "indicator", "showcase_share", **{"rows-3-points": "30"})
    refused = said(desk.post(path, data))
    assert "Points never fall as the value rises: the value before has 90." in refused
    assert "Mend what is marked, then keep this part." in refused
    assert polyline(refused, "before") != polyline(refused, "now")
    assert stored(version) == rules()


def test_drawing_the_curve_keeps_nothing(desk: Client, version: RulebookVersion) -> None:
    path = address(version, "indicator", "l5_creators")
    data = typed(version, "indicator", "l5_creators", **{"rows-4-points": "90", "preview": "1"})
    page = said(desk.post(path, data))
    assert "This is what you typed. Keep this part when it is right." in page
    assert "to 90 points at 50" in page
    assert stored(version) == rules()
    desk.post(path, {name: value for name, value in data.items() if name != "preview"})
    assert stored(version).indicator("l5_creators").knots[-1] == Knot(Decimal(50), Decimal(90))


def test_the_curve_is_told_in_words(desk: Client) -> None:
    version = draft(with_knots(rules(), "settled_amount", ("0", "0"), ("1500000", "220")))
    page = said(desk.get(address(version, "indicator", "settled_amount")))
    assert (
        'role="img" aria-label="Curve of Settled amount: from 0 points at ¥0.00 to 220 points at'
        ' ¥1,500,000.00. The knots beside it say the same."' in page
    )
    assert "version 2026.1, in force for that month" in page


def test_without_a_readable_row_there_is_no_curve(desk: Client, version: RulebookVersion) -> None:
    data = typed(version, "indicator", "l5_creators") | {
        f"rows-{number}-points": "" for number in range(6)
    }
    page = said(desk.post(address(version, "indicator", "l5_creators"), data))
    assert "No curve yet: write at least one row" in page


def test_a_row_is_added_without_a_script(desk: Client, version: RulebookVersion) -> None:
    path = address(version, "levels")
    assert 'name="rows-6-min_total"' not in said(desk.get(path))
    page = said(
        desk.post(path, typed(version, "levels", **{"rows-5-min_total": "900", "add": "1"}))
    )
    assert 'name="rows-5-min_total" value="900"' in page
    assert 'name="rows-6-min_total"' in page
    assert stored(version) == rules()


def test_a_name_that_is_taken_is_said_at_its_field(desk: Client, version: RulebookVersion) -> None:
    page = said(desk.post(address(version, "naming"), typed(version, "naming", version="2026.1")))
    assert re.search(r'id="id_version_error">The version name 2026\.1 is taken', page)
    assert stored(version) == rules()


def test_only_a_draft_has_forms(desk: Client) -> None:
    first = RulebookVersion.objects.get(version="2026.1")
    for call in (desk.get, desk.post):
        answer = call(address(first, "stages"))
        assert answer.headers["location"] == reverse("staff-rulebook", args=[first.pk])
        assert told(answer)[-1] == "Only a draft is changed. Copy this version as a new draft."


def test_parts_that_are_not_there_are_not_found(desk: Client, version: RulebookVersion) -> None:
    for part in (("colours",), ("indicator",), ("indicator", "gmv"), ("stages", "gmv")):
        assert desk.get(address(version, *part)).status_code == 404


@pytest.mark.parametrize("part", [("levels",), ("indicator", "reputation"), ("benefits",)])
def test_a_part_takes_as_many_queries_for_one_row_as_for_three(
    desk: Client, part: tuple[str, ...]
) -> None:
    few = draft(
        with_knots(rules("a", levels=rules().levels[:1], benefits=()), "reputation", ("0", "0"))
    )
    many = draft(rules("b"))
    desk.get(address(few, *part))
    assert queries(desk, address(few, *part)) == queries(desk, address(many, *part)) <= 14


def test_writing_is_for_those_who_may(version: RulebookVersion) -> None:
    copy = reverse("staff-rulebook-copy", args=[version.pk])
    for path in (IMPORT, copy, address(version, "stages")):
        refused_to_outsiders(path)
        closed_to_support(path)
        assert signed_in(operator()).put(path).status_code == 405

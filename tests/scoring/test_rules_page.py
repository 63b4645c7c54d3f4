"""The rules as text: complete, marked, with stable anchors, their history and what changed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from agencies.enums import Role
from scoring.enums import RulebookState
from scoring.models import RulebookVersion
from scoring.queries.rules import NoSuchVersion, changes, clauses, rules_page
from scoring.rulebook import Rulebook, parse
from scoring.rulebook_versions import DEFAULT, store_rulebook
from tests.factories import MembershipFactory
from tests.factories.cases import AT
from tests.factories.staff import signed_in

pytestmark = pytest.mark.django_db

TEXT = DEFAULT.read_text(encoding="utf-8")
RULEBOOK = parse(TEXT)
# What names a part and is not itself a rule; the version's own name and month head the page.
NAMES = {"key", "kind", "dimension", "version", "effective_from"}
OTHERS = {
    "S": "P",
    "P": "D",
    "D": "S",
    "V2": "V1",
    "V3": "V2",
    "V4": "V3",
    "everyone": "V1",
    "warning": "removal",
    "suspend_binding": "deduct_credit",
    "cancel_honours": "warning",
    "removal": "linked_agencies",
}


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def member() -> Client:
    return signed_in(MembershipFactory.create(role=Role.VIEWER).user)


def stranger() -> Client:
    return Client(headers={"accept-language": "en"})


def stored(
    version: str, month: str, *edits: tuple[str, str], activate: bool = True
) -> RulebookVersion:
    """The default rulebook under another name, with some of its text replaced."""
    text = TEXT.replace('version = "2026.1"', f'version = "{version}"')
    text = text.replace('effective_from = "2000-01"', f'effective_from = "{month}"')
    for old, new in edits:
        assert old in text
        text = text.replace(old, new, 1)
    at = datetime(2026, 11, 1, RulebookVersion.objects.count() % 24, tzinfo=UTC)
    return store_rulebook(text, at=at, activate=activate)[0]


def text(client: Client, path: str, status: int = 200) -> str:
    response = client.get(path)
    assert response.status_code == status
    return " ".join(response.content.decode().split())


def variants(value: Any, place: str = "") -> Iterator[tuple[str, Any]]:
    """The value with each of its numbers and texts changed, one at a time."""
    if is_dataclass(value) and not isinstance(value, type):
        for each in fields(value):
            if each.name in NAMES or (place, each.name) == ("", "title"):
                continue
            where = f"{place}.{each.name}".strip(".")
            for inner, changed in variants(getattr(value, each.name), where):
                yield inner, replace(value, **{each.name: changed})
    elif isinstance(value, tuple):
        yield f"{place} shortened", value[:-1]
        for position, item in enumerate(value):
            for inner, changed in variants(item, f"{place}[{position}]"):
                yield inner, (*value[:position], changed, *value[position + 1 :])
    elif isinstance(value, bool):
        yield place, not value
    elif isinstance(value, int | Decimal):
        yield place, value + 1
    elif value is None:
        yield place, "V4" if place.endswith("to_level") else 7
    else:
        yield place, OTHERS.get(value, "publicity" if place.endswith("family") else value + "!")


def rule_variants() -> list[tuple[str, Rulebook]]:
    """Without those that do not change a rule: the nine indicators are always there."""
    return [
        (place, changed)
        for place, changed in variants(RULEBOOK)
        if place != "indicators shortened" and changed != RULEBOOK
    ]


def test_every_number_and_name_of_a_rulebook_is_in_its_text() -> None:
    found = rule_variants()
    assert len(found) > 150
    assert [place for place, changed in found if not changes(RULEBOOK, changed)] == []


def test_a_name_that_changed_in_one_language_is_told_to_readers_of_both() -> None:
    kind = RULEBOOK.violations[0]
    title = replace(kind.title, zh="纠纷")
    changed = replace(RULEBOOK, violations=(replace(kind, title=title), *RULEBOOK.violations[1:]))
    for language in ("en", "zh-hans"):
        with translation.override(language):
            (found,) = changes(RULEBOOK, changed)
            (line,) = found.lines
            assert line.after is not None
            assert "纠纷" in line.after.text


def test_equal_rulebooks_have_no_differences() -> None:
    assert changes(RULEBOOK, parse(TEXT)) == ()


def test_clause_keys_are_distinct_and_fit_for_addresses() -> None:
    keys = [clause.key for clause in clauses(RULEBOOK)]
    assert len(keys) == len(set(keys))
    assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", key) for key in keys)


def test_clause_keys_are_the_same_in_both_languages() -> None:
    english = [clause.key for clause in clauses(RULEBOOK)]
    with translation.override("zh-hans"):
        assert [clause.key for clause in clauses(RULEBOOK)] == english


def test_lines_of_a_clause_have_distinct_keys() -> None:
    for clause in clauses(RULEBOOK):
        keys = [line.key for line in clause.lines]
        assert len(keys) == len(set(keys)), clause.key
        assert "title" not in keys


def line(rulebook: Rulebook, clause: str, key: str) -> tuple[str, str]:
    (found,) = (each for each in clauses(rulebook) if each.key == clause)
    (told,) = (each for each in found.lines if each.key == key)
    return told.text, told.mark


@pytest.mark.parametrize(
    ("clause", "key", "told", "mark"),
    [
        ("stage-observation", "floors", "service points below 140 or credit below 80", "S"),
        ("score-total", "maxima", "up to 500 points, growth power up to 300", "D"),
        ("indicator-settled-amount", "knots", "¥100,000 → 40, ¥1,000,000 → 100", "D"),
        ("indicator-showcase-share", "knots", "5% → 40, 15% → 90, 30% → 120", "D"),
        ("indicator-showcase-creators", "meaning", "above 0", "D"),
        ("bonus-cap", "cap", "up to 100 points", "S"),
        ("level-cut-offs", "from-V3", "V3 from 550 points", "D"),
        ("level-binding", "cap-stage", "at most 20 creators", "D"),
        ("level-binding", "cap-V2", "V2: at most 200 creators", "D"),
        ("level-binding", "cap-V3", "V3: any number of creators", "S"),
        ("level-followers", "followers-V2", "fewer than 5M followers", "S"),
        ("benefits-operations", "growth_community", "V2 to V3", "D"),
        ("benefits-operations", "customer_service", "everyone", "S"),
        ("credit-account", "account", "a credit of 120; it is never above 150", "P"),
        ("credit-bans", "below-1", "below 40: no new bindings for 60 days", "P"),
        ("credit-way-back", "restore", "10 points are given back when 30 days", "D"),
        ("violation-impersonation", "points", "120 points", "P"),
        ("violation-dispute", "measures", "Warning, Binding suspended", "D"),
        ("appeal", "days", "for 15 days after it", "D"),
        ("unbinding", "silence", "14 days of silence", "P"),
        ("star-plan-phases", "preparation", "from 45 to 16 days before", "D"),
        ("star-plan-phases", "development", "the 90 days from the first live day", "S"),
        ("publication-check", "gate", "more than 5% of the agencies", "D"),
    ],
)
def test_the_default_rules_are_told_with_their_sources(
    clause: str, key: str, told: str, mark: str
) -> None:
    found, source = line(RULEBOOK, clause, key)
    assert told in found
    assert source == mark


def test_a_number_that_the_platform_set_bears_no_mark() -> None:
    stages = replace(RULEBOOK.stages, novice_months=3)
    assert line(RULEBOOK, "stage-novice", "months")[1] == "S"
    told, mark = line(replace(RULEBOOK, stages=stages), "stage-novice", "months")
    assert "first 3 natural months" in told
    assert mark == ""


def test_without_novice_months_the_text_says_so() -> None:
    stages = replace(RULEBOOK.stages, novice_months=0)
    told, _mark = line(replace(RULEBOOK, stages=stages), "stage-novice", "months")
    assert told == "There is no novice stage: agencies are assessed from the month they join."


def test_titles_of_the_rulebook_are_in_the_readers_language() -> None:
    with translation.override("zh-hans"):
        assert "客服服务" in line(RULEBOOK, "benefits-operations", "customer_service")[0]


def test_everybody_reads_the_rules_in_force(member: Client) -> None:
    for client, path in ((member, "/rules/"), (stranger(), "/public/rules/")):
        page = text(client, path)
        assert "Agency level rules (default edition)" in page
        assert "Version 2026.1" in page
        for clause in clauses(RULEBOOK):
            assert f'id="{clause.key}"' in page
        assert '<td class="num">¥20,000,000</td> <td class="num">190</td>' in page
        assert "which the operating platform replaces with its own" in page


def test_the_public_page_sets_no_session() -> None:
    assert "sessionid" not in stranger().get("/public/rules/").cookies


def test_the_agencys_page_is_for_members() -> None:
    response = stranger().get("/rules/")
    assert (response.status_code, response.headers["location"]) == (302, "/sign-in/?next=/rules/")


@pytest.mark.parametrize("path", ["/rules/", "/public/rules/"])
def test_pages_of_rules_are_only_read(member: Client, path: str) -> None:
    for method in ("post", "put", "patch", "delete"):
        assert getattr(member, method)(path).status_code == 405


def test_the_version_that_counts_for_this_month_is_shown() -> None:
    stored("2026.2", "2026-10", ("novice_months = 2 ", "novice_months = 3 "))
    stored("2027.1", "2026-12", ("novice_months = 2 ", "novice_months = 4 "))
    page = text(stranger(), "/public/rules/")
    assert "Version 2026.2" in page
    assert "The first 3 natural months" in page
    assert "The first 4 natural months" not in page


def test_history_says_for_which_months_each_version_counts() -> None:
    stored("2026.2", "2026-10")
    stored("2026.3", "2026-10")
    stored("2027.1", "2026-12")
    page = rules_page("", now=AT)
    assert page is not None
    assert [(each.version, each.force.value, each.shown) for each in page.history] == [
        ("2027.1", "later", False),
        ("2026.3", "current", True),
        ("2026.2", "replaced", False),
        ("2026.1", "earlier", False),
    ]
    assert page.history[3].last == date(2026, 9, 1)
    told = text(stranger(), "/public/rules/")
    assert "Counts for the data months from December 2026 on, not yet" in told
    assert "In force for the data months from October 2026 on" in told
    assert "Was in force from the first data month to September 2026" in told
    assert "Retired: replaced by another version from October 2026 on" in told


@pytest.mark.parametrize("path", ["/rules/", "/public/rules/"])
def test_what_changed_is_told_before_and_after(member: Client, path: str) -> None:
    stored("2026.2", "2026-10", ("min_total = 550", "min_total = 560"))
    page = text(member, path)
    assert "What changed against version 2026.1" in page
    assert "<del>V3 from 550 points in all</del>" in page
    assert "<ins>V3 from 560 points in all</ins>" in page
    assert page.count("<ins>") == 1
    assert "What changed" not in text(member, f"{path}?version=2026.1")


def test_a_dropped_rule_is_told_as_such() -> None:
    kind = TEXT[TEXT.index('[[violations]]\nkind = "other"') :]
    stored("2026.2", "2026-10", (kind, ""))
    page = text(stranger(), "/public/rules/")
    assert "Other violations <span" in page
    assert "not there any more" in page
    assert 'href="#violation-other"' not in page


def test_a_version_that_only_changed_its_name_says_so() -> None:
    stored("2026.2", "2026-10")
    assert "every clause reads as before" in text(stranger(), "/public/rules/")


def test_an_old_version_stays_readable_against_the_one_before_it() -> None:
    stored("2026.2", "2026-08", ("days = 15 ", "days = 20 "))
    stored("2026.3", "2026-10", ("days = 15 ", "days = 25 "))
    page = text(stranger(), "/public/rules/?version=2026.2")
    assert "Version 2026.2" in page
    assert "What changed against version 2026.1" in page
    assert "for 20 days after it" in page
    assert "for 25 days after it" not in page


@pytest.mark.parametrize("path", ["/rules/", "/public/rules/"])
@pytest.mark.parametrize("version", ["1999", "2026.9-draft", "\x00", "<b>", "2026.1 "])
def test_an_unknown_version_and_a_draft_are_answered_alike(
    member: Client, path: str, version: str
) -> None:
    draft = stored("2026.9-draft", "2027-01", activate=False)
    assert draft.state == RulebookState.DRAFT
    response = member.get(path, {"version": version})
    page = response.content.decode()
    assert response.status_code == 404
    assert "There is no version" in page
    assert "Choose one of the history." in page
    assert "<b>" not in page


def test_drafts_are_nowhere_on_the_page(member: Client) -> None:
    stored("2026.9-draft", "2026-11", ("days = 15 ", "days = 3217 "), activate=False)
    for path in ("/rules/", "/public/rules/"):
        page = text(member, path)
        assert "2026.9-draft" not in page
        assert "3217" not in page
    with pytest.raises(NoSuchVersion):
        rules_page("2026.9-draft", now=AT)


def test_a_version_with_an_odd_name_is_reached_by_its_link() -> None:
    stored("2026 夏/ü&#1", "2026-10")
    page = text(stranger(), "/public/rules/?version=2026.1")
    (link,) = re.findall(r'href="(\?version=2026%20[^"]*)"', page)
    assert "Version 2026 夏/ü&amp;#1" in text(stranger(), f"/public/rules/{link}")


def test_before_any_version_is_in_force_the_page_says_so() -> None:
    RulebookVersion.objects.update(state=RulebookState.DRAFT)
    assert "No rules are in force yet" in text(stranger(), "/public/rules/")


@pytest.mark.parametrize(("path", "most"), [("/rules/", 10), ("/public/rules/", 3)])
def test_rules_take_as_many_queries_for_four_versions_as_for_two(
    member: Client, path: str, most: int
) -> None:
    client = member if most > 3 else stranger()
    stored("2026.2", "2026-08")
    with CaptureQueriesContext(connection) as few:
        text(client, path)
    stored("2026.3", "2026-09")
    stored("2026.4", "2026-10")
    with CaptureQueriesContext(connection) as many:
        text(client, path)
    assert len(many) == len(few) <= most

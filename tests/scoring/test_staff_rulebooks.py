"""The staff's pages of rulebooks: all versions, one of them, its file, its history."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from portal.models import User
from scoring.models import RulebookVersion
from scoring.rulebook_drafts import change_part
from tests.agencies.desk import closed_to_support, queries, refused_to_outsiders, said, told
from tests.factories.rulebooks import draft, rules, with_knots
from tests.factories.staff import operator, signed_in, supporter

pytestmark = pytest.mark.django_db
LIST = "/staff/rulebooks/"


@pytest.fixture
def person() -> User:
    return operator(name="Wang")


@pytest.fixture
def desk(person: User) -> Client:
    return signed_in(person)


@pytest.fixture
def version() -> RulebookVersion:
    return draft(rules(bonus_cap=Decimal(60)))


def path(name: str, version: RulebookVersion) -> str:
    return reverse(f"staff-rulebook{name}", args=[version.pk])


def test_the_list_says_for_which_months_each_version_counts(desk: Client) -> None:
    draft(rules("2026.9", "2026-09"), activate=True)
    draft(rules("2027.1", "2027-01"))
    page = said(desk.get(LIST))
    order = [page.index(f">{name}</a>") for name in ("2027.1", "2026.9", "2026.1")]
    assert order == sorted(order)
    assert "meant for January 2027 on" in page
    assert "from September 2026 on" in page
    assert "January 2000 – August 2026" in page


def test_the_list_takes_as_many_queries_for_one_version_as_for_three(desk: Client) -> None:
    desk.get(LIST)  # warms what the process keeps
    few = queries(desk, LIST)
    draft(rules("2027.1"), by=operator())
    draft(rules("2027.2"), by=operator())
    assert queries(desk, LIST) == few <= 14


def test_the_list_is_cut_into_pages(desk: Client) -> None:
    for number in range(21):
        draft(rules(f"2027.{number}"))
    first, second = said(desk.get(LIST)), said(desk.get(f"{LIST}?page=2"))
    assert (first.count("Copy as a draft"), second.count("Copy as a draft")) == (20, 2)
    assert said(desk.get(f"{LIST}?page=x")) != second


def test_a_draft_is_read_against_the_version_in_force(
    desk: Client, version: RulebookVersion
) -> None:
    page = said(desk.get(path("", version)))
    assert "What differs from version 2026.1" in page
    assert "<del>The bonus counts up to 100 points" in page
    assert "<ins>The bonus counts up to 60 points" in page
    assert "Life of this version" in page
    for name in ("naming", "indicator/reputation", "levels", "general"):
        assert f"{path('', version)}parts/{name}/" in page
    assert path("-discard", version) in page
    assert f'href="/staff/backtests/?version={version.pk}"' in page


def test_any_other_version_can_be_named(desk: Client, version: RulebookVersion) -> None:
    other = draft(rules("2027.2", bonus_cap=Decimal(70)))
    page = said(desk.get(f"{path('', version)}?against={other.pk}"))
    assert "What differs from version 2027.2" in page
    assert "<del>The bonus counts up to 70 points" in page
    alike = draft(rules("2027.3", bonus_cap=Decimal(60)))
    alike_page = said(desk.get(f"{path('', version)}?against={alike.pk}"))
    assert "Every clause reads alike in both versions." in alike_page
    for odd in ("x", "9" * 30, "٣", str(version.pk), ""):
        assert "What differs from version 2026.1" in said(
            desk.get(path("", version), {"against": odd})
        )


def test_what_counts_is_compared_with_what_it_took_over_from(desk: Client) -> None:
    later = draft(rules("2026.9", "2026-09", bonus_cap=Decimal(70)), activate=True)
    first = RulebookVersion.objects.get(version="2026.1")
    assert "What differs from version 2026.1" in said(desk.get(path("", later)))
    page = said(desk.get(path("", first)))
    assert "There is no other version to compare with." in page
    assert f'<option value="{later.pk}"' in page


def test_what_is_no_draft_has_nothing_to_change(desk: Client) -> None:
    page = said(desk.get(path("", RulebookVersion.objects.get(version="2026.1"))))
    assert "parts/" not in page
    assert "Discard the draft" not in page
    assert "Copy as a new draft" in page


def test_a_version_takes_as_many_queries_beside_one_other_as_beside_three(
    desk: Client, version: RulebookVersion
) -> None:
    desk.get(path("", version))
    few = queries(desk, path("", version))
    for name in ("2027.2", "2027.3"):
        draft(rules(name))
    assert queries(desk, path("", version)) == few <= 14


def test_the_file_is_the_text_as_it_is_stored(desk: Client) -> None:
    odd = draft(rules("2027 一"))
    answer = desk.get(path("-file", odd))
    assert answer.content.decode() == odd.text
    assert answer.headers["content-type"] == "application/toml; charset=utf-8"
    assert answer.headers["content-disposition"].startswith("attachment; filename")
    assert answer.headers["cache-control"] == "private, no-store"


def test_the_history_tells_every_change_in_the_words_of_the_rules(
    desk: Client, person: User, version: RulebookVersion
) -> None:
    changed = with_knots(rules("2027.2", bonus_cap=Decimal(60)), "l5_creators", ("0", "5"))
    change_part(version_id=version.pk, rulebook=changed, seen_sha256=version.sha256, by=person)
    page = said(desk.get(path("-history", version)))
    assert "Version name: <del>2027.1</del> → <ins>2027.2</ins>" in page
    assert "<ins>0 → 5</ins>" in page
    assert str(person) in page
    assert "Stored; changes are kept from here on." in page
    assert "Stored; changes" in said(desk.get(path("-history", version), {"page": "0"}))
    assert "No change was kept." in said(desk.get(path("-history", version), {"page": "2"}))


def test_the_history_takes_as_many_queries_for_one_change_as_for_three(
    desk: Client, person: User, version: RulebookVersion
) -> None:
    def change(*caps: int) -> None:
        for cap in caps:
            now = RulebookVersion.objects.get(pk=version.pk)
            book = rules(bonus_cap=Decimal(cap))
            change_part(version_id=now.pk, rulebook=book, seen_sha256=now.sha256, by=person)

    change(1)
    few = queries(desk, path("-history", version))
    change(2, 3)
    assert queries(desk, path("-history", version)) == few <= 14


def test_a_draft_is_discarded(desk: Client, version: RulebookVersion) -> None:
    answer = desk.post(path("-discard", version))
    assert answer.headers["location"] == LIST
    assert told(answer) == ["The draft 2027.1 is discarded."]
    assert not RulebookVersion.objects.filter(pk=version.pk).exists()
    assert desk.post(path("-discard", version)).status_code == 404


def test_what_is_no_draft_is_not_discarded(desk: Client) -> None:
    first = RulebookVersion.objects.get(version="2026.1")
    answer = desk.post(path("-discard", first))
    assert answer.headers["location"] == path("", first)
    assert "no draft any more (In force)" in told(answer)[0]


def test_support_reads_and_writes_nothing(version: RulebookVersion) -> None:
    reader = signed_in(supporter())
    for address in (LIST, *(path(name, version) for name in ("", "-file", "-history"))):
        assert reader.get(address).status_code == 200
    page = said(reader.get(path("", version)))
    assert "Copy as a new draft" not in page
    assert "Discard the draft" not in page
    assert "New draft from a file" not in said(reader.get(LIST))
    closed_to_support(path("-discard", version))


def test_nobody_else_gets_in(version: RulebookVersion) -> None:
    refused_to_outsiders(LIST)
    for name in ("", "-file", "-history", "-discard"):
        refused_to_outsiders(path(name, version))


def test_pages_are_read_and_steps_are_sent(desk: Client, version: RulebookVersion) -> None:
    for address in (LIST, *(path(name, version) for name in ("", "-file", "-history"))):
        assert desk.post(address).status_code == 405
    assert desk.get(path("-discard", version)).status_code == 405


def test_a_version_that_is_not_there_is_not_found(desk: Client) -> None:
    for name in ("", "-file", "-history"):
        assert desk.get(reverse(f"staff-rulebook{name}", args=[0])).status_code == 404

"""The advice per lever: shipped once, edited by operations, escaped wherever it is shown."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils.html import escape

from scoring.enums import LeverKey
from scoring.lever_texts import DEFAULTS, load_default_levers
from scoring.models import LeverText
from scoring.queries.levers import MOVES, levers
from scoring.rulebook import INDICATOR_KEYS
from scoring.templatetags.prose import prose
from tests.factories import AgencyFactory, AssessmentFactory, EvaluationFactory, MembershipFactory
from tests.factories.staff import operator, signed_in, superuser, supporter
from tests.scoring.test_guidance_core import START
from tests.scoring.test_points import BOOK

pytestmark = pytest.mark.django_db

SHIPPED: list[dict[str, Any]] = tomllib.loads(DEFAULTS.read_text(encoding="utf-8"))["levers"]


@pytest.fixture(autouse=True)
def _shipped() -> None:
    load_default_levers(LeverText)


def member() -> Client:
    agency = AgencyFactory.create(joined_on=date(2025, 1, 1))
    AssessmentFactory.create(evaluation=EvaluationFactory.create(), agency=agency)
    return signed_in(MembershipFactory.create(agency=agency).user)


def read(client: Client, path: str = "/guidance/levers/") -> str:
    response = client.get(path)
    assert response.status_code == 200
    return response.content.decode()


def test_every_lever_ships_with_both_languages() -> None:
    assert [text["key"] for text in SHIPPED] == LeverKey.values
    for text in SHIPPED:
        for field in ("title_zh", "title_en", "body_zh", "body_en"):
            limit = LeverText._meta.get_field(field).max_length
            assert 0 < len(text[field].strip()) <= limit
        LeverText.objects.get(key=text["key"]).full_clean()


def test_the_four_steps_and_the_facts_are_told() -> None:
    showcase = LeverText.objects.get(key=LeverKey.SHOWCASE)
    for step in ("选好品", "多引流", "善营销", "勤优化", "89%", "88%", "149万", "3679万", "445万"):
        assert step in showcase.body_zh
    for fact in ("89%", "88%", "1.49 million", "36.79 million", "4.45 million", "early 2023"):
        assert fact in showcase.body_en


def test_loading_again_changes_nothing_that_is_there() -> None:
    LeverText.objects.filter(key=LeverKey.SHOWCASE).update(title_en="Ours")
    assert load_default_levers(LeverText) == 0
    assert LeverText.objects.get(key=LeverKey.SHOWCASE).title_en == "Ours"
    LeverText.objects.filter(key=LeverKey.REPUTATION).delete()
    assert load_default_levers(LeverText) == 1
    assert LeverText.objects.count() == len(LeverKey)


def test_levers_move_indicators_that_exist() -> None:
    assert set(MOVES) == set(LeverKey.values)
    assert {key for moves in MOVES.values() for key in moves} <= set(INDICATOR_KEYS)


def test_each_lever_shows_what_is_left_to_earn() -> None:
    page = " ".join(read(member()).split())
    for text in SHIPPED:
        assert f'id="{text["key"]}"' in page
        assert escape(text["title_en"]) in page
    # worry-free orders: 40.70 of 100
    assert "58.93 points left to earn" in page


@pytest.mark.parametrize(
    ("orders", "cap", "left", "most"),
    [(4321, 100, "58.93", "100"), (4321, 50, "8.93", "50"), (9_000, 50, "0.00", "50")],
)
def test_of_the_bonus_no_more_is_left_than_counts(
    orders: int, cap: int, left: str, most: str
) -> None:
    book = replace(BOOK, bonus_cap=Decimal(cap))
    values = {**START, "worry_free_orders": Decimal(orders)}
    (moved,) = next(each for each in levers(book, values) if each.key == "worry_free").moves
    assert (moved.left, moved.maximum) == (Decimal(left), Decimal(most))


def test_nothing_is_known_of_an_agency_without_figures() -> None:
    for lever in levers(BOOK, {}):
        for each in lever.moves:
            assert not each.known
            assert each.left == each.maximum


def test_without_texts_the_page_says_so() -> None:
    LeverText.objects.all().delete()
    assert "There is no advice yet" in read(member())


def test_the_reader_gets_the_language_of_the_page() -> None:
    client = member()
    client.cookies["django_language"] = "zh-hans"
    assert "橱窗带货：四步做起来" in read(client)


def test_plain_text_becomes_paragraphs_and_lists_and_stays_text() -> None:
    text = "First\nsecond\n\n- one <b>\n- two & three\nafter\n\n\nlast"
    assert prose(text) == (
        "<p>First<br>second</p>\n"
        "<ul><li>one &lt;b&gt;</li><li>two &amp; three</li></ul>\n"
        "<p>after</p>\n"
        "<p>last</p>"
    )
    assert prose("") == ""


def test_what_an_admin_writes_is_escaped_on_the_page() -> None:
    LeverText.objects.filter(key=LeverKey.SHOWCASE).update(
        title_en="<script>alert(1)</script>", body_en="- <img src=x onerror=alert(2)>"
    )
    client = member()
    for path in ("/guidance/", "/guidance/levers/"):
        page = read(client, path)
        assert "<script>alert" not in page
        assert "<img src=x" not in page
    assert "&lt;img src=x onerror=alert(2)&gt;" in read(client, "/guidance/levers/")


def change_page(key: str = LeverKey.SHOWCASE) -> str:
    return f"/admin/scoring/levertext/{LeverText.objects.get(key=key).pk}/change/"


def may_write() -> Client:
    user = operator()
    user.user_permissions.add(Permission.objects.get(codename="change_levertext"))
    return signed_in(user)


def test_operations_edit_both_languages() -> None:
    path, client = change_page(), may_write()
    before = LeverText.objects.get(key=LeverKey.SHOWCASE)
    typed = {
        "position": before.position,
        "title_zh": "新标题",
        "title_en": "New title",
        "body_zh": before.body_zh,
        "body_en": "One.\n\n- two",
    }
    assert client.post(path, typed).status_code == 302
    text = LeverText.objects.get(key=LeverKey.SHOWCASE)
    assert (text.title_zh, text.title_en, text.body_en) == (
        "新标题",
        "New title",
        "One.\n\n- two",
    )
    assert text.body_zh == before.body_zh
    assert "<ul><li>two</li></ul>" in read(client, path)


def test_the_preview_is_escaped() -> None:
    LeverText.objects.filter(key=LeverKey.SHOWCASE).update(body_zh="<script>alert(1)</script>")
    assert "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>" in read(may_write(), change_page())


def test_support_reads_and_does_not_write() -> None:
    client = signed_in(supporter())
    assert client.get(change_page()).status_code == 200
    assert client.post(change_page(), {"title_en": "x"}).status_code == 403


def test_a_lever_that_was_deleted_can_be_written_anew() -> None:
    LeverText.objects.filter(key=LeverKey.WORRY_FREE).delete()
    typed = {"position": 9, "title_zh": "甲", "title_en": "A", "body_zh": "乙", "body_en": "B"}
    client = signed_in(superuser())
    answer = client.post("/admin/scoring/levertext/add/", {"key": "worry_free", **typed})
    assert answer.status_code == 302
    assert LeverText.objects.get(key=LeverKey.WORRY_FREE).position == 9


def test_lever_key_known() -> None:
    with pytest.raises(IntegrityError, match="lever_key_known"), transaction.atomic():
        LeverText.objects.create(
            key="magic", position=1, title_zh="a", title_en="a", body_zh="a", body_en="a"
        )

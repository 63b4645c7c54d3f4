"""`import_creators`: introductions, updates, and the newest known followers."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
import time_machine

from agencies.models import Creator
from tests.agencies.deliveries import deliver, parquet_file, run_import
from tests.factories import CreatorFactory

pytestmark = pytest.mark.django_db
TODAY = "2026-11-22 10:00+08:00"


@time_machine.travel(TODAY, tick=False)
def test_new_creator_is_introduced_today(tmp_path: Path) -> None:
    said = deliver(tmp_path, "creators", "C1,小美,1200,c@example.com", "C2,阿强,,")
    assert said.counts == "accepted 2, rejected 0"
    first, second = Creator.objects.order_by("creator_id")
    assert (first.nickname, first.contact) == ("小美", "c@example.com")
    assert (first.followers, first.followers_on) == (1200, date(2026, 11, 22))
    assert (second.followers, second.followers_on) == (None, None)
    assert first.introduced_on == second.introduced_on == date(2026, 11, 22)


@time_machine.travel(TODAY, tick=False)
def test_creator_known_from_facts_alone_is_introduced(tmp_path: Path) -> None:
    known = Creator.objects.create(creator_id="C1", followers=7, followers_on=date(2026, 11, 1))
    deliver(tmp_path, "creators", "C1,小美,,")
    known.refresh_from_db()
    assert (known.nickname, known.introduced_on) == ("小美", date(2026, 11, 22))
    assert (known.followers, known.followers_on) == (7, date(2026, 11, 1))


@time_machine.travel(TODAY, tick=False)
def test_introduction_keeps_its_day_and_values_are_updated(tmp_path: Path) -> None:
    creator = CreatorFactory(creator_id="C1", nickname="旧", contact="old@example.com")
    deliver(tmp_path, "creators", "C1,新,99,")
    creator.refresh_from_db()
    assert (creator.nickname, creator.contact, creator.followers) == ("新", "", 99)
    assert creator.introduced_on == date(2024, 1, 1)


def test_absent_columns_leave_what_is_stored(tmp_path: Path) -> None:
    creator = CreatorFactory(
        creator_id="C1",
        contact="c@example.com",
        followers=5,
        followers_on=date(2026, 1, 1),
    )
    deliver(tmp_path, "creators", "C1,新", header="creator_id,nickname")
    creator.refresh_from_db()
    assert (creator.nickname, creator.contact, creator.followers) == ("新", "c@example.com", 5)


@time_machine.travel(TODAY, tick=False)
def test_same_file_again_writes_no_row(tmp_path: Path) -> None:
    rows = ["C1,小美,1200,c@example.com", "C2,阿强,,"]
    deliver(tmp_path, "creators", *rows)
    before = _versions()
    assert deliver(tmp_path, "creators", *rows).counts == "accepted 2, rejected 0"
    assert _versions() == before


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("C1,,1,", "nickname is empty: it is required"),
        ("C1,x,-1,", 'followers: "-1" is not between 0 and 1000000000000'),
        ("C1,x,1e3,", 'followers: "1e3" is not a whole number: write digits only'),
        ("C1,x,+5,", 'followers: "+5" is not a whole number: write digits only'),
        ('C1,x,"1,000",', 'followers: "1,000" is not a whole number: write digits only'),
        ("C1,x, 5,", 'followers: " 5" is not a whole number: write digits only'),
        ("C1,x,1_0,", 'followers: "1_0" is not a whole number: write digits only'),
        ("C1,x,٣,", 'followers: "٣" is not a whole number: write digits only'),
        ("C1,x,99999999999999999999,", 'followers: "99999999999999999999" is not between 0 and'),
        ("C1,x,1,a b@example.com", 'contact: "a b@example.com" is not an e-mail address'),
    ],
)
def test_row_is_rejected_with_its_reason(tmp_path: Path, row: str, reason: str) -> None:
    said = deliver(tmp_path, "creators", row)
    [(line, given)] = said.reasons
    assert line == 2
    assert given.startswith(reason)
    assert not Creator.objects.exists()


def test_ids_differ_by_case(tmp_path: Path) -> None:
    assert deliver(tmp_path, "creators", "c1,a,,", "C1,b,,").counts == "accepted 2, rejected 0"


def _versions() -> list[tuple[int, str]]:
    """The row versions of all creators: an UPDATE would change them."""
    rows = Creator.objects.extra(select={"version": "ctid::text"}).order_by("id")
    return list(rows.values_list("id", "version"))


def test_parquet_text_with_hidden_or_cut_characters_is_rejected(tmp_path: Path) -> None:
    path = parquet_file(
        tmp_path / "creators.parquet",
        {
            "creator_id": ["C1", "C2", "C3", "C4"],
            "nickname": ["小\0美", " " * 250 + "阿强", "小红", "小兰"],
            "followers": ["1", "1", "0" * 150 + "5", "1"],
            "contact": ["", "", "", "a\0b@example.com"],
        },
    )
    said = run_import("creators", path)
    assert said.counts == "accepted 0, rejected 4"
    assert [line for line, _ in said.reasons] == [1, 2, 3, 4]

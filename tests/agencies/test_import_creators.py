"""`import_creators`: introductions, updates, and the newest known followers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import connection, transaction
from hypothesis import example, given
from hypothesis import strategies as st

from agencies.actions.binding_changes import hold
from agencies.actions.links import make_link, open_link, token_of
from agencies.enums import LinkPurpose
from agencies.files import columns
from agencies.imports.creators import CreatorImport
from agencies.imports.frame import Occasion, import_file
from agencies.models import Creator, CreatorLink
from agencies.refusals import Refused
from tests.agencies.beside import Beside, until_waiting
from tests.agencies.deliveries import HEADERS, deliver, parquet_file, run_import
from tests.factories import CreatorFactory
from tests.factories.requests import NOON, CreatorLinkFactory

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
        *(
            (f"C1,x,1,{address}", f'contact: "{address}" is not an e-mail address')
            for address in ("a b@example.com", "x@[#b.c", "(@x.c", "a@[b.c", "a@b", "a@-b.cn")
        ),
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


signs = st.sampled_from("ab9Z.-_'+`|()[]<>\\\",;:@ß达．＠\u200b\u2028 ")
addresses = st.builds(
    "{}@{}.{}".format,
    *(st.text(signs, min_size=1, max_size=size) for size in (6, 6, 4)),
)


@given(addresses | st.emails())
@example("x@[#b.c")
@example("a@b.xn--p1ai")
@example(f"a@{'b' * 63}.cn")
@example(f"a@{'b' * 64}.cn")
def test_an_address_is_what_mails_can_be_written_to(address: str) -> None:
    """What the import takes, Django takes; quoted names and numeric hosts apart, the reverse."""
    checks = columns.email("contact").checks
    fails = " OR ".join(f"({check.fails})" for check in checks)
    [(bad,)] = duckdb.execute(f"SELECT {fails} FROM (SELECT ? AS contact)", [address]).fetchall()
    try:
        validate_email(address.strip(" \t\xa0\u3000"))
        good = len(address) <= 254
    except ValidationError:
        good = False
    assert good or bad
    if '"' not in address and not address.endswith("]"):
        assert bad is not good


def imported(folder: Path, *rows: str, at: datetime = NOON) -> Any:
    path = folder / "creators.csv"
    path.write_text("\n".join([HEADERS["creators"], *rows]) + "\n", encoding="utf-8")
    return import_file(path, CreatorImport(), Occasion(today=at.date(), now=at)).imported


def link_of(creator: Creator) -> CreatorLink:
    return make_link(creator=creator, purpose=LinkPurpose.LEAVE, at=NOON - timedelta(days=1))


def opens(link: CreatorLink, at: datetime = NOON) -> str:
    """Whether it opens, or why not."""
    try:
        return "opens" if open_link(token_of(link), at=at) == link else ""
    except Refused as refused:
        return refused.rule


@pytest.mark.parametrize(
    ("contact", "found"),
    [
        ("new@example.com", "expired_link"),
        ("", "expired_link"),
        ("OLD@example.com", "opens"),
        ("old@example.com", "opens"),
    ],
)
def test_a_link_does_not_outlive_the_contact_it_was_sent_to(
    tmp_path: Path, contact: str, found: str
) -> None:
    link = link_of(CreatorFactory(creator_id="C1", contact="old@example.com"))
    other = link_of(CreatorFactory(creator_id="C2", contact="old@example.com"))
    assert imported(tmp_path, f"C1,新,1,{contact}").accepted == 1
    assert (opens(link), opens(other)) == (found, "opens")


def test_a_link_of_this_very_moment_ends_too_and_a_used_one_stays_as_it_is(
    tmp_path: Path,
) -> None:
    creator = CreatorFactory(creator_id="C1", contact="old@example.com")
    link = CreatorLinkFactory(creator=creator)
    used = CreatorLinkFactory(creator=creator, used_at=NOON)
    imported(tmp_path, "C1,新,1,new@example.com")
    assert opens(link, NOON + timedelta(microseconds=1)) == "expired_link"
    before = used.expires_at
    used.refresh_from_db()
    assert used.expires_at == before


def test_the_first_contact_leaves_what_the_platform_delivered(
    tmp_path: Path, settings: Any
) -> None:
    settings.CREATOR_WEBHOOK_URL = "https://platform.example.com/links"
    link = link_of(CreatorFactory(creator_id="C1", contact=""))
    imported(tmp_path, "C1,新,1,new@example.com")
    assert opens(link) == "opens"


def _by_file(folder: Path) -> Callable[[], Any]:
    return lambda: imported(folder, "A1,new,1,", "Z1,new,1,")


def _by_facts(folder: Path) -> Callable[[], Any]:
    from tests.agencies.deliveries import deliver as give

    rows = [f"{who},2026-10-01,0,0,0,0,0,0,,,9" for who in ("A1", "Z1")]
    return lambda: give(folder, "facts", *rows)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("change", [_by_file, _by_facts])
def test_creators_are_locked_in_the_order_in_which_everybody_does(
    tmp_path: Path, change: Callable[[Path], Callable[[], Any]]
) -> None:
    first, second = CreatorFactory(creator_id="Z1"), CreatorFactory(creator_id="A1")
    beside = Beside(change(tmp_path))
    with transaction.atomic():
        hold([first.pk], [])
        beside.start()
        until_waiting(1)
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '5s'")
        hold([first.pk, second.pk], [])  # nobody else has the second without the first
    assert not isinstance(beside.end(), BaseException)
    assert list(Creator.objects.values_list("followers", flat=True)) in ([1, 1], [9, 9])


@pytest.mark.django_db(transaction=True)
def test_creators_that_stay_as_they_are_are_not_waited_for(tmp_path: Path) -> None:
    imported(tmp_path, "C1,小美,5,c@example.com")
    beside = Beside(lambda: imported(tmp_path, "C1,小美,5,c@example.com", "C2,阿强,,"))
    with transaction.atomic():
        hold([Creator.objects.get(creator_id="C1").pk], [])
        assert beside.start().end().accepted == 2

"""`import_bindings`: history as it was, one agency per creator and day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction

from agencies.enums import FileKind, ImportOutcome
from agencies.files.faults import FileFault
from agencies.imports.bindings import BindingImport
from agencies.imports.frame import CLASH, Occasion, import_file
from agencies.models import Agency, Binding, Creator, ImportedFile
from agencies.signals import history_changed
from tests.agencies.beside import Beside, until_waiting
from tests.agencies.deliveries import HEADERS, deliver
from tests.factories import AgencyFactory, BindingFactory, CreatorFactory
from tests.factories.requests import NOON

pytestmark = pytest.mark.django_db
Span = tuple[date, date | None]


@pytest.fixture
def agencies() -> list[Agency]:
    return [AgencyFactory(code=code, joined_on=date(2026, 1, 1)) for code in ("A1", "A2")]


@pytest.fixture
def creator() -> Creator:
    return CreatorFactory(creator_id="C1")


@pytest.fixture
def changed_days() -> Iterator[list[Span]]:
    """The spans of days that the import announced."""
    spans: list[Span] = []

    def note(sender: Any, first: date, last: date | None, **kwargs: Any) -> None:
        spans.append((first, last))

    history_changed.connect(note)
    yield spans
    history_changed.disconnect(note)


def stored() -> list[tuple[str, str, str, str | None]]:
    return [
        (
            binding.agency.code,
            binding.creator.creator_id,
            str(binding.bound_from),
            binding.bound_until and str(binding.bound_until),
        )
        for binding in Binding.objects.order_by("bound_from", "creator_id")
    ]


def test_binding_is_recorded_and_its_days_are_announced(
    tmp_path: Path, agencies: list[Agency], creator: Creator, changed_days: list[Span]
) -> None:
    CreatorFactory(creator_id="C2")
    said = deliver(
        tmp_path, "bindings", "A1,C1,2026-01-01,2026-02-01", "A2,C2,2026-03-05,2026-03-06"
    )
    assert said.counts == "accepted 2, rejected 0"
    assert stored() == [
        ("A1", "C1", "2026-01-01", "2026-02-01"),
        ("A2", "C2", "2026-03-05", "2026-03-06"),
    ]
    assert changed_days == [(date(2026, 1, 1), date(2026, 3, 5))]


def test_open_binding_is_announced_without_an_end(
    tmp_path: Path, agencies: list[Agency], creator: Creator, changed_days: list[Span]
) -> None:
    deliver(tmp_path, "bindings", "A1,C1,2026-01-01", header="agency_code,creator_id,bound_from")
    assert stored() == [("A1", "C1", "2026-01-01", None)]
    assert changed_days == [(date(2026, 1, 1), None)]


def test_same_file_again_changes_and_announces_nothing(
    tmp_path: Path, agencies: list[Agency], creator: Creator, changed_days: list[Span]
) -> None:
    rows = ["A1,C1,2026-01-01,2026-02-01", "A2,C1,2026-02-01,"]
    for _ in range(3):
        assert deliver(tmp_path, "bindings", *rows).counts == "accepted 2, rejected 0"
    assert len(stored()) == 2
    assert len(changed_days) == 1


def test_end_of_an_open_binding_comes_before_the_new_binding_of_the_same_file(
    tmp_path: Path, agencies: list[Agency], creator: Creator, changed_days: list[Span]
) -> None:
    BindingFactory(agency=agencies[0], creator=creator, bound_from=date(2026, 1, 1))
    said = deliver(tmp_path, "bindings", "A2,C1,2026-05-01,", "A1,C1,2026-01-01,2026-05-01")
    assert said.counts == "accepted 2, rejected 0"
    assert stored() == [
        ("A1", "C1", "2026-01-01", "2026-05-01"),
        ("A2", "C1", "2026-05-01", None),
    ]
    assert changed_days == [(date(2026, 5, 1), None)]


@pytest.mark.parametrize("until", ["2026-04-30", ""])
def test_stored_end_cannot_be_changed_or_opened(
    tmp_path: Path, agencies: list[Agency], creator: Creator, until: str
) -> None:
    BindingFactory(
        agency=agencies[0],
        creator=creator,
        bound_from=date(2026, 1, 1),
        bound_until=date(2026, 5, 1),
    )
    said = deliver(tmp_path, "bindings", f"A1,C1,2026-01-01,{until}")
    assert said.reasons == [
        (
            2,
            "bound_until: this binding is stored with the end 2026-05-01;"
            " a file cannot change history",
        )
    ]
    assert stored() == [("A1", "C1", "2026-01-01", "2026-05-01")]


def test_file_without_ends_leaves_a_closed_binding_closed(
    tmp_path: Path, agencies: list[Agency], creator: Creator
) -> None:
    BindingFactory(
        agency=agencies[0],
        creator=creator,
        bound_from=date(2026, 1, 1),
        bound_until=date(2026, 5, 1),
    )
    said = deliver(
        tmp_path, "bindings", "A1,C1,2026-01-01", header="agency_code,creator_id,bound_from"
    )
    assert said.counts == "accepted 1, rejected 0"
    assert stored() == [("A1", "C1", "2026-01-01", "2026-05-01")]


@pytest.mark.parametrize(
    ("row", "accepted"),
    [
        ("A2,C1,2026-01-01,2026-02-01", True),
        ("A2,C1,2026-01-01,2026-02-02", False),
        ("A2,C1,2026-02-10,2026-02-11", False),
        ("A2,C1,2026-02-28,", False),
        ("A2,C1,2026-03-01,", True),
        ("A1,C1,2026-02-10,2026-02-20", False),
    ],
)
def test_overlap_with_a_stored_binding_is_rejected(
    tmp_path: Path, agencies: list[Agency], creator: Creator, row: str, accepted: bool
) -> None:
    BindingFactory(
        agency=agencies[0],
        creator=creator,
        bound_from=date(2026, 2, 1),
        bound_until=date(2026, 3, 1),
    )
    said = deliver(tmp_path, "bindings", row)
    if accepted:
        assert said.counts == "accepted 1, rejected 0"
        assert len(stored()) == 2
    else:
        assert said.reasons == [
            (
                2,
                "bound_from: creator C1 is bound to agency A1 from 2026-02-01 until 2026-03-01;"
                " the days overlap",
            )
        ]
        assert len(stored()) == 1


def test_bindings_of_one_creator_that_overlap_within_the_file_are_all_rejected(
    tmp_path: Path, agencies: list[Agency], creator: Creator
) -> None:
    CreatorFactory(creator_id="C2")
    said = deliver(
        tmp_path,
        "bindings",
        "A1,C1,2026-01-01,2026-06-01",
        "A2,C1,2026-02-01,2026-02-02",
        "A2,C1,2026-05-31,2026-07-01",
        "A1,C1,2026-07-01,2026-08-01",
        "A1,C2,2026-01-01,",
    )
    overlap = (
        "creator_id: bindings of creator C1 overlap within this file; leave those that are right"
    )
    assert said.reasons == [(2, overlap), (3, overlap), (4, overlap)]
    assert said.counts == "accepted 2, rejected 3"
    assert stored() == [
        ("A1", "C2", "2026-01-01", None),
        ("A1", "C1", "2026-07-01", "2026-08-01"),
    ]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("A9,C1,2026-01-01,", "agency_code: there is no agency A9; import the agencies first"),
        ("A1,C9,2026-01-01,", "creator_id: there is no creator C9; import the creators first"),
        ("A1,C1,2025-12-31,", "bound_from: 2025-12-31 is before the agency joined on 2026-01-01"),
        (
            "A1,C1,2026-01-01,2026-01-01",
            "bound_until: 2026-01-01 is not after bound_from; it is the first day that is not"
            " bound any more",
        ),
        ("A1,C1,,", "bound_from is empty: it is required"),
        ("A1,C1,2026-01-01,soon", 'bound_until: "soon" is not a day: write YYYY-MM-DD'),
    ],
)
def test_row_is_rejected_with_its_reason(
    tmp_path: Path, agencies: list[Agency], creator: Creator, row: str, reason: str
) -> None:
    assert deliver(tmp_path, "bindings", row).reasons == [(2, reason)]
    assert not Binding.objects.exists()


def test_creator_known_from_facts_alone_is_unknown(tmp_path: Path, agencies: list[Agency]) -> None:
    Creator.objects.create(creator_id="C1")
    said = deliver(tmp_path, "bindings", "A1,C1,2026-01-01,")
    assert said.counts == "accepted 0, rejected 1"


def test_same_key_twice_in_the_file_is_rejected(
    tmp_path: Path, agencies: list[Agency], creator: Creator
) -> None:
    row = "A1,C1,2026-01-01,2026-02-01"
    said = deliver(tmp_path, "bindings", row, row)
    assert {reason for _, reason in said.reasons} == {
        "agency_code, creator_id, bound_from: 2 rows of this file are about the same"
        " (lines 2, 3); leave the one that is right"
    }


def test_caps_and_bans_of_the_day_are_not_applied(tmp_path: Path) -> None:
    AgencyFactory(code="A1", joined_on=date(2026, 1, 1), binding_cap=1)
    for number in range(3):
        CreatorFactory(creator_id=f"C{number}", followers=9_000_000, followers_on=date(2026, 1, 1))
    rows = [f"A1,C{number},2026-01-01," for number in range(3)]
    assert deliver(tmp_path, "bindings", *rows).counts == "accepted 3, rejected 0"


REMOVED = (
    "bound_until: the agency was removed on 2026-05-01; its bindings end on that day at the latest"
)


@pytest.mark.parametrize(
    ("row", "accepted"),
    [
        ("A1,C1,2026-05-01,", False),
        ("A1,C1,2026-05-01,2026-05-02", False),
        ("A1,C1,2026-04-30,2026-05-02", False),
        ("A1,C1,2026-04-30,", False),
        ("A1,C1,2026-04-30,2026-05-01", True),
    ],
)
def test_days_on_which_the_agency_is_removed_are_rejected(
    tmp_path: Path, agencies: list[Agency], creator: Creator, row: str, accepted: bool
) -> None:
    Agency.objects.filter(code="A1").update(removed_on=date(2026, 5, 1))
    said = deliver(tmp_path, "bindings", row)
    assert said.counts == f"accepted {int(accepted)}, rejected {int(not accepted)}"
    assert accepted or said.reasons == [(2, REMOVED)]


def imported(folder: Path, *rows: str) -> ImportedFile:
    path = folder / "bindings.csv"
    path.write_text("\n".join([HEADERS["bindings"], *rows]) + "\n", encoding="utf-8")
    return import_file(path, BindingImport(), Occasion(today=NOON.date(), now=NOON)).imported


@pytest.mark.django_db(transaction=True)
def test_a_removal_under_way_is_waited_for(
    tmp_path: Path, agencies: list[Agency], creator: Creator
) -> None:
    agency = agencies[0]
    binding = BindingFactory(agency=agency, creator=creator, bound_from=date(2026, 5, 1))
    beside = Beside(lambda: imported(tmp_path, "A1,C1,2026-05-01,"))
    with transaction.atomic():
        Agency.objects.filter(pk=agency.pk).update(removed_on=date(2026, 5, 1))
        binding.delete()
        beside.start()
        until_waiting(1)
    register = beside.end()
    assert (register.accepted, register.rejected) == (0, 1)
    assert not Binding.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_binding_that_somebody_ends_meanwhile_on_another_day_is_rejected(
    tmp_path: Path, agencies: list[Agency], creator: Creator
) -> None:
    agency = agencies[0]
    BindingFactory(agency=agency, creator=creator, bound_from=date(2026, 1, 1))
    beside = Beside(lambda: imported(tmp_path, "A1,C1,2026-01-01,2026-05-01"))
    with transaction.atomic():
        Agency.objects.select_for_update(no_key=True).get(pk=agency.pk)
        Binding.objects.update(bound_until=date(2026, 6, 1))
        beside.start()
        until_waiting(1)
    register = beside.end()
    assert (register.accepted, register.rejected) == (0, 1)
    assert stored() == [("A1", "C1", "2026-01-01", "2026-06-01")]


@pytest.mark.django_db(transaction=True)
def test_an_import_that_gives_way_in_a_circle_of_locks_says_so(
    tmp_path: Path, agencies: list[Agency], creator: Creator
) -> None:
    agency = agencies[0]
    BindingFactory(agency=agency, creator=creator, bound_from=date(2026, 1, 1))
    beside = Beside(lambda: imported(tmp_path, "A1,C1,2026-01-01,2026-05-01"))
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL deadlock_timeout = '1h'")  # the import notices it first
        Binding.objects.select_for_update(no_key=True).get(agency=agency)
        beside.start()
        until_waiting(1)  # it holds the agency, and waits for the binding
        Agency.objects.select_for_update(no_key=True).get(pk=agency.pk)
    fault = beside.end()
    assert isinstance(fault, FileFault)
    assert str(fault) == CLASH
    register = ImportedFile.objects.get()
    assert (register.kind, register.outcome) == (FileKind.BINDINGS, ImportOutcome.REFUSED)
    assert register.fault == CLASH
    assert stored() == [("A1", "C1", "2026-01-01", None)]

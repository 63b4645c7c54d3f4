"""An import of facts is taken back: its days are as if it had never been."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import duckdb
import pytest
import time_machine
from django.conf import settings as django_settings
from django.db import IntegrityError, transaction
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from agencies.enums import FileKind
from agencies.models import Creator, ImportedFile
from agencies.refusals import Refused
from scoring.enums import Cause, DisputeState
from scoring.facts import data_through, prune_parts
from scoring.facts.pruning import KEPT_SUPERSEDED
from scoring.facts.retracting import prospect, restorable_until, retract
from scoring.models import Dispute, Evaluation, FactPart, Retraction, StaleMark
from scoring.signals import facts_imported as news
from tests.factories import EvaluationFactory, UserFactory
from tests.factories.evaluations import dispute_of
from tests.factories.staff import operator
from tests.factories.uploads import AT, FACT, csv_file, facts_imported, imported

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_today")]
DAYS = [date(2026, 9, 30), date(2026, 10, 1)]
FIRST, SECOND = (f"{day:%Y-%m-%d}" for day in DAYS)
OTHER = "2,0,0,1,0,0,,,"


@pytest.fixture
def _today() -> Iterator[None]:
    with time_machine.travel(AT, tick=False):
        yield


def held_rows() -> dict[tuple[date, str], int]:
    """What the stored facts say now: settled yuan by day and creator."""
    names = dict(Creator.objects.values_list("id", "creator_id"))
    found = {}
    for part in FactPart.objects.current():
        path = django_settings.FACTS_DIR / part.path
        rows = duckdb.execute(
            f"SELECT creator, settled_cents // 100 FROM read_parquet('{path}')"
        ).fetchall()
        found |= {(part.day, names[creator]): amount for creator, amount in rows}
    return found


def take_back(entry: ImportedFile, **options: Any) -> Retraction:
    ordinary: dict[str, Any] = {"reason": "wrong file", "by": operator(), "at": AT}
    return retract(imported_id=entry.pk, **{**ordinary, **options})


def refusal(entry: ImportedFile) -> Refused:
    with pytest.raises(Refused) as refused:
        take_back(entry)
    return refused.value


def test_days_return_to_the_part_before() -> None:
    first = facts_imported(f"C1,{FIRST},{FACT}", f"C2,{FIRST},{FACT}")
    before = held_rows()
    old = FactPart.objects.get()
    mistake = facts_imported(f"C1,{FIRST},{OTHER}", f"C3,{SECOND},{FACT}", name="mistake.csv")
    person = operator()
    done = take_back(mistake, by=person)
    assert (done.days, done.reason, done.actor, done.at) == (2, "wrong file", person, AT)
    assert held_rows() == before
    assert data_through() == DAYS[0]
    back = FactPart.objects.current().get()
    assert (back.copies, back.sha256, back.rows, back.size) == (old, old.sha256, 2, old.size)
    assert back.imported_file == first
    assert back.replaces is not None
    assert back.replaces.imported_file == mistake
    assert FactPart.objects.count() == 4


def test_imports_are_taken_back_newest_first() -> None:
    entries = [
        facts_imported(f"C{n},{FIRST},{FACT}", name=f"{n}.csv", at=AT + timedelta(minutes=n))
        for n in range(3)
    ]
    states = [{(DAYS[0], f"C{m}"): 1 for m in range(n)} for n in range(3)]
    told = refusal(entries[0])
    assert told.rule == "built_upon"
    assert str(told).startswith("Later imports build on this one: 2.csv, 1.csv. Take them back")
    for entry, state in zip(reversed(entries), reversed(states), strict=True):
        take_back(entry)
        assert held_rows() == state
    assert FactPart.objects.current().count() == 0


def test_an_import_that_delivered_the_same_again_is_built_upon_too() -> None:
    first = facts_imported(f"C1,{FIRST},{FACT}")
    again = facts_imported(f"C1,{FIRST},{FACT}", f"C1,{SECOND},{FACT}", name="same.csv")
    assert "A later import builds on this one: same.csv." in str(refusal(first))
    take_back(again)
    assert held_rows() == {(DAYS[0], "C1"): 1}
    take_back(first)
    assert held_rows() == {}


def test_a_part_brought_back_can_be_built_upon_and_brought_back_again() -> None:
    first = facts_imported(f"C1,{FIRST},{FACT}")
    take_back(facts_imported(f"C1,{FIRST},{OTHER}", name="b.csv"))
    third = facts_imported(f"C2,{FIRST},{FACT}", name="c.csv")
    assert held_rows() == {(DAYS[0], "C1"): 1, (DAYS[0], "C2"): 1}
    take_back(third)
    assert held_rows() == {(DAYS[0], "C1"): 1}
    take_back(first)
    assert held_rows() == {}


def test_a_file_that_was_taken_back_may_be_imported_again() -> None:
    row = f"C1,{FIRST},{FACT}"
    first = facts_imported(row)
    take_back(first)
    again = facts_imported(row)
    assert again.pk != first.pk
    assert held_rows() == {(DAYS[0], "C1"): 1}


def test_published_months_become_stale_with_the_reason_and_the_news_goes_up() -> None:
    heard: list[list[date]] = []

    def listen(sender: Any, days: list[date], **kwargs: Any) -> None:
        heard.append(days)

    facts_imported(f"C1,{FIRST},{FACT}")
    mistake = facts_imported(f"C1,{FIRST},{FACT}", f"C1,{SECOND},{FACT}", name="m.csv")
    september: Evaluation = EvaluationFactory.create(month=date(2026, 9, 1))
    october: Evaluation = EvaluationFactory.create(month=date(2026, 10, 1))
    october.parts.set(FactPart.objects.current().filter(day=DAYS[1]))
    news.connect(listen)
    try:
        take_back(mistake)
    finally:
        news.disconnect(listen)
    for each in (september, october):
        each.refresh_from_db()
    # the content of the last day of September stays the same
    assert (september.stale_since, october.stale_since) == (None, AT)
    mark = StaleMark.objects.get()
    assert (mark.evaluation, mark.cause, mark.first, mark.last) == (
        october,
        Cause.FACTS,
        DAYS[1],
        DAYS[1],
    )
    assert mark.about == {"retracted": mistake.pk, "file": "m.csv", "days": 1}
    assert heard == [[DAYS[1]]]
    assert [part.imported_file for part in october.parts.all()] == [mistake]


def test_disputes_that_it_corrected_hold_their_month_again() -> None:
    entry = facts_imported(f"C1,{FIRST},{FACT}")
    other = facts_imported(f"C1,{SECOND},{FACT}")
    month = DAYS[0].replace(day=1)
    for corrected_by in (entry, other):
        dispute_of(month, state=DisputeState.CORRECTED, corrected_at=AT, corrected_by=corrected_by)
    take_back(entry)
    found = Dispute.objects.order_by("id").values_list("state", "corrected_by", "corrected_at")
    assert list(found) == [("accepted", None, None), ("corrected", other.pk, AT)]
    assert Dispute.objects.awaiting_correction(month).count() == 1


def test_an_import_is_taken_back_once() -> None:
    entry = facts_imported(f"C1,{FIRST},{FACT}")
    take_back(entry)
    told = refusal(entry)
    assert (told.rule, "took this import back on" in str(told)) == ("taken_back", True)
    assert Retraction.objects.count() == 1


def test_other_imports_cannot_be_taken_back() -> None:
    creators = imported(FileKind.CREATORS, csv_file("creators", "C1,a,1,")).imported
    refused = imported(FileKind.FACTS, b"x\n").imported
    empty = facts_imported(f"C1,2030-01-01,{FACT}")
    assert creators is not None
    assert refused is not None
    assert [refusal(each).rule for each in (creators, refused)] == ["not_facts"] * 2
    assert refusal(empty).rule == "nothing"


def test_what_was_replaced_is_kept_for_seven_days() -> None:
    facts_imported(f"C1,{FIRST},{FACT}")
    mistake = facts_imported(f"C1,{FIRST},{OTHER}")
    until = restorable_until(mistake)
    assert until == AT + KEPT_SUPERSEDED
    assert prune_parts(until) == 0
    assert prospect(mistake).refusal is None
    assert prune_parts(until + timedelta(seconds=1)) == 1
    told = refusal(mistake)
    assert told.rule == "gone"
    assert "Sept. 30, 2026. It is kept for 7 days." in str(told)
    assert held_rows() == {(DAYS[0], "C1"): 2}


def test_the_file_of_a_part_brought_back_is_kept() -> None:
    facts_imported(f"C1,{FIRST},{FACT}")
    take_back(facts_imported(f"C1,{FIRST},{OTHER}"))
    assert prune_parts(AT + KEPT_SUPERSEDED + timedelta(seconds=1)) == 1
    assert held_rows() == {(DAYS[0], "C1"): 1}


def test_the_prospect_names_days_and_months() -> None:
    facts_imported(f"C1,{FIRST},{FACT}")
    entry = facts_imported(f"C1,{FIRST},{FACT}", f"C1,{SECOND},{FACT}", name="b.csv")
    ahead = prospect(entry)
    assert [each.part.day for each in ahead.returns] == DAYS
    assert (ahead.emptied, ahead.months) == (1, [date(2026, 10, 1)])


@pytest.mark.parametrize(
    ("name", "make"),
    [
        (
            "retraction_has_a_reason",
            lambda entry: Retraction.objects.create(
                imported=entry, reason="", days=1, at=AT, actor=UserFactory.create()
            ),
        ),
        ("scoring_retraction_imported_id_key", lambda entry: [twice(entry), twice(entry)]),
    ],
)
def test_constraint(name: str, make: Callable[[ImportedFile], object]) -> None:
    entry = facts_imported(f"C1,{FIRST},{FACT}")
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        make(entry)


def twice(entry: ImportedFile) -> Retraction:
    return Retraction.objects.create(
        imported=entry, reason="x", days=1, at=AT, actor=UserFactory.create()
    )


Rows = dict[tuple[date, str], int]
FILE = st.dictionaries(
    st.tuples(st.sampled_from(DAYS), st.sampled_from(["C1", "C2"])),
    st.integers(1, 2),
    min_size=1,
)
# A file to import, or the number of an import to take back.
STEPS = st.lists(st.one_of(FILE, st.integers(0, 5)), min_size=3, max_size=7)


class TestAgainstADictionary(TestCase):
    """Whatever is imported and taken back, in whatever order it is tried."""

    @settings(max_examples=10, deadline=None)
    @given(steps=STEPS)
    def test_days_are_as_if_what_was_taken_back_had_never_been(
        self, steps: list[Rows | int]
    ) -> None:
        with time_machine.travel(AT, tick=False):
            self.walk(steps)

    def walk(self, steps: list[Rows | int]) -> None:
        standing: list[tuple[ImportedFile, Rows]] = []
        person = operator()
        for number, step in enumerate(steps):
            if isinstance(step, dict):
                rows = [
                    f"{creator},{day},{amount},0,0,1,0,0,,,"
                    for (day, creator), amount in step.items()
                ]
                name = f"{number}.csv"
                entry = facts_imported(*rows, name=name, by=person, again=True)
                standing.append((entry, step))
            elif step < len(standing):
                self.try_to_take_back(standing, step, person)
            expected: Rows = {}
            for _, rows_of in standing:
                expected |= rows_of
            assert held_rows() == expected

    def try_to_take_back(
        self, standing: list[tuple[ImportedFile, Rows]], index: int, person: Any
    ) -> None:
        """It works exactly where no later import that stands has rows of its days."""
        entry, rows = standing[index]
        days = {day for day, _ in rows}
        if any(days & {day for day, _ in later} for _, later in standing[index + 1 :]):
            assert refusal(entry).rule == "built_upon"
            return
        retract(imported_id=entry.pk, reason="x", by=person, at=AT)
        del standing[index]

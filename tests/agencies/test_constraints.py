"""Every named constraint refuses what it is named for, and none is without its test."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import DatabaseError, IntegrityError, connection, transaction

from agencies.enums import EntryKind, FileKind, ImportOutcome
from agencies.models import Agency, Binding, Creator, CreditEntry, ImportedFile, Violation
from portal.models import Heartbeat, User
from rankings.models import Board, Place
from scoring.models import Assessment, Evaluation, FactPart, RulebookVersion
from tests.factories import (
    AgencyFactory,
    AssessmentFactory,
    BindingFactory,
    BoardFactory,
    CreatorFactory,
    EvaluationFactory,
    MembershipFactory,
    PlaceFactory,
    UserFactory,
    ViolationFactory,
)

pytestmark = pytest.mark.django_db

TESTS = Path(__file__).resolve().parent.parent
NOW = datetime(2026, 11, 3, 12, 0, tzinfo=UTC)
EARLIER = datetime(2026, 11, 3, 11, 59, tzinfo=UTC)
JANUARY, MARCH, MAY = date(2026, 1, 1), date(2026, 3, 1), date(2026, 5, 1)


def entry(**fields: Any) -> CreditEntry:
    """A second line of a ledger, an award unless told otherwise."""
    agency = fields.pop("agency", None) or AgencyFactory.create()
    ordinary = {
        "number": 2,
        "kind": EntryKind.AWARD,
        "points": 5,
        "effective_on": MARCH,
        "created_at": NOW,
        "seal": "0" * 64,
    }
    return CreditEntry.objects.create(agency=agency, **{**ordinary, **fields})


def delivery(**fields: Any) -> ImportedFile:
    ordinary = {
        "kind": FileKind.FACTS,
        "name": "facts.csv",
        "sha256": "0" * 64,
        "size": 1,
        "outcome": ImportOutcome.APPLIED,
        "started_at": NOW,
        "finished_at": NOW,
    }
    return ImportedFile.objects.create(**{**ordinary, **fields})


def part(**fields: Any) -> FactPart:
    ordinary = {"day": MARCH, "sha256": "0" * 64, "rows": 1, "size": 1, "created_at": NOW}
    return FactPart.objects.create(imported_file=delivery(), **{**ordinary, **fields})


def rulebook(**fields: Any) -> RulebookVersion:
    ordinary = {"version": "other", "effective_from": MARCH, "text": "", "created_at": NOW}
    return RulebookVersion.objects.create(**{**ordinary, "sha256": "0" * 64, **fields})


def twice(make: Callable[..., object], **fields: Any) -> None:
    make(**fields)
    make(**fields)


def deducted(**fields: Any) -> CreditEntry:
    return entry(**{"kind": EntryKind.DEDUCTION, "asked": 10, "points": -10, **fields})


def one_violation_deducted_twice() -> None:
    agency, violation = AgencyFactory.create(), ViolationFactory.create()
    deducted(agency=agency, violation=violation)
    deducted(agency=agency, violation=violation, number=3)


def one_agency_twice_on_a_board() -> None:
    place = PlaceFactory.create(rank=1)
    PlaceFactory.create(board=place.board, agency=place.agency, rank=2)


def two_agencies_on_one_rank() -> None:
    place = PlaceFactory.create(rank=1)
    PlaceFactory.create(board=place.board, rank=1)


def a_member_twice() -> None:
    seat = MembershipFactory.create()
    MembershipFactory.create(agency=seat.agency, user=seat.user, role="viewer")


def an_unknown_stage() -> None:
    """The points by stage refuse it first, hence without them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "ALTER TABLE scoring_assessment DROP CONSTRAINT assessment_level_and_points_by_stage"
        )
    AssessmentFactory.create(stage="retired")


def bound(creator: Creator, start: date, end: date | None) -> Binding:
    return BindingFactory.create(creator=creator, bound_from=start, bound_until=end)


REFUSED: list[tuple[str, Callable[[], object]]] = [
    ("agency_code_form", lambda: AgencyFactory.create(code="A B")),
    ("agency_code_form", lambda: AgencyFactory.create(code="")),
    ("agency_code_form", lambda: AgencyFactory.create(code="机构")),
    ("agency_code_form", lambda: AgencyFactory.create(code="A\n")),
    ("agencies_agency_code", lambda: twice(AgencyFactory.create, code="A")),
    (
        "agency_removed_after_joining",
        lambda: AgencyFactory.create(joined_on=MARCH, removed_on=date(2026, 2, 28)),
    ),
    ("agency_stage_known", lambda: AgencyFactory.create(stage="retired")),
    ("agency_level_only_assessed", lambda: AgencyFactory.create(level="V1")),
    ("agency_level_only_assessed", lambda: AgencyFactory.create(level="V1", stage="novice")),
    ("membership_once", a_member_twice),
    ("membership_role_known", lambda: MembershipFactory.create(role="admin")),
    ("creator_id_form", lambda: CreatorFactory.create(creator_id="a/b")),
    ("agencies_creator_creator_id", lambda: twice(CreatorFactory.create, creator_id="C")),
    ("creator_followers_dated", lambda: CreatorFactory.create(followers=1)),
    ("creator_followers_dated", lambda: CreatorFactory.create(followers_on=MARCH)),
    ("followers_check", lambda: CreatorFactory.create(followers=-1, followers_on=MARCH)),
    ("binding_not_empty", lambda: bound(CreatorFactory.create(), MARCH, MARCH)),
    ("binding_not_empty", lambda: bound(CreatorFactory.create(), MARCH, JANUARY)),
    ("violation_kind_known", lambda: ViolationFactory.create(kind="rudeness")),
    ("violation_state_known", lambda: ViolationFactory.create(state="lost")),
    (
        "violation_decided_after_it_occurred",
        lambda: ViolationFactory.create(occurred_on=MAY, decided_on=date(2026, 4, 30)),
    ),
    ("agencies_violation_reference", lambda: twice(ViolationFactory.create, reference="1")),
    ("credit_entry_numbered", lambda: twice(entry, agency=AgencyFactory.create())),
    ("credit_entry_number_from_one", lambda: entry(number=0)),
    ("credit_entry_kind_known", lambda: entry(kind="gift")),
    ("credit_entry_deduction_within_asked", lambda: deducted(points=-11)),
    ("credit_entry_deduction_within_asked", lambda: deducted(points=1)),
    ("credit_entry_deduction_within_asked", lambda: deducted(asked=None)),
    ("credit_entry_gift_not_negative", lambda: entry(points=-1)),
    ("credit_entry_gift_not_negative", lambda: entry(kind=EntryKind.RESTORE, points=-1)),
    ("credit_entry_reversal_names_its_line", lambda: entry(kind=EntryKind.REVERSAL)),
    ("credit_entry_reversal_names_its_line", lambda: entry(reverses=entry())),
    ("credit_entry_one_opening", lambda: entry(kind=EntryKind.OPENING)),
    ("credit_entry_one_deduction_per_violation", one_violation_deducted_twice),
    ("imported_file_kind_known", lambda: delivery(kind="letters")),
    ("imported_file_refused_says_why", lambda: delivery(outcome=ImportOutcome.REFUSED)),
    ("imported_file_refused_says_why", lambda: delivery(fault="it is torn")),
    (
        "imported_file_refused_says_why",
        lambda: delivery(outcome=ImportOutcome.REFUSED, fault="it is torn", accepted=1),
    ),
    ("imported_file_refused_says_why", lambda: delivery(outcome="lost")),
    ("imported_file_ends_after_start", lambda: delivery(finished_at=EARLIER)),
    ("fact_part_one_current_per_day", lambda: twice(part)),
    ("fact_part_current_keeps_file", lambda: part(file_removed_at=NOW)),
    (
        "rulebook_one_in_force_per_start",
        lambda: rulebook(effective_from=date(2000, 1, 1), state="in_force", activated_at=NOW),
    ),
    ("scoring_rulebookversion_version", lambda: twice(rulebook)),
    ("rulebook_state_known", lambda: rulebook(state="forgotten")),
    ("rulebook_starts_with_a_month", lambda: rulebook(effective_from=date(2026, 3, 2))),
    ("evaluation_revision_once", lambda: twice(EvaluationFactory.create, state="superseded")),
    (
        "assessment_once",
        lambda: twice(
            AssessmentFactory.create,
            evaluation=EvaluationFactory.create(),
            agency=AgencyFactory.create(),
        ),
    ),
    ("assessment_stage_known", an_unknown_stage),
    ("board_once", lambda: twice(BoardFactory.create, evaluation=EvaluationFactory.create())),
    ("board_kind_known", lambda: BoardFactory.create(kind="fame")),
    ("place_rank_once", two_agencies_on_one_rank),
    ("place_agency_once", one_agency_twice_on_a_board),
    ("place_rank_from_one", lambda: PlaceFactory.create(rank=0)),
    ("user_email_lower_case", lambda: User.objects.create(email="Person@example.com")),
    ("portal_user_email", lambda: twice(UserFactory.create, email="person@example.com")),
    ("heartbeat_role_known", lambda: Heartbeat.objects.create(role="owner", name="1", seen_at=NOW)),
    (
        "heartbeat_once_per_process",
        lambda: twice(Heartbeat.objects.create, role="worker", name="1", seen_at=NOW),
    ),
]


@pytest.mark.parametrize(
    ("constraint", "make"), REFUSED, ids=[f"{n}-{name}" for n, (name, _) in enumerate(REFUSED)]
)
def test_the_database_refuses(constraint: str, make: Callable[[], object]) -> None:
    with pytest.raises(DatabaseError, match=constraint), transaction.atomic():
        make()


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ((JANUARY, MAY), (MARCH, None)),
        ((JANUARY, None), (MAY, None)),
        ((JANUARY, MAY), (JANUARY, MAY)),
        ((JANUARY, MAY), (MARCH, date(2026, 3, 2))),
        ((MARCH, MAY), (JANUARY, None)),
        ((JANUARY, MAY), (date(2026, 4, 30), MAY)),
        ((JANUARY, None), (date(2099, 1, 1), date(2099, 1, 2))),
    ],
)
def test_a_creator_has_one_agency_on_any_day(
    first: tuple[date, date | None], second: tuple[date, date | None]
) -> None:
    creator = CreatorFactory.create()
    bound(creator, *first)
    with (
        pytest.raises(IntegrityError, match="binding_one_agency_per_creator_day"),
        transaction.atomic(),
    ):
        bound(creator, *second)


def test_not_even_twice_the_same_agency_on_a_day() -> None:
    binding = BindingFactory.create()
    with (
        pytest.raises(IntegrityError, match="binding_one_agency_per_creator_day"),
        transaction.atomic(),
    ):
        BindingFactory.create(
            agency=binding.agency, creator=binding.creator, bound_from=date(2030, 1, 1)
        )


def test_an_open_binding_can_be_reopened_only_where_nothing_follows() -> None:
    creator = CreatorFactory.create()
    before = bound(creator, JANUARY, MARCH)
    bound(creator, MARCH, None)
    before.bound_until = None
    with (
        pytest.raises(IntegrityError, match="binding_one_agency_per_creator_day"),
        transaction.atomic(),
    ):
        before.save()


def test_bindings_may_touch_leave_gaps_and_belong_to_other_creators() -> None:
    creator = CreatorFactory.create()
    bound(creator, MARCH, date(2026, 3, 2))
    bound(creator, JANUARY, MARCH)
    bound(creator, date(2026, 3, 2), date(2026, 4, 1))
    bound(creator, MAY, None)
    bound(CreatorFactory.create(), JANUARY, None)
    assert Binding.objects.count() == 5


def test_an_agency_may_be_removed_on_the_day_it_joined() -> None:
    assert AgencyFactory.create(joined_on=MARCH, removed_on=MARCH).removed_on == MARCH


def test_codes_and_ids_may_be_32_characters_of_the_set_and_not_one_more() -> None:
    longest = "Az09_-" * 5 + "zz"
    assert AgencyFactory.create(code=longest).code == longest
    assert CreatorFactory.create(creator_id=longest).creator_id == longest
    with pytest.raises(DatabaseError, match="too long"), transaction.atomic():
        AgencyFactory.create(code=f"{longest}z")


def test_a_superseded_part_may_lose_its_file_and_leaves_the_day_free() -> None:
    part(superseded_at=NOW, file_removed_at=NOW)
    part(superseded_at=NOW)
    part()
    assert FactPart.objects.current().count() == 1


def test_every_named_constraint_is_named_in_a_test() -> None:
    texts = "\n".join(path.read_text(encoding="utf-8") for path in TESTS.rglob("test_*.py"))
    names = {
        constraint.name
        for room in ("agencies", "scoring", "rankings", "portal")
        for model in apps.get_app_config(room).get_models()
        for constraint in model._meta.constraints
    }
    assert len(names) > 40
    assert {name for name in names if f'"{name}"' not in texts} == set()


def test_every_named_constraint_is_in_the_database() -> None:
    models = [Agency, Binding, Creator, CreditEntry, ImportedFile, Violation, Board, Place]
    models += [Assessment, Evaluation, FactPart, RulebookVersion, Heartbeat, User]
    for model in models:
        with connection.cursor() as cursor:
            stored = connection.introspection.get_constraints(cursor, model._meta.db_table)
        assert {constraint.name for constraint in model._meta.constraints} <= set(stored)

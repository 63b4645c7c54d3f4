"""The boards of a publication: who is on them, in which order, and that they stay so."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from agencies.enums import Measure, Stage
from agencies.models import Agency
from rankings.actions import make_boards
from rankings.models import Board, BoardKind, Place
from scoring.enums import EvaluationState
from scoring.models import Assessment, Evaluation
from scoring.signals import evaluation_published
from tests.factories import AgencyFactory, AssessmentFactory, EvaluationFactory
from tests.factories.cases import PenaltyFactory

pytestmark = pytest.mark.django_db

AUGUST, SEPTEMBER, OCTOBER = date(2026, 8, 1), date(2026, 9, 1), date(2026, 10, 1)
# the 3rd at 03:00 by the platform's clock, when it is still the 2nd in UTC
AT = datetime(2026, 11, 2, 19, 0, tzinfo=UTC)


@pytest.fixture
def october() -> Evaluation:
    return EvaluationFactory.create(month=OCTOBER)


@pytest.fixture
def september() -> Evaluation:
    return EvaluationFactory.create(month=SEPTEMBER)


def result(evaluation: Evaluation, agency: Agency | str, **fields: Any) -> Assessment:
    """A result with the points given; equal ones where none are given."""
    if isinstance(agency, str):
        agency = Agency.objects.filter(code=agency).first() or AgencyFactory.create(code=agency)
    cents = {key: fields.pop(key, 0) for key in ("settled_cents", "showcase_cents")}
    ordinary = {"total": Decimal(600), "operating": Decimal(300), "growth": Decimal(200)}
    return AssessmentFactory.create(
        evaluation=evaluation, agency=agency, totals=cents, **{**ordinary, **fields}
    )


def board(evaluation: Evaluation, kind: BoardKind = BoardKind.STRENGTH) -> list[tuple[int, str]]:
    places = Place.objects.filter(board__evaluation=evaluation, board__kind=kind)
    return list(places.order_by("rank").values_list("rank", "code"))


def codes(evaluation: Evaluation, kind: BoardKind = BoardKind.STRENGTH) -> list[str]:
    places = board(evaluation, kind)
    assert [rank for rank, _ in places] == list(range(1, len(places) + 1))
    return [code for _, code in places]


def test_the_news_of_a_publication_makes_both_boards(october: Evaluation) -> None:
    result(october, "A")
    evaluation_published.send(sender=Evaluation, evaluation=october, at=AT)
    kinds = Board.objects.filter(evaluation=october).order_by("kind").values_list("kind", flat=True)
    assert list(kinds) == ["growth", "strength"]
    assert codes(october) == codes(october, BoardKind.GROWTH) == ["A"]


def test_only_assessed_agencies_have_a_place(october: Evaluation) -> None:
    result(october, "assessed")
    result(october, "observed", stage=Stage.OBSERVATION, total=Decimal(900))
    AssessmentFactory.create(
        evaluation=october, agency=AgencyFactory(code="novice"), stage=Stage.NOVICE
    )
    AgencyFactory.create(code="out-of-scope")
    make_boards(october, at=AT)
    for kind in BoardKind:
        assert codes(october, kind) == ["assessed"]


@pytest.mark.parametrize(
    ("removed_on", "placed"),
    [
        (date(2026, 10, 5), False),
        (date(2026, 11, 2), False),
        (date(2026, 11, 3), False),
        (date(2026, 11, 4), True),
        (None, True),
    ],
)
def test_agencies_removed_by_the_publication_are_left_out(
    october: Evaluation, removed_on: date | None, placed: bool
) -> None:
    result(october, AgencyFactory.create(code="A", removed_on=removed_on), total=Decimal(900))
    result(october, "B")
    make_boards(october, at=AT)
    for kind in BoardKind:
        assert codes(october, kind) == (["A", "B"] if placed else ["B"])


@pytest.mark.parametrize(
    ("starts_on", "until", "state", "placed"),
    [
        (date(2026, 11, 3), None, "active", False),
        (date(2026, 10, 1), date(2026, 11, 4), "active", False),
        (date(2026, 10, 1), date(2026, 11, 4), "expired", False),
        (date(2026, 10, 1), date(2026, 11, 3), "active", True),
        (date(2026, 11, 4), None, "active", True),
        (date(2026, 10, 1), None, "lifted", True),
        (None, None, "planned", True),
    ],
)
def test_agencies_whose_honours_are_cancelled_that_day_are_left_out(
    october: Evaluation, starts_on: date | None, until: date | None, state: str, placed: bool
) -> None:
    agency = AgencyFactory.create(code="A")
    PenaltyFactory.create(
        violation__agency=agency,
        kind=Measure.CANCEL_HONOURS,
        starts_on=starts_on,
        until=until,
        state=state,
    )
    suspended = AgencyFactory.create(code="B")
    PenaltyFactory.create(violation__agency=suspended, starts_on=date(2026, 10, 1))
    result(october, agency, total=Decimal(900), growth=Decimal(250))
    result(october, suspended)
    make_boards(october, at=AT)
    for kind in BoardKind:
        assert codes(october, kind) == (["A", "B"] if placed else ["B"])


def test_strength_goes_by_total_operating_amount_and_code(october: Evaluation) -> None:
    result(october, "b")
    result(october, "a")
    result(october, "B")
    result(october, "-")
    result(october, "amount", settled_cents=1)
    result(october, "operating", operating=Decimal("300.01"))
    result(october, "total", total=Decimal("600.01"), operating=Decimal(1))
    make_boards(october, at=AT)
    assert codes(october) == ["total", "operating", "amount", "-", "B", "a", "b"]
    scores = Place.objects.filter(board__kind=BoardKind.STRENGTH).order_by("rank")
    assert [place.score for place in scores] == [Decimal("600.01"), *[Decimal("600.00")] * 6]


def test_growth_goes_by_points_rise_showcase_amount_and_code(
    september: Evaluation, october: Evaluation
) -> None:
    result(september, "rise", growth=Decimal(150))
    result(september, "fall", growth=Decimal("200.01"))
    result(september, "same")
    for code in ("fall", "same", "rise", "b", "a"):
        result(october, code)
    result(october, "showcase", showcase_cents=1)
    result(october, "points", growth=Decimal("200.01"), total=Decimal(1))
    make_boards(october, at=AT)
    assert codes(october, BoardKind.GROWTH) == [
        "points",
        "rise",
        "showcase",
        "a",
        "b",
        "same",
        "fall",
    ]
    scores = Place.objects.filter(board__kind=BoardKind.GROWTH).order_by("rank")
    assert [place.score for place in scores] == [Decimal("200.01"), *[Decimal("200.00")] * 6]


def test_the_rise_is_none_unless_the_agency_was_assessed_last_month(
    september: Evaluation, october: Evaluation
) -> None:
    result(september, "observed", growth=Decimal(100), stage=Stage.OBSERVATION)
    AssessmentFactory.create(
        evaluation=september, agency=AgencyFactory(code="novice"), stage=Stage.NOVICE
    )
    result(september, "risen", growth=Decimal("199.99"))
    result(september, "sunk", growth=Decimal("200.01"))
    for code in ("sunk", "novice", "new", "observed", "risen"):
        result(october, code)
    make_boards(october, at=AT)
    assert codes(october, BoardKind.GROWTH) == ["risen", "new", "novice", "observed", "sunk"]


def test_the_rise_and_the_change_are_against_the_published_month_before(
    october: Evaluation,
) -> None:
    august = EvaluationFactory.create(month=AUGUST)
    old = EvaluationFactory.create(month=SEPTEMBER, revision=1, state=EvaluationState.SUPERSEDED)
    for earlier in (august, old):
        result(earlier, "B", growth=Decimal(1))
        make_boards(earlier, at=AT)
    result(october, "A")
    result(october, "B")
    make_boards(october, at=AT)
    assert codes(october, BoardKind.GROWTH) == ["A", "B"]
    assert set(october.boards.values_list("places__previous_rank", flat=True)) == {None}


def test_every_place_shows_the_change_on_its_own_board(
    september: Evaluation, october: Evaluation
) -> None:
    result(september, "A", total=Decimal(700), growth=Decimal(100))
    result(september, "B", total=Decimal(650), growth=Decimal(300))
    result(september, "gone", total=Decimal(640), growth=Decimal(200))
    result(september, "C", total=Decimal(630), growth=Decimal(50))
    make_boards(september, at=AT)
    result(october, "C", total=Decimal(800), growth=Decimal(50))
    result(october, "new", total=Decimal(700), growth=Decimal(300))
    result(october, "A", total=Decimal(650), growth=Decimal(100))
    result(october, "B", total=Decimal(640), growth=Decimal(250))
    make_boards(october, at=AT)

    def changes(kind: BoardKind) -> list[tuple[int, str, int | None, int | None]]:
        places = Place.objects.filter(board__evaluation=october, board__kind=kind).order_by("rank")
        return [(place.rank, place.code, place.previous_rank, place.change) for place in places]

    assert changes(BoardKind.STRENGTH) == [
        (1, "C", 4, 3),
        (2, "new", None, None),
        (3, "A", 1, -2),
        (4, "B", 2, -2),
    ]
    assert changes(BoardKind.GROWTH) == [
        (1, "new", None, None),
        (2, "B", 1, -1),
        (3, "A", 3, 0),
        (4, "C", 4, 0),
    ]


def test_a_board_is_frozen_with_its_publication(october: Evaluation) -> None:
    agency = AgencyFactory.create(code="A", name="旧名")
    assessment = result(october, agency, total=Decimal("712.50"))
    make_boards(october, at=AT)
    Agency.objects.filter(pk=agency.pk).update(
        name="新名", stage=Stage.ASSESSED, level="V1", removed_on=date(2026, 11, 5)
    )
    Assessment.objects.filter(pk=assessment.pk).update(total=Decimal(1), level="V1")
    place = Place.objects.get(board__kind=BoardKind.STRENGTH)
    assert (place.rank, place.code, place.name, place.level, place.score) == (
        1,
        "A",
        "旧名",
        assessment.level,
        Decimal("712.50"),
    )


def test_a_board_may_be_empty(october: Evaluation) -> None:
    make_boards(october, at=AT)
    assert Board.objects.filter(evaluation=october).count() == 2
    assert Place.objects.count() == 0
    assert export("growth", "2026-10") == "rank,change,agency_code,name,score\n"


def export(*arguments: str) -> str:
    out = StringIO()
    call_command("export_board", *arguments, stdout=out)
    return out.getvalue()


class TestExport:
    @pytest.fixture
    def published(self, september: Evaluation, october: Evaluation) -> Evaluation:
        comma = AgencyFactory.create(code="-y", name='星河, "传媒"')
        result(september, comma, total=Decimal(500))
        result(september, "B2")
        make_boards(september, at=AT)
        result(october, comma, total=Decimal("601.5"), growth=Decimal("199.99"))
        result(october, "B2", total=Decimal("601.49"))
        result(october, "10", total=Decimal(300), growth=Decimal(20))
        make_boards(october, at=AT)
        Agency.objects.filter(code="B2").update(name="改名")
        Agency.objects.filter(code="10").update(name="改名")
        return october

    def test_all_places_of_the_strength_board(self, published: Evaluation) -> None:
        names = dict(Place.objects.values_list("code", "name"))
        assert "改名" not in names.values()
        assert export("strength", "2026-10") == (
            "rank,change,agency_code,name,score\n"
            '1,1,-y,"星河, ""传媒""",601.50\n'
            f"2,-1,B2,{names['B2']},601.49\n"
            f"3,,10,{names['10']},300.00\n"
        )

    def test_all_places_of_the_growth_board(self, published: Evaluation) -> None:
        names = dict(Place.objects.values_list("code", "name"))
        assert export("growth", "2026-10") == (
            "rank,change,agency_code,name,score\n"
            f"1,1,B2,{names['B2']},200.00\n"
            '2,-1,-y,"星河, ""传媒""",199.99\n'
            f"3,,10,{names['10']},20.00\n"
        )

    def test_the_published_revision_is_given(self, published: Evaluation) -> None:
        Evaluation.objects.filter(pk=published.pk).update(state=EvaluationState.SUPERSEDED)
        again = EvaluationFactory.create(month=OCTOBER, revision=2)
        result(again, "B2", total=Decimal(1))
        make_boards(again, at=AT)
        assert len(export("strength", "2026-10").splitlines()) == 2

    @pytest.mark.parametrize(
        ("arguments", "sentence"),
        [
            (("growth", "2026-08"), "No growth board is published for 2026-08."),
            (("strength", "2026-8"), "'2026-8' is not a month: write it as YYYY-MM."),
        ],
    )
    def test_without_a_board_there_is_only_a_sentence(
        self, published: Evaluation, arguments: tuple[str, ...], sentence: str
    ) -> None:
        out = StringIO()
        with pytest.raises(CommandError) as refused:
            call_command("export_board", *arguments, stdout=out)
        assert sentence in str(refused.value)
        assert (refused.value.returncode, out.getvalue()) == (1, "")

    def test_a_name_that_is_a_formula_opens_as_text(self, october: Evaluation) -> None:
        result(october, AgencyFactory.create(code="F", name="=1+1"))
        make_boards(october, at=AT)
        assert "1,,F,'=1+1," in export("strength", "2026-10")

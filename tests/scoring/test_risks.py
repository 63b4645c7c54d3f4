"""At-risk marks, the pace of a month, the way back: each rule by its figures."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from agencies.credit_rules import DEDUCTION, Line
from agencies.enums import Stage
from agencies.models import Agency
from scoring.models import RulebookVersion
from scoring.points import Totals
from scoring.queries.credit_outlook import CreditOutlook, credit_outlook
from scoring.queries.pace import LEAST_DAYS, Pace, pace_of
from scoring.queries.projection import Projected, projection_of
from scoring.queries.risks import Risk, RiskKind, risks_of, usual_deduction
from scoring.queries.room import Room, room_of
from scoring.queries.standing import Standing, standing_of
from scoring.queries.way_back import WayBack, way_back
from scoring.rulebook import Rulebook
from tests.factories import AgencyFactory, AssessmentFactory, EvaluationFactory
from tests.factories.level import TOTALS
from tests.factories.projections import ProjectionFactory, ProjectionRunFactory

pytestmark = pytest.mark.django_db

SEPTEMBER, OCTOBER, NOVEMBER = date(2026, 9, 1), date(2026, 10, 1), date(2026, 11, 1)
TODAY = date(2026, 11, 15)
NOTHING = Totals(*[0] * len(Totals.__dataclass_fields__))


@pytest.fixture
def agency() -> Agency:
    return AgencyFactory.create()


@pytest.fixture
def rulebook() -> Rulebook:
    return RulebookVersion.objects.for_month(NOVEMBER).rulebook


def result(agency: Agency, totals: Totals = TOTALS, month: date = OCTOBER, **given: Any) -> None:
    AssessmentFactory.create(
        evaluation=EvaluationFactory.create(month=month),
        agency=agency,
        from_totals=totals,
        **given,
    )


def projection(
    agency: Agency,
    totals: Totals = TOTALS,
    *,
    through: date = date(2026, 11, 15),
    credit: int = 120,
) -> Projected:
    run = ProjectionRunFactory.create(month=through.replace(day=1), data_through=through)
    ProjectionFactory.create(run=run, agency=agency, from_totals=totals)
    lines = [Line(1, "opening", credit, date(2025, 1, 1))]
    found = projection_of(agency, lines=lines, today=TODAY)
    assert found is not None
    return found


def marks(
    agency: Agency,
    rulebook: Rulebook,
    *,
    credit: int | CreditOutlook = 120,
    projected: Projected | None = None,
) -> list[Risk]:
    seen = foreseen(rulebook, credit) if isinstance(credit, int) else credit
    return list(
        risks_of(
            standing=standing_of(agency),
            projected=projected,
            pace=pace_of(projected, credit=seen.at_end),
            credit=seen,
            rulebook=rulebook,
        )
    )


def foreseen(rulebook: Rulebook, credit: int, *taken: tuple[int, date]) -> CreditOutlook:
    """The credit of a November that opened with `credit`, by the deductions since."""
    opening = Line(1, "opening", credit, date(2025, 1, 1))
    lines = [Line(number, DEDUCTION, -each, day) for number, (each, day) in enumerate(taken, 2)]
    return credit_outlook(
        [opening, *lines], rulebook.credit, floor=80, today=TODAY, end=date(2026, 11, 30)
    )


def kinds(found: list[Risk]) -> list[str]:
    return [each.name for each in found]


def reputed(hundredths: int, totals: Totals = TOTALS) -> Totals:
    return replace(totals, reputation_points=hundredths * totals.reputation_orders)


def raised(rulebook: Rulebook, level: str, cut: int) -> Rulebook:
    """The rulebook's next version, in which a level begins at another total."""
    levels = tuple(
        replace(each, min_total=Decimal(cut)) if each.key == level else each
        for each in rulebook.levels
    )
    return replace(rulebook, version="2026.2", levels=levels)


def test_far_from_every_threshold_there_is_no_mark(agency: Agency, rulebook: Rulebook) -> None:
    result(agency)
    assert marks(agency, rulebook) == []


@pytest.mark.parametrize(
    ("credit", "expected"),
    [
        (100, []),
        (99, ["credit_close"]),
        (80, ["credit_close"]),
        (79, ["credit_low"]),
        (60, ["credit_low"]),
        (59, ["credit_low", "ban_close"]),
        (40, ["credit_low", "ban_close"]),
        (39, ["credit_low"]),
    ],
)
def test_credit_near_a_floor_or_a_band(
    agency: Agency, rulebook: Rulebook, credit: int, expected: list[str]
) -> None:
    result(agency)
    assert kinds(marks(agency, rulebook, credit=credit)) == expected


def test_a_credit_mark_says_what_a_usual_deduction_takes_and_costs(
    agency: Agency, rulebook: Rulebook
) -> None:
    result(agency)
    (mark,) = marks(agency, rulebook, credit=90)
    assert (mark.value, mark.threshold, mark.distance) == (90, 80, 10)
    assert (mark.points, mark.days, mark.crossed) == (20, 30, False)


def test_credit_that_the_way_back_cures_in_time_is_no_level_lost(
    agency: Agency, rulebook: Rulebook
) -> None:
    result(agency)
    # 75 today, +10 on 19 November
    seen = foreseen(rulebook, 120, (45, date(2026, 10, 20)))
    (mark,) = marks(agency, rulebook, credit=seen)
    assert (mark.name, mark.crossed, mark.value, mark.threshold) == (
        "credit_returning",
        False,
        75,
        80,
    )
    assert (mark.foreseen, mark.day, mark.month) == (85, date(2026, 11, 30), NOVEMBER)


@pytest.mark.parametrize(
    ("day", "at_end"), [(date(2026, 10, 31), 85), (date(2026, 11, 1), 75)], ids=["in time", "late"]
)
def test_credit_is_judged_by_the_last_day_of_the_month(
    agency: Agency, rulebook: Rulebook, day: date, at_end: int
) -> None:
    result(agency)
    # thirty days after 31 October is the month's last day; after 1 November it is too late
    (mark,) = marks(agency, rulebook, credit=foreseen(rulebook, 120, (45, day)))
    assert (mark.foreseen, mark.crossed) == (at_end, at_end < 80)


def test_the_usual_deduction_is_the_middle_one(rulebook: Rulebook) -> None:
    assert usual_deduction(rulebook) == 20
    assert usual_deduction(replace(rulebook, violations=())) == 0


def test_a_novice_risks_bindings_and_no_level(agency: Agency, rulebook: Rulebook) -> None:
    result(agency, stage=Stage.NOVICE)
    (mark,) = marks(agency, rulebook, credit=90)
    assert (mark.name, mark.threshold, mark.days) == ("ban_close", 80, 30)
    assert marks(agency, rulebook, credit=70) == []


def test_what_observation_already_says_is_no_mark(agency: Agency, rulebook: Rulebook) -> None:
    result(agency, stage=Stage.OBSERVATION, level="", credit=70)
    assert marks(agency, rulebook, credit=70) == []


def test_credit_that_fell_since_is_a_mark_also_before_the_first_result(
    agency: Agency, rulebook: Rulebook
) -> None:
    assert kinds(marks(agency, rulebook, credit=70)) == ["credit_low"]


@pytest.mark.parametrize(
    ("reputation", "service", "expected"),
    [
        (440, "150.00", []),
        (439, "149.00", ["service_close"]),
        (430, "140.00", ["service_close"]),
        (429, "139.00", ["service_low"]),
    ],
)
def test_service_power_near_its_floor(
    agency: Agency, rulebook: Rulebook, reputation: int, service: str, expected: list[str]
) -> None:
    result(agency, replace(reputed(reputation), worry_free_orders=90_000))
    standing = standing_of(agency)
    assert standing is not None
    assert standing.dimensions[2].points == Decimal(service)
    found = [each for each in marks(agency, rulebook) if each.kind != RiskKind.INDICATOR]
    assert kinds(found) == expected
    assert [each.indicator for each in found] == ["reputation"] * len(expected)


@pytest.mark.parametrize(
    ("total", "expected"),
    [
        (Decimal("570.00"), []),
        (Decimal("569.99"), ["level_close"]),
        (Decimal("550.00"), ["level_close"]),
    ],
)
def test_a_total_near_the_cut_off(
    agency: Agency, rulebook: Rulebook, total: Decimal, expected: list[str]
) -> None:
    result(agency)
    standing = standing_of(agency)
    projected = projection(agency)
    pace = pace_of(projected, credit=120)
    assert standing is not None
    assert pace is not None
    pace = replace(pace, score=replace(pace.score, total=total))
    found = risks_of(
        standing=standing,
        projected=projected,
        pace=pace,
        credit=foreseen(rulebook, 120),
        rulebook=rulebook,
    )
    near = [each for each in found if each.kind == RiskKind.LEVEL_CLOSE]
    assert kinds(near) == expected
    for each in near:
        assert (each.threshold, each.level, each.to_level) == (550, "V3", "V2")


def test_the_lowest_level_cannot_be_lost_to_a_lower_one(agency: Agency, rulebook: Rulebook) -> None:
    result(agency, reputed(480, replace(NOTHING, reputation_orders=1)))
    standing = standing_of(agency)
    assert standing is not None
    assert (standing.level, standing.total) == ("V1", Decimal("200.00"))
    assert marks(agency, rulebook) == []


def test_a_pace_below_the_level_is_the_gravest_of_a_total(
    agency: Agency, rulebook: Rulebook
) -> None:
    result(agency)
    slow = replace(TOTALS, settled_cents=40_000_000, settled_orders=3000, showcase_cents=2_000_000)
    slow = replace(slow, good_goods_cents=2_000_000, worry_free_orders=300)
    projected = projection(agency, slow)
    (mark,) = marks(agency, rulebook, projected=projected)
    pace = pace_of(projected, credit=120)
    assert pace is not None
    assert (mark.name, mark.basis, mark.month) == ("level_fall", "pace", NOVEMBER)
    assert (mark.value, mark.threshold) == (pace.score.total, 550)
    assert (mark.level, mark.to_level, mark.crossed) == ("V3", "V2", True)


def test_a_complete_month_is_seen_as_it_is(agency: Agency, rulebook: Rulebook) -> None:
    result(agency, month=SEPTEMBER)
    projected = projection(agency, reputed(429), through=date(2026, 10, 31))
    found = marks(agency, rulebook, projected=projected)
    assert [(each.name, each.basis, each.month) for each in found] == [
        ("service_low", "provisional", OCTOBER)
    ]


def test_in_the_first_days_the_newest_result_counts(agency: Agency, rulebook: Rulebook) -> None:
    result(agency, reputed(432))
    projected = projection(agency, through=date(2026, 11, LEAST_DAYS - 1))
    (mark,) = marks(agency, rulebook, projected=projected)
    assert (mark.name, mark.basis, mark.month) == ("service_close", "published", OCTOBER)


def test_the_indicator_that_the_level_hangs_on(agency: Agency, rulebook: Rulebook) -> None:
    before = replace(TOTALS, showcase_cents=TOTALS.showcase_cents // 10)
    result(agency, before, month=SEPTEMBER)
    # 641.11 at a share of 0.1; 575.35 without most of the bonus and of the live minutes
    weak = replace(TOTALS, worry_free_orders=100, live_minutes=20_000)
    result(agency, weak)
    (mark,) = marks(agency, rulebook)
    assert (mark.name, mark.indicator, mark.level, mark.to_level) == (
        "indicator",
        "showcase_share",
        "V3",
        "V2",
    )
    assert (mark.value, mark.threshold) == (Decimal("0.100000"), Decimal("0.010000"))
    assert (str(mark.indicator_name), mark.unit) == ("Showcase share", "share")


def test_the_indicator_falls_back_to_the_newest_result_and_not_to_the_one_before(
    agency: Agency, rulebook: Rulebook
) -> None:
    result(agency, replace(TOTALS, showcase_creators=1), month=SEPTEMBER)
    result(agency, replace(TOTALS, showcase_creators=12))
    # 581.16 at the pace with 13 creators; October's 12 make it 579.16, September's one 541.16
    weak = replace(TOTALS, settled_cents=50_000_000, showcase_cents=3_900_000, l5_creators=6)
    weak = replace(weak, good_goods_cents=5_000_000, worry_free_orders=100)
    projected = projection(agency, weak, through=date(2026, 11, 14))
    found = marks(agency, rulebook, projected=projected)
    assert [(each.name, each.threshold) for each in found if each.indicator] == []


def test_figures_of_an_older_rulebook_are_counted_by_the_one_that_judges_them(
    agency: Agency, rulebook: Rulebook
) -> None:
    result(agency)
    standing = standing_of(agency)
    assert standing is not None
    new = raised(rulebook, "V3", 640)
    indicator = replace(
        new.indicators[0],
        knots=tuple(replace(each, points=each.points + 10) for each in new.indicators[0].knots),
    )
    new = replace(new, indicators=(indicator, *new.indicators[1:]))
    (mark,) = marks(agency, new)
    assert (mark.name, mark.basis, mark.rules) == ("level_close", "published", "2026.2")
    assert (mark.value, mark.threshold) == (standing.total + 10, 640)


def test_a_result_of_the_same_rulebook_names_no_version(agency: Agency, rulebook: Rulebook) -> None:
    result(agency, reputed(432))
    (mark,) = marks(agency, rulebook)
    assert (mark.basis, mark.rules) == ("published", "")


@pytest.mark.parametrize(("reputation", "credit"), [(420, 120), (465, 70)])
def test_where_a_floor_is_missed_no_lower_level_is_promised(
    agency: Agency, rulebook: Rulebook, reputation: int, credit: int
) -> None:
    result(agency)
    poor = replace(TOTALS, settled_cents=4_000_000, showcase_cents=0, good_goods_cents=0)
    projected = projection(agency, reputed(reputation, poor), credit=credit)
    found = marks(agency, rulebook, credit=credit, projected=projected)
    assert len(found) == 2
    (fall,) = [each for each in found if each.name == "level_fall"]
    assert (fall.level, fall.to_level) == ("V3", "")


def test_credit_that_was_too_low_when_the_month_ended_is_a_mark(
    agency: Agency, rulebook: Rulebook
) -> None:
    result(agency, month=SEPTEMBER)
    projected = projection(agency, through=date(2026, 10, 31), credit=75)
    (mark,) = marks(agency, rulebook, projected=projected)
    assert (mark.name, mark.basis, mark.month) == ("credit_low", "provisional", OCTOBER)
    assert (mark.value, mark.threshold, mark.crossed) == (75, 80, True)


def test_a_last_day_that_is_not_over_has_no_provisional_result(
    agency: Agency, rulebook: Rulebook
) -> None:
    result(agency)
    projected = projection(agency, reputed(429), through=date(2026, 11, 30))
    found = marks(agency, rulebook, projected=projected)
    assert [(each.name, each.basis) for each in found] == [("service_low", "pace")]


def test_three_marks_at_most_the_gravest_first(agency: Agency, rulebook: Rulebook) -> None:
    result(agency)
    poor = replace(reputed(429), settled_cents=1_000_000, showcase_cents=0, good_goods_cents=0)
    found = marks(agency, rulebook, credit=50, projected=projection(agency, poor, credit=50))
    assert kinds(found) == ["credit_low", "service_low", "level_fall"]


def test_a_level_that_the_rules_no_longer_know_has_no_marks(
    agency: Agency, rulebook: Rulebook
) -> None:
    result(agency, level="V9")
    assert marks(agency, rulebook) == []


def test_the_pace_carries_sums_to_the_end_and_leaves_the_rest(agency: Agency) -> None:
    pace = pace_of(projection(agency, through=date(2026, 11, 15)), credit=120)
    assert pace is not None
    assert pace.values["settled_amount"] == Decimal("2469135.78")  # twice as many days
    assert pace.values["settled_orders"] == 24_690
    assert pace.values["worry_free_orders"] == 8_642
    assert pace.values["showcase_share"] == Decimal("0.100000")
    assert pace.values["l5_creators"] == 7
    assert pace.level == "V3"


@pytest.mark.parametrize(
    ("through", "there"),
    [
        (date(2026, 11, LEAST_DAYS - 1), False),
        (date(2026, 11, LEAST_DAYS), True),
        (date(2026, 11, 29), True),
        (date(2026, 11, 30), False),
    ],
)
def test_a_month_has_a_pace_from_its_fifth_day_to_the_last_but_one(
    agency: Agency, through: date, *, there: bool
) -> None:
    assert (pace_of(projection(agency, through=through), credit=120) is not None) is there


def test_a_pace_promises_no_level_that_credit_or_service_forbid(agency: Agency) -> None:
    projected = projection(agency)
    assert _level(pace_of(projected, credit=80)) == "V3"
    assert _level(pace_of(projected, credit=79)) == ""
    assert _level(pace_of(replace(projected, stage=Stage.NOVICE), credit=80)) is None


def _level(pace: Pace | None) -> str | None:
    return None if pace is None else pace.level


def test_low_service_gives_a_pace_without_a_level(agency: Agency) -> None:
    assert _level(pace_of(projection(agency, reputed(429)), credit=120)) == ""


def _lines(*points: tuple[str, int, date]) -> list[Line]:
    return [Line(number, kind, amount, day) for number, (kind, amount, day) in enumerate(points, 1)]


def test_the_way_back_follows_the_restores_to_the_floor(rulebook: Rulebook) -> None:
    lines = _lines(("opening", 120, date(2025, 1, 1)), (DEDUCTION, -60, date(2026, 11, 2)))
    # 60: +10 on 2 December, +10 thirty days later reach 80 on 1 January
    assert way_back(lines, rulebook, month=NOVEMBER, today=TODAY) == WayBack(
        date(2027, 1, 1), date(2027, 1, 1), date(2027, 2, 3)
    )


def test_a_floor_that_is_reached_leaves_the_open_month(rulebook: Rulebook) -> None:
    lines = _lines(("opening", 120, date(2025, 1, 1)))
    assert way_back(lines, rulebook, month=NOVEMBER, today=TODAY) == WayBack(
        TODAY, NOVEMBER, date(2026, 12, 3)
    )


def test_a_way_back_that_ends_below_the_floor_says_so(rulebook: Rulebook) -> None:
    lines = _lines(("opening", 70, date(2025, 1, 1)))
    assert way_back(lines, rulebook, month=NOVEMBER, today=TODAY) == WayBack(None, None, None)


def test_a_standing_is_one_query(agency: Agency, django_assert_num_queries: Any) -> None:
    for month in (date(2026, 8, 1), SEPTEMBER, OCTOBER):
        result(agency, month=month)
    EvaluationFactory.create(month=NOVEMBER)
    with django_assert_num_queries(1):
        standing = standing_of(agency)
    assert isinstance(standing, Standing)
    assert (standing.evaluation.month, standing.latest) == (OCTOBER, NOVEMBER)
    assert standing.rulebook.version
    assert (standing.since, standing.gap) == (date(2026, 8, 1), None)
    assert standing.creator_days == 620


def test_a_run_and_the_first_result_end_at_a_calendar_gap(agency: Agency) -> None:
    result(agency, month=date(2026, 8, 1))
    EvaluationFactory.create(month=SEPTEMBER)
    result(agency)
    standing = standing_of(agency)
    assert standing is not None
    assert (standing.since, standing.gap) == (OCTOBER, SEPTEMBER)


def test_the_very_first_result_is_no_gap(agency: Agency) -> None:
    result(agency)
    standing = standing_of(agency)
    assert standing is not None
    assert (standing.since, standing.gap) == (OCTOBER, None)


def room(
    agency: Agency, rulebook: Rulebook, *, credit: int = 120, projected: Projected | None = None
) -> Room | None:
    return room_of(
        standing=standing_of(agency),
        projected=projected,
        pace=pace_of(projected, credit=credit),
        credit=foreseen(rulebook, credit),
        rulebook=rulebook,
    )


@pytest.mark.parametrize(
    ("credit", "cut", "hundredths", "expected"),
    [
        (101, 450, 480, "credit 21 80"),
        (120, 550, 465, "total 91.11 550"),
        (120, 450, 442, "service 12.50 140"),
    ],
)
def test_room_names_the_limit_with_the_least_room_in_proportion(
    rulebook: Rulebook, credit: int, cut: int, hundredths: int, expected: str
) -> None:
    agency = AgencyFactory.create()
    result(agency, reputed(hundredths))
    found = room(agency, raised(rulebook, "V3", cut), credit=credit)
    assert found is not None
    assert f"{found.nearest} {found.above} {found.threshold}" == expected
    assert (found.lower, found.against, found.fell) == (None, None, False)


def test_the_lowest_level_has_no_limit_of_the_total(agency: Agency, rulebook: Rulebook) -> None:
    result(agency, replace(TOTALS, settled_cents=0, settled_orders=0), level="V1")
    found = room(agency, rulebook)
    assert found is not None
    assert (found.nearest, found.total_above) == ("service", None)


def test_room_says_how_much_lower_the_total_is(agency: Agency, rulebook: Rulebook) -> None:
    result(agency, reputed(477), SEPTEMBER, level="V4")
    result(agency)
    found = room(agency, rulebook)
    assert found is not None
    assert (found.lower, found.against, found.fell) == (Decimal("15.00"), SEPTEMBER, True)
    assert found.total_above == found.total - 550


def test_without_a_level_there_is_no_room(agency: Agency, rulebook: Rulebook) -> None:
    assert room(agency, rulebook) is None
    result(agency, stage=Stage.OBSERVATION, level="")
    assert room(agency, rulebook) is None

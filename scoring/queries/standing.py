"""Where an agency stands: its newest published result, in the words of the home page."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, TypedDict

from django.db.models import Case, F, Subquery, When
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from agencies.enums import Stage
from agencies.models import Agency
from scoring.enums import EvaluationState
from scoring.models import Assessment, Evaluation, RulebookVersion
from scoring.months import add_months, previous_month, publication_due
from scoring.queries.appeals import Hold, hold_of, holding_cases
from scoring.queries.corrections import Correction, Seen, corrected_months, correction_of
from scoring.queries.results import values_of
from scoring.queries.shifts import Shift, shift_of
from scoring.rulebook import DIMENSIONS, Level, Rulebook
from scoring.waterfall import Waterfall, waterfall
from scoring.wording import DIMENSION_NAMES

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations


class Told(TypedDict):
    """What a month of the history says besides its result."""

    rulebook_text: str
    latest: date
    creator_days: int | None
    cases: list[str] | None


@dataclass(frozen=True)
class MonthLine:
    """One published month of an agency, as a line of its history; points are None for novices."""

    month: date
    stage: str
    level: str
    total: Decimal | None
    points: Mapping[str, Decimal | None]
    change: Decimal | None = None
    corrected: bool = False

    @property
    def stage_label(self) -> str | Promise:
        return Stage(self.stage).label


@dataclass(frozen=True)
class DimensionScore:
    """Points of a dimension, of how many, and the change against the previous month."""

    key: str
    name: Promise
    points: Decimal
    maximum: Decimal
    change: Decimal | None


@dataclass(frozen=True)
class Floor:
    """A floor that keeps an agency in observation: what is there and what it takes."""

    key: str
    name: Promise
    value: Decimal
    floor: Decimal
    unit: str

    @property
    def missing(self) -> Decimal:
        return self.floor - self.value


@dataclass(frozen=True)
class Rung:
    """A level on the ladder from 0 to the maximum; positions in percent, for the drawing."""

    key: str
    min_total: Decimal
    start: Decimal
    current: bool


@dataclass(frozen=True)
class NoviceTerm:
    """The novice months of an agency and its way into the assessment (docs/rules.md §3).

    Where the rules know no novice months, `last_month` lies before the month of joining.
    """

    joined_in: date
    last_month: date
    first_assessed: date
    first_result_on: date

    @property
    def there(self) -> bool:
        """Whether there is a novice month at all."""
        return self.last_month >= self.joined_in


@dataclass(frozen=True)
class Standing:
    """The newest published result of an agency.

    `latest` is the newest month that was published for anybody. `since` is the first month of the
    unbroken run of calendar months with this stage and level. `level_move` is how many levels were
    gained (or lost, negative) against the previous calendar month, None unless both months have a
    level. `rules_change` is how many points changed rules alone made since then, 0 where none, and
    `shift` what moved most besides. `values` are those of the indicators, empty for a novice, and
    `creator_days` its bound creator-days, None for a novice. `hold` says by which appeals the
    level is held, None where it is not. `correction` is what is to say of a corrected result.
    """

    evaluation: Evaluation
    latest: date
    rulebook: Rulebook
    stage: str
    level: str
    credit: int
    total: Decimal | None
    change: Decimal | None
    level_move: int | None
    previous: MonthLine | None
    rules_change: Decimal
    shift: Shift | None
    creator_days: int | None
    values: Mapping[str, Decimal | None]
    previous_values: Mapping[str, Decimal | None]
    since: date
    dimensions: tuple[DimensionScore, ...]
    rungs: tuple[Rung, ...]
    next_level: Level | None
    floors: tuple[Floor, ...]
    hold: Hold | None
    correction: Correction | None
    novice: NoviceTerm | None
    history: tuple[MonthLine, ...]

    @property
    def maximum(self) -> Decimal:
        """The most points there are."""
        return self.rulebook.total_max

    @property
    def stage_label(self) -> str | Promise:
        return Stage(self.stage).label

    @property
    def gap(self) -> date | None:
        """The calendar month before, where only older months have a result."""
        if self.previous is not None or len(self.history) == 1:
            return None
        return previous_month(self.evaluation.month)

    @property
    def lost(self) -> str:
        """The level that the newest result took away; "" where it took none."""
        before = self.previous.level if self.previous else ""
        if self.level and (self.level_move is None or self.level_move >= 0):
            return ""
        return before

    @property
    def marker(self) -> Decimal:
        """Where the total stands on the ladder, in percent."""
        return _percent(self.total or Decimal(0), self.maximum)

    @property
    def next_missing(self) -> Decimal | None:
        """Points missing for the next level."""
        if self.next_level is None or self.total is None:
            return None
        return self.next_level.min_total - self.total


def standing_of(agency: Agency) -> Standing | None:
    """The newest published result of an agency; None while it has none. One query."""
    revisions = _revisions(agency)
    months = [each for each in revisions if each.evaluation.state == EvaluationState.PUBLISHED]
    if not months:
        return None
    seen = [Seen.of(each) for each in revisions]
    newest, history = months[0], _history(months, corrected_months(seen))
    evaluation = newest.evaluation
    rulebook = _rules(newest)
    month_before = previous_month(evaluation.month)
    before = next((each for each in months if each.evaluation.month == month_before), None)
    previous = next((line for line in history if line.month == month_before), None)
    fall = _fall(newest, before)
    return Standing(
        evaluation=evaluation,
        latest=newest.latest,
        rulebook=rulebook,
        stage=newest.stage,
        level=newest.level,
        credit=newest.credit,
        total=newest.total,
        change=history[0].change,
        level_move=level_move(rulebook, newest.level, previous.level if previous else ""),
        previous=previous,
        rules_change=fall.rules if fall else Decimal(0),
        shift=shift_of(rulebook, fall) if fall else None,
        creator_days=newest.creator_days,
        values=values_of(newest),
        previous_values=values_of(before) if before else {},
        since=_since(history),
        dimensions=_dimensions(rulebook, newest, previous),
        rungs=ladder(rulebook, newest.total, newest.level),
        next_level=next_level(rulebook, newest),
        floors=missed_floors(rulebook, newest),
        hold=hold_of(newest, rulebook, newest.cases),
        correction=_correction(newest, seen),
        novice=novice_term(rulebook, agency.joined_on) if newest.stage == Stage.NOVICE else None,
        history=history,
    )


def _revisions(agency: Agency) -> list[WithAnnotations[Assessment, Told]]:
    """What was ever published of an agency, the newest month and revision first.

    Only the first two months that count have their rules.
    """
    own = Assessment.objects.filter(agency=agency, evaluation__published_at__isnull=False)
    counting = own.filter(evaluation__state=EvaluationState.PUBLISHED)
    newest = counting.order_by("-evaluation__month").values("pk")[:2]
    latest = Evaluation.objects.published().order_by("-month").values("month")[:1]
    return list(
        own.annotate(
            rulebook_text=Case(
                When(pk__in=Subquery(newest), then=F("evaluation__rulebook__text")), default=None
            ),
            latest=Subquery(latest),
            creator_days=F("totals__creator_days"),
            cases=holding_cases(),
        )
        .select_related("evaluation")
        .defer("totals", "evaluation__gate", "evaluation__inputs", "evaluation__error")
        .order_by("-evaluation__month", "-evaluation__revision")
    )


def _correction(newest: Assessment, seen: Sequence[Seen]) -> Correction | None:
    """What is to say of the newest result; None where it was not corrected."""
    shown = Seen.of(newest)
    return correction_of([each for each in seen if each.month == shown.month], shown)


def _history(months: Sequence[Assessment], corrected: Collection[date]) -> tuple[MonthLine, ...]:
    """A line for each month, with the change of its total against the calendar month before."""
    totals = {each.evaluation.month: each.total for each in months}
    return tuple(
        MonthLine(
            month=each.evaluation.month,
            stage=each.stage,
            level=each.level,
            total=each.total,
            points={key: getattr(each, key) for key in DIMENSIONS},
            change=_change(each.total, totals.get(previous_month(each.evaluation.month))),
            corrected=each.evaluation.month in corrected,
        )
        for each in months
    )


def _rules(assessment: WithAnnotations[Assessment, Told]) -> Rulebook:
    return RulebookVersion(text=assessment.rulebook_text).rulebook


def _fall(
    newest: WithAnnotations[Assessment, Told], before: WithAnnotations[Assessment, Told] | None
) -> Waterfall | None:
    """The way from the total of the calendar month before; None unless both months have one."""
    if before is None or newest.total is None or before.total is None:
        return None
    return waterfall(values_of(before), _rules(before), values_of(newest), _rules(newest))


def _change(now: Decimal | None, before: Decimal | None) -> Decimal | None:
    return None if now is None or before is None else now - before


def _since(history: Sequence[MonthLine]) -> date:
    """The first of the newest unbroken run of calendar months with one stage and level."""
    first = history[0]
    for line in history[1:]:
        if line.month != previous_month(first.month):
            break
        if (line.stage, line.level) != (first.stage, first.level):
            break
        first = line
    return first.month


def level_move(rulebook: Rulebook, level: str, before: str) -> int | None:
    """How many levels were gained or, negative, lost; None unless the rulebook has both."""
    keys = [each.key for each in rulebook.levels]
    if level not in keys or before not in keys:
        return None
    return keys.index(level) - keys.index(before)


def _dimensions(
    rulebook: Rulebook, assessment: Assessment, previous: MonthLine | None
) -> tuple[DimensionScore, ...]:
    if assessment.total is None:
        return ()
    return tuple(
        DimensionScore(
            key=key,
            name=DIMENSION_NAMES[key],
            points=getattr(assessment, key),
            maximum=rulebook.dimension_max(key),
            change=_change(getattr(assessment, key), previous.points[key] if previous else None),
        )
        for key in DIMENSIONS
    )


def ladder(rulebook: Rulebook, total: Decimal | None, level: str) -> tuple[Rung, ...]:
    """The levels as sections of the way from 0 to the maximum."""
    if total is None:
        return ()
    maximum = rulebook.total_max
    return tuple(
        Rung(
            key=each.key,
            min_total=each.min_total,
            start=_percent(each.min_total, maximum),
            current=each.key == level,
        )
        for each in rulebook.levels
    )


def _percent(part: Decimal, whole: Decimal) -> Decimal:
    """For drawings only: two decimals are finer than a pixel."""
    return round(100 * part / whole, 2)


def next_level(rulebook: Rulebook, assessment: Assessment) -> Level | None:
    """The lowest level above the total; None without a level, and for one that is held."""
    if assessment.stage != Stage.ASSESSED or assessment.total is None:
        return None
    if assessment.held:
        return None  # an appeal holds a level and lifts none, whatever the points
    higher = (each for each in rulebook.levels if each.min_total > assessment.total)
    return next(higher, None)


def missed_floors(rulebook: Rulebook, assessment: Assessment) -> tuple[Floor, ...]:
    """The floors an agency in observation missed; exactly on one is reached (S, P, section 3)."""
    if assessment.stage != Stage.OBSERVATION or assessment.service is None:
        return ()
    floors = (
        Floor(
            "service",
            _("Service power"),
            assessment.service,
            rulebook.stages.service_floor,
            "points",
        ),
        Floor(
            "credit",
            _("Credit"),
            Decimal(assessment.credit),
            Decimal(rulebook.stages.credit_floor),
            "count",
        ),
    )
    return tuple(each for each in floors if each.value < each.floor)


def novice_term(rulebook: Rulebook, joined_on: date) -> NoviceTerm:
    """The novice months, the joining month being the first (S; counting D, section 3)."""
    joining = joined_on.replace(day=1)
    first_assessed = add_months(joining, rulebook.stages.novice_months)
    return NoviceTerm(
        joined_in=joining,
        last_month=previous_month(first_assessed),
        first_assessed=first_assessed,
        first_result_on=publication_due(first_assessed).date(),
    )

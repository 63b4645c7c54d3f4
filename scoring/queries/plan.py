"""The month that an agency can still shape: what it will come to as things go, and the limits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Final

from django.db.models import Exists, OuterRef, Subquery
from django.db.models.functions import Coalesce

from agencies.credit_rules import Line, bans
from agencies.ledger.limits import bands, deduction_days
from agencies.ledger.lines import lines_of
from agencies.models import Agency, Penalty
from agencies.policy import conduct_policies
from agencies.queries.wishes import places_counted
from scoring.enums import EvaluationState
from scoring.guidance import DECIMALS
from scoring.models import Assessment, RulebookVersion
from scoring.months import last_day, next_month
from scoring.points import is_novice
from scoring.queries.credit_outlook import CreditOutlook, credit_outlook
from scoring.queries.pace import GROWING, LEAST_DAYS, carried_on, tells_pace, usual_days
from scoring.queries.projection import Projected, projection_of
from scoring.queries.results import values_of
from scoring.rulebook import Rulebook

AVERAGES: Final = frozenset({"live_minutes_per_creator_day", "showcase_share", "good_goods_share"})
PEOPLE: Final = frozenset({"l5_creators", "showcase_creators"})
# What no rulebook needs to say: a share is at most all, a day has 1,440 minutes, ratings end at 5.
LIMITS: Final[Mapping[str, Decimal]] = {
    "live_minutes_per_creator_day": Decimal(1440),
    "showcase_share": Decimal(1),
    "good_goods_share": Decimal(1),
    "reputation": Decimal(5),
}


@dataclass(frozen=True)
class Pace:
    """How far a month is: `passed` days are gone, `left` remain, today among them.

    1. `known` of the days that are gone have facts to plan from; 0 where none are used.
    2. `usual` is what a day brings as things go: of a sum its amount a day, of an average itself.
       Days that are gone without facts are taken to have brought that (D, docs/rules.md §11).
       Where `known` is 0 it is a day's share of what the month is expected to bring.
    """

    passed: int
    left: int
    known: int
    usual: Mapping[str, Fraction]

    @property
    def missing(self) -> int:
        """Days that are gone without facts, in a month planned from its own."""
        return self.passed - self.known if self.known else 0


@dataclass(frozen=True)
class Plan:
    """What guidance and simulator begin from.

    1. `month` is the running month, or the next one where nothing is left of it. `values` are
       what it will come to: by its own facts, sums at today's pace and all else as it is; without
       enough of them, what `source_month` brought, whose facts reach `source_through` (None where
       that is not known).
    2. `most` limits what can be reached by its end; None in it is unlimited.
    3. `values` are empty where nothing is known: no result and no projection, or novice months.
    4. `published` is the newest published result, `projected` what its successor would give today;
       `early` where facts of too few days are there to go by them.
    5. `bound` creators take a place today.
    """

    month: date
    rulebook: Rulebook
    joined_on: date
    novice: bool
    values: Mapping[str, Decimal | None]
    most: Mapping[str, Decimal | None]
    pace: Pace
    source_month: date | None
    source_through: date | None
    credit: CreditOutlook
    published: Assessment | None
    projected: Projected | None
    bound: int

    @property
    def end(self) -> date:
        """The last day of the month."""
        return last_day(self.month)

    @property
    def begun(self) -> bool:
        """Whether the month is planned from its own facts."""
        return self.pace.known > 0

    @property
    def early(self) -> bool:
        """Whether the month's own facts are too few to tell a pace (D, docs/rules.md §4)."""
        own = self.projected
        return own is not None and own.month == self.month and own.days < LEAST_DAYS

    @property
    def without_creators(self) -> bool:
        """Whether nobody is bound and nothing was earned: only creators change that."""
        own = self.projected.values.values() if self.projected else ()
        earned = any(self.values.values()) or any(own)
        return not self.novice and self.bound == 0 and not earned

    @property
    def held(self) -> bool:
        """Whether an open appeal holds the level as things are: no plan counts on it (D, §8)."""
        if self.projected is not None:
            return self.projected.hold is not None
        return self.published is not None and self.published.held

    @property
    def provisional(self) -> bool:
        """Whether the plan rests on a month that is not published."""
        own = self.projected
        return own is not None and own.month == self.source_month


def plan_of(agency: Agency, *, today: date) -> Plan:
    """The plan of an agency on a platform day. At most six queries."""
    published = (
        Assessment.objects.filter(agency=agency, evaluation__state=EvaluationState.PUBLISHED)
        .select_related("evaluation")
        .order_by("-evaluation__month")
        .first()
    )
    lines = lines_of(agency.pk)
    return plan_from(
        agency,
        published=published,
        lines=lines,
        projected=projection_of(agency, lines=lines, today=today),
        today=today,
    )


def plan_from(
    agency: Agency,
    *,
    published: Assessment | None,
    lines: Sequence[Line],
    projected: Projected | None,
    today: date,
) -> Plan:
    """The plan by the newest published result, the ledger and the projection. Three queries."""
    if projected and projected.days_left:
        month, rulebook = projected.month, projected.rulebook
    else:
        month = _coming(today, published, projected)
        rulebook = RulebookVersion.objects.for_month(month).rulebook
    novice = is_novice(rulebook, joined_on=agency.joined_on, month=month)
    source = _Source.of(published, projected)
    pace = _pace(source, projected, month=month, today=today)
    end = last_day(month)
    bound, cap = _creators(agency, rulebook, lines, today=today, end=end)
    return Plan(
        month=month,
        rulebook=rulebook,
        joined_on=agency.joined_on,
        novice=novice,
        values={} if novice else source.values,
        most=_limits(pace, cap),
        pace=pace,
        source_month=source.month,
        source_through=source.through,
        credit=credit_outlook(
            lines, rulebook.credit, floor=rulebook.stages.credit_floor, today=today, end=end
        ),
        published=published,
        projected=projected,
        bound=bound,
    )


def _coming(today: date, published: Assessment | None, projected: Projected | None) -> date:
    """The first month of which nothing is known; never one that is over."""
    known = projected.month if projected else published and published.evaluation.month
    running = today.replace(day=1)
    return max(next_month(known), running) if known else running


@dataclass(frozen=True)
class _Source:
    """Where the values of a plan come from: a whole month's worth of them.

    `through` is the day that its facts reach.
    """

    month: date | None
    values: Mapping[str, Decimal | None]
    through: date | None

    @classmethod
    def of(cls, published: Assessment | None, projected: Projected | None) -> _Source:
        """The projection, carried on to its month's end, or else the newest result.

        A projection of too few days is no base: one good day would promise a level (D, §4).
        """
        if projected is not None and tells_pace(projected):
            return cls(projected.month, carried_on(projected), projected.data_through)
        if published is None or not published.indicators:
            return cls(None, {}, None)
        return cls(
            published.evaluation.month,
            values_of(published),
            published.evaluation.data_through,
        )


def _pace(source: _Source, projected: Projected | None, *, month: date, today: date) -> Pace:
    """How far the planned month is on a day, and what its days bring by the source."""
    own = projected if projected is not None and projected.month == month else None
    days = last_day(month).day
    passed = own.days_passed if own else max((today - month).days, 0)
    known, over, values = 0, days, source.values
    if own and source.month == month:
        known, over, values = own.days, own.days, usual_days(own)
    usual = {
        key: Fraction(value) / (over if key in GROWING else 1)
        for key, value in values.items()
        if value is not None and key in GROWING | AVERAGES
    }
    return Pace(passed=passed, left=days - passed, known=known, usual=usual)


def _limits(pace: Pace, cap: int | None) -> dict[str, Decimal | None]:
    """What each indicator can reach at most by the end of the month.

    1. Averages of a running month: as they are on the days that are gone, and the utmost on every
       day that is left.
    2. Creators: `cap`.
    """
    limits: dict[str, Decimal | None] = dict(LIMITS)
    days = pace.passed + pace.left
    for key in AVERAGES:
        usual = pace.usual.get(key)
        if usual is not None:
            reachable = (usual * pace.passed + Fraction(LIMITS[key]) * pace.left) / days
            units = reachable * 10 ** DECIMALS[key] // 1
            limits[key] = Decimal(units).scaleb(-DECIMALS[key])
    return limits | dict.fromkeys(PEOPLE, None if cap is None else Decimal(cap))


def _creators(
    agency: Agency, rulebook: Rulebook, lines: Sequence[Line], *, today: date, end: date
) -> tuple[int, int | None]:
    """How many creators take a place today, and how many can by the end (None: unlimited).

    That is the binding cap of today's level, or those bound already where no binding is possible
    until the end (S and P, docs/rules.md §5, §7, §8); never fewer than are bound.
    """
    bound, suspended = _bound(agency, today=today, end=end)
    cap = rulebook.stages.binding_cap if agency.stage == "" else agency.binding_cap
    if suspended or _banned(lines, today=today, end=end):
        cap = bound
    return bound, None if cap is None else max(cap, bound)


def _bound(agency: Agency, *, today: date, end: date) -> tuple[int, bool]:
    """How many creators take a place today, and whether a measure bars new ones until the end."""
    counted = places_counted(agency, today=today)
    barred = (
        Penalty.objects.in_effect_on(end)
        .suspending()
        .filter(agency=OuterRef("pk"), starts_on__lte=today)
    )
    return (
        Agency.objects.filter(pk=agency.pk)
        .annotate(
            taken=Coalesce(Subquery(counted), 0),
            barred=Exists(barred),
        )
        .values_list("taken", "barred")
        .get()
    )


def _banned(lines: Sequence[Line], *, today: date, end: date) -> bool:
    """Whether credit forbids new bindings from today to the end (P, docs/rules.md §7)."""
    days = deduction_days(lines)
    if not days:
        return False
    started = bans(lines, bands(conduct_policies(days)))
    return any(ban.starts_on <= today and ban.until > end for ban in started)

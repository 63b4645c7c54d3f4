"""What a level brings: what an agency has, what the next level adds, the whole matrix."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from agencies.actions.honours import cancelled_until
from agencies.enums import Stage
from agencies.models import Agency, Title
from agencies.queries.titles import titles_borne
from scoring.models import RulebookVersion
from scoring.points import level_for
from scoring.queries.observed import Observed, observed_of
from scoring.queries.rules.clause import in_language, plain, short
from scoring.queries.rules.level import FAMILY_NAMES, cap_mark, followers_mark
from scoring.queries.standing import NoviceTerm, Standing, novice_term, standing_of
from scoring.rulebook import EVERYONE, FAMILIES, Benefit, Rulebook

# The column of agencies without a level: novice, observation, or no result yet.
NO_LEVEL: Final = ""
# Benefits that are nothing but a limit that falls away, and the limit.
WITHOUT_LIMIT: Final = {"unlimited_creators": "cap", "large_creators": "followers_below"}


@dataclass(frozen=True)
class Gift:
    """A benefit in the reader's language."""

    title: str
    family: str | Promise
    mark: str


@dataclass(frozen=True)
class Limits:
    """What may be bound: creators, and followers of each (None: any), and where each is from."""

    cap: int | None
    followers_below: int | None
    cap_mark: str = field(default="", compare=False)
    followers_mark: str = field(default="", compare=False)

    @property
    def followers_short(self) -> str:
        """The follower limit as people say it; empty where there is none."""
        return "" if self.followers_below is None else short(self.followers_below)


@dataclass(frozen=True)
class Column:
    """A column of the matrix: a level, or the agencies without one."""

    key: str
    own: bool


@dataclass(frozen=True)
class Cell:
    """Whether a level has a benefit, or the limit that it has, in words.

    `exact` is the limit with every digit, where `text` has fewer; `mark` says where the limit is
    from, where that differs within the row.
    """

    column: Column
    has: bool
    text: str = ""
    exact: str = ""
    mark: str = ""


@dataclass(frozen=True)
class Row:
    """A benefit, or a limit, across the levels."""

    title: str
    cells: tuple[Cell, ...]
    mark: str


@dataclass(frozen=True)
class Family:
    """A family of benefits with its rows."""

    name: str | Promise
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Ahead:
    """What the level `key` would change: benefits that come and go, and its limits.

    `missing` are points to its cut-off; None where not points but stage or floors stand before it.
    """

    key: str
    missing: Decimal | None
    gains: tuple[Gift, ...]
    losses: tuple[Gift, ...]
    limits: Limits


@dataclass(frozen=True)
class Lost:
    """What the level `key` of the month before had beyond the present one, and its limits."""

    key: str
    month: date
    gifts: tuple[Gift, ...]
    limits: Limits


@dataclass(frozen=True)
class BenefitsPage:
    """An agency's benefits by the rulebook of its newest published result.

    `standing` is None while it has no result: then the rulebook in force today speaks. `observed`
    is the way out of the observation stage, None outside of it; `lost` what a fall of the level
    took, None without one. `honours` says until when honours are cancelled, in a tuple; None while
    they count.
    """

    standing: Standing | None
    novice: NoviceTerm | None
    observed: Observed | None
    rulebook: Rulebook
    level: str
    have: tuple[Gift, ...]
    limits: Limits
    lost: Lost | None
    ahead: Ahead | None
    columns: tuple[Column, ...]
    families: tuple[Family, ...]
    titles: tuple[Title, ...]
    honours: tuple[date | None] | None


def benefits_page(agency: Agency, *, now: datetime) -> BenefitsPage:
    """What the agency has, what comes next, and the matrix (S, D: docs/rules.md §5).

    1. The level, or its absence, of the newest published result decides, by that result's own
       rulebook: what publication wrote onto the agency.
    2. Next is the level above; the highest has none, nor has one that an open appeal holds. For an
       agency in observation it is the level that its total is worth, for a novice or one without a
       result the first.
    3. A fall is told against the published result of the calendar month before, by the rulebook of
       the newer one.

    At most seven queries.
    """
    today = timezone.localtime(now).date()
    standing = standing_of(agency)
    rulebook = (
        standing.rulebook
        if standing
        else RulebookVersion.objects.for_month(today.replace(day=1)).rulebook
    )
    level = standing.level if standing else NO_LEVEL
    columns = tuple(Column(key, key == level) for key in _keys(rulebook))
    honours = cancelled_until(agency, today=today)
    waiting = standing is None or standing.novice is not None
    observing = standing is not None and standing.stage == Stage.OBSERVATION
    return BenefitsPage(
        standing=standing,
        novice=novice_term(rulebook, agency.joined_on) if waiting else None,
        observed=observed_of(agency, standing, now=now) if standing and observing else None,
        rulebook=rulebook,
        level=level,
        have=_gifts(rulebook, level),
        limits=limits_of(rulebook, level),
        lost=_lost(rulebook, standing),
        ahead=_ahead(rulebook, standing),
        columns=columns,
        families=_families(rulebook, columns),
        titles=tuple(titles_borne(agency, today=today)),
        honours=honours,
    )


def has_benefit(rulebook: Rulebook, benefit: Benefit, level: str) -> bool:
    """Whether a level ("" for none) has a benefit; both ends are included."""
    keys = _keys(rulebook)
    first = NO_LEVEL if benefit.from_level == EVERYONE else benefit.from_level
    last = benefit.to_level or keys[-1]
    return keys.index(first) <= keys.index(level) <= keys.index(last)


def limits_of(rulebook: Rulebook, level: str) -> Limits:
    """The binding limits of a level, or those of the stages without one."""
    rule = rulebook.level(level) if level else rulebook.stages
    key = level or "stage"
    return Limits(
        rule.binding_cap,
        rule.followers_below,
        cap_mark(rulebook, key),
        followers_mark(rulebook, key),
    )


def _keys(rulebook: Rulebook) -> tuple[str, ...]:
    return (NO_LEVEL, *(level.key for level in rulebook.levels))


def _said_by_limits(rulebook: Rulebook, benefit: Benefit) -> bool:
    """Whether the limits say the same for every level, so that the benefit would repeat them."""
    limit = WITHOUT_LIMIT.get(benefit.key)
    return limit is not None and all(
        has_benefit(rulebook, benefit, key) == (getattr(limits_of(rulebook, key), limit) is None)
        for key in _keys(rulebook)
    )


def _gifts(rulebook: Rulebook, level: str, *, without: str | None = None) -> tuple[Gift, ...]:
    """The benefits of a level in the order of the families, those of `without` left out.

    What the limits beside them say is left out too.
    """
    return tuple(
        Gift(in_language(benefit.title), FAMILY_NAMES[family], benefit.source)
        for family in FAMILIES
        for benefit in rulebook.benefits
        if benefit.family == family
        and has_benefit(rulebook, benefit, level)
        and not _said_by_limits(rulebook, benefit)
        and (without is None or not has_benefit(rulebook, benefit, without))
    )


def _lost(rulebook: Rulebook, standing: Standing | None) -> Lost | None:
    if standing is None or standing.previous is None:
        return None
    lost = standing.lost
    if not lost or lost not in _keys(rulebook):
        return None
    return Lost(
        key=lost,
        month=standing.previous.month,
        gifts=_gifts(rulebook, lost, without=standing.level),
        limits=limits_of(rulebook, lost),
    )


def _ahead(rulebook: Rulebook, standing: Standing | None) -> Ahead | None:
    level, missing = NO_LEVEL, None
    if standing is not None and standing.stage == Stage.ASSESSED:
        if standing.next_level is None:
            return None
        level, missing = standing.level, standing.next_missing
        key = standing.next_level.key
    elif standing is not None and standing.total is not None:
        key = level_for(rulebook, standing.total).key
    else:
        key = rulebook.levels[0].key
    return Ahead(
        key=key,
        missing=missing,
        gains=_gifts(rulebook, key, without=level),
        losses=_gifts(rulebook, level, without=key),
        limits=limits_of(rulebook, key),
    )


def _families(rulebook: Rulebook, columns: tuple[Column, ...]) -> tuple[Family, ...]:
    found = []
    for family in FAMILIES:
        rows = [
            Row(
                in_language(benefit.title),
                tuple(Cell(each, has_benefit(rulebook, benefit, each.key)) for each in columns),
                benefit.source,
            )
            for benefit in rulebook.benefits
            if benefit.family == family and not _said_by_limits(rulebook, benefit)
        ]
        if family == "creators":
            rows = [*_limit_rows(rulebook, columns), *rows]
        if rows:
            found.append(Family(FAMILY_NAMES[family], tuple(rows)))
    return tuple(found)


def _limit_rows(rulebook: Rulebook, columns: tuple[Column, ...]) -> tuple[Row, Row]:
    caps, followers = [], []
    for column in columns:
        limits = limits_of(rulebook, column.key)
        cap = _("any") if limits.cap is None else plain(limits.cap)
        below = limits.followers_below
        caps.append(Cell(column, True, cap, mark=limits.cap_mark))
        size = _("any") if below is None else f"< {short(below)}"
        digits = "" if below is None else f"< {plain(below)}"
        followers.append(Cell(column, True, size, digits, limits.followers_mark))
    return (
        _limit_row(_("Bound creators at most"), caps),
        _limit_row(_("Followers of a creator"), followers),
    )


def _limit_row(title: str, cells: list[Cell]) -> Row:
    """A row of limits: marked as a whole where all are from one source, else cell by cell."""
    marks = {cell.mark for cell in cells}
    if len(marks) > 1:
        return Row(title, tuple(cells), "")
    return Row(title, tuple(replace(cell, mark="") for cell in cells), marks.pop())

"""Which creators moved an indicator, in the indicator's own unit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from django.core.paginator import Page, Paginator
from django.db import connection
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from scoring.guidance import DECIMALS
from scoring.models import Assessment
from scoring.queries.departures import Stay, stays_of
from scoring.queries.results import values_of
from scoring.wording import UNITS, fine_unit

PER_PAGE: Final = 25


@dataclass(frozen=True)
class Mean:
    """How a share or mean is made of whole sums: part / whole.

    `part` and `whole` are SQL over a row of contributions; `part_total` and `whole_total` name the
    same sums of the whole agency. `factor` × `factor` turns their quotient into units of the
    value's last decimal. A `capped` part counts up to the whole; no whole gives `of_nothing`.
    """

    part: str
    whole: str
    part_total: str
    whole_total: str
    factor: int
    capped: bool = False
    of_nothing: str = "0"


# What one creator adds to a plain sum, as SQL over a row of contributions.
SUMS: Final[Mapping[str, str]] = {
    "settled_amount": "settled_cents",
    "settled_orders": "settled_orders",
    "l5_creators": "(bound_on_last_day AND coalesce(level, 0) >= 5)::int",
    "showcase_creators": "(showcase_cents > 0)::int",
    "worry_free_orders": "worry_free_orders",
}

MEANS: Final[Mapping[str, Mean]] = {
    "live_minutes_per_creator_day": Mean(
        "live_minutes", "bound_days", "live_minutes", "creator_days", factor=100
    ),
    "showcase_share": Mean(
        "showcase_cents",
        "settled_cents",
        "showcase_cents",
        "settled_cents",
        factor=1_000,
        capped=True,
    ),
    "good_goods_share": Mean(
        "good_goods_cents",
        "settled_cents",
        "good_goods_cents",
        "settled_cents",
        factor=1_000,
        capped=True,
    ),
    "reputation": Mean(
        "coalesce(reputation, 0)::bigint * settled_orders",
        "CASE WHEN reputation IS NULL THEN 0 ELSE settled_orders END",
        "reputation_points",
        "reputation_orders",
        # reputation is kept in hundredths, the value has four decimals
        factor=10,
        of_nothing="NULL",
    ),
}

# What a creator's own figures are called: "part / whole" for shares and means.
FIGURES: Final[Mapping[str, Promise]] = {
    "settled_amount": _("Settled amount"),
    "settled_orders": _("Settled orders"),
    "l5_creators": _("Counts as L5 and above"),
    "showcase_creators": _("Counts as selling by showcase"),
    "worry_free_orders": _("Worry-free service orders"),
    "live_minutes_per_creator_day": _("Live minutes / bound days"),
    "showcase_share": _("Showcase amount / settled amount"),
    "good_goods_share": _("Good-goods amount / settled amount"),
    "reputation": _("Reputation × settled orders"),
}


@dataclass(frozen=True)
class Own:
    """A creator's own figures of a month: one number, or the two that a share or mean is made of.

    A `part` of None: the creator had no reputation, or was not bound.
    """

    part: Decimal | None
    part_unit: str
    whole: Decimal | None
    whole_unit: str
    sign: str


@dataclass(frozen=True)
class CreatorMove:
    """A creator's effect on the value, with the figures behind it.

    `effect` is in the indicator's unit, shares in percentage points; None where the indicator
    would have had no value at all. `joined` and `left` are told by the days that counted, `stay` by
    the records of the bindings.
    """

    creator_id: str
    nickname: str
    before: Own
    now: Own
    joined: bool
    left: bool
    stay: Stay
    effect: Decimal | None


@dataclass(frozen=True)
class CreatorEffects:
    """One page of the creators by the size of their effect, and what makes it whole.

    The page's effects + `others` (all creators of other pages) + `remainder` is `change`, exactly.
    The unit is the indicator's; of shares, percentage points. `moved` of all creators have an
    effect.
    """

    key: str
    caption: Promise
    mean: bool
    rows: tuple[CreatorMove, ...]
    others: Decimal
    others_count: int
    remainder: Decimal
    change: Decimal
    moved: int
    paginator: Paginator[Any]
    page: Page[Any]

    # what the links between pages ask of a list
    prefixed_page_field = "page"

    @property
    def unit(self) -> str:
        """The unit of effects; percentage points read as means beneath a head that says so."""
        return "mean" if UNITS[self.key] == "share" else fine_unit(self.key)

    @property
    def unmoved(self) -> bool:
        """Whether no creator changed the indicator."""
        return not self.moved and not self.change


_STATEMENT: Final = """
    WITH moved AS (
        SELECT creator_id,
            coalesce(before.bound_days, 0) AS days_before, coalesce(now.bound_days, 0) AS days_now,
            coalesce(before.part, 0) AS part_before, coalesce(now.part, 0) AS part_now,
            coalesce(before.entire, 0) AS whole_before, coalesce(now.entire, 0) AS whole_now
        FROM ({contributed_before}) before FULL JOIN ({contributed_now}) now USING (creator_id)
    ), tried AS (
        SELECT moved.*, %(whole)s + whole_now - whole_before AS whole,
            greatest(%(part)s + part_now - part_before, 0) AS part
        FROM moved
    ), effects AS MATERIALIZED (
        SELECT tried.*, {effect} AS effect FROM tried
    ), summary AS (
        SELECT count(*) AS creators, coalesce(sum(effect), 0) AS effect,
            count(*) FILTER (WHERE effect IS DISTINCT FROM 0) AS moved
        FROM effects
    ), listed AS (
        SELECT * FROM effects ORDER BY abs(effect) DESC NULLS LAST, creator_id
        LIMIT %(size)s
        OFFSET (SELECT least(%(page)s - 1, greatest(creators - 1, 0) / %(size)s) FROM summary)
            * %(size)s
    )
    SELECT creator.creator_id, creator.nickname, listed.days_before, listed.days_now,
        listed.part_before, listed.part_now, listed.whole_before, listed.whole_now,
        listed.effect, summary.creators, summary.effect, summary.moved
    FROM listed JOIN agencies_creator creator ON creator.id = listed.creator_id, summary
    ORDER BY abs(listed.effect) DESC NULLS LAST, listed.creator_id
"""

_CONTRIBUTED: Final = """
    SELECT creator_id, bound_days, ({part})::bigint AS part, ({whole})::bigint AS entire
    FROM scoring_creatorcontribution
    WHERE evaluation_id = %({evaluation})s AND agency_id = %(agency)s
"""


def creator_effects(
    key: str, before: Assessment, now: Assessment, page_text: str
) -> CreatorEffects | None:
    """How each creator of one agency moved the indicator `key` from one month to the next.

    1. A sum or count: the creator's own difference; together they are the whole change.
    2. A share or mean: the value with last month's sums but this creator's new figures, rounded
       like the value, minus last month's value; what is left over is the remainder.
    3. The largest effects first, equal ones by the creators' order of entry; PER_PAGE to a page.
    4. None where a month has no value (reputation), or contributions are no longer kept.

    Both assessments are of the same agency; nobody else's contributions or bindings are read. Two
    queries.
    S, section 4 "Attribution"; the split of shares and means D.
    """
    value_before, value_now = values_of(before)[key], values_of(now)[key]
    if value_before is None or value_now is None:
        return None
    asked = int(page_text) if page_text.isdecimal() and len(page_text) < 7 else 1
    rows = _rows(key, before, now, value_before, max(asked, 1))
    if not rows:
        return None
    creators, total, moved = rows[0][-3:]
    paginator = Paginator(range(creators), PER_PAGE)
    stays = stays_of(now, [row[0] for row in rows])
    moves = tuple(_creator_move(key, row, stays) for row in rows)
    shown = sum((each.effect or Decimal(0) for each in moves), start=Decimal(0))
    change, together = _difference(key, value_now - value_before), _effect(key, total)
    return CreatorEffects(
        key=key,
        caption=FIGURES[key],
        mean=key in MEANS,
        rows=moves,
        others=together - shown,
        others_count=creators - len(moves),
        remainder=change - together,
        change=change,
        moved=moved,
        paginator=paginator,
        page=paginator.get_page(max(asked, 1)),
    )


def _rows(
    key: str, before: Assessment, now: Assessment, value: Decimal, page: int
) -> list[tuple[Any, ...]]:
    """The rows of a page, or of the last one where there are fewer pages."""
    mean = MEANS.get(key)
    part, whole = (mean.part, mean.whole) if mean else (SUMS[key], "0")
    statement = _STATEMENT.format(
        contributed_before=_CONTRIBUTED.format(part=part, whole=whole, evaluation="before"),
        contributed_now=_CONTRIBUTED.format(part=part, whole=whole, evaluation="now"),
        effect=_effect_of_mean(mean) if mean else "part_now - part_before",
    )
    parameters = {
        "before": before.evaluation_id,
        "now": now.evaluation_id,
        "agency": now.agency_id,
        "page": page,
        "size": PER_PAGE,
        "value": int(value.scaleb(DECIMALS[key])),
        # a sum may be stored with a decimal point, which would make all divisions inexact
        "part": int(before.totals[mean.part_total]) if mean else 0,
        "whole": int(before.totals[mean.whole_total]) if mean else 0,
    }
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall()


def _effect_of_mean(mean: Mean) -> str:
    """The half-up rounding of `scoring.points`, by long division in two steps.

    So 64 bits are enough for any sum of cents below 4,000,000,000,000,000, and no slower numbers
    are needed.
    """
    factor = mean.factor
    part = "least(part, whole)" if mean.capped else "part"
    return (
        f"CASE WHEN whole <= 0 THEN {mean.of_nothing} ELSE"
        f" {part} * {factor} / whole * {factor}"
        f" + ({part} * {factor} %% whole * {2 * factor} + whole) / (2 * whole) END - %(value)s"
    )


def _creator_move(key: str, row: tuple[Any, ...], stays: Mapping[str, Stay]) -> CreatorMove:
    creator_id, nickname, days_before, days_now, *figures, effect, _creators, _total, _moved = row
    part_before, part_now, whole_before, whole_now = figures
    return CreatorMove(
        creator_id=creator_id,
        nickname=nickname,
        before=_own(key, days_before, part_before, whole_before),
        now=_own(key, days_now, part_now, whole_now),
        joined=days_before == 0,
        left=days_now == 0,
        stay=stays.get(creator_id, Stay()),
        effect=None if effect is None else _effect(key, effect),
    )


def _own(key: str, days: int, part: int, whole: int) -> Own:
    """The figures in units that people read: yuan, minutes and days, points of reputation."""
    if days == 0:
        return Own(None, "plain", None, "plain", "")
    if key == "reputation":
        # part is the creator's reputation times whole: without orders there is nothing to weigh
        mean = Decimal(part // whole).scaleb(-2) if whole else None
        return Own(mean, "mean", Decimal(whole) if whole else None, "count", "×")
    if key == "live_minutes_per_creator_day":
        return Own(Decimal(part), "count", Decimal(whole), "count", "/")
    if key in MEANS:
        return Own(Decimal(part).scaleb(-2), "yuan", Decimal(whole).scaleb(-2), "yuan", "/")
    return Own(Decimal(part).scaleb(-DECIMALS[key]), UNITS[key], None, "plain", "")


def _effect(key: str, scaled: Decimal | int) -> Decimal:
    """An effect from units of the value's last decimal."""
    return _difference(key, Decimal(scaled).scaleb(-DECIMALS[key]))


def _difference(key: str, difference: Decimal) -> Decimal:
    return difference.scaleb(2) if UNITS[key] == "share" else difference

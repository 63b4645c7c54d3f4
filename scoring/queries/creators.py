"""The creators of an agency with what each brought in a month, a page at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

from django.core.paginator import Page, Paginator
from django.db import connection
from psycopg import sql

from agencies.enums import StarPhase
from agencies.models import Agency
from agencies.models.request import OPEN_UNBINDING
from agencies.star_source.phases import Planned, phase_on
from scoring.enums import EvaluationState
from scoring.indicators import L5
from scoring.models import Assessment, CreatorContribution, Evaluation
from scoring.points import Totals, indicator_values
from scoring.queries.contributed import Brought

PER_PAGE: Final = 50
ONE_DAY: Final = timedelta(days=1)
NOW, LEFT = "now", "left"

# What the list may be ordered by; the creator id settles what is equal.
SORTS: Final[Mapping[str, sql.SQL]] = {
    "creator": sql.SQL("named.code"),
    "settled": sql.SQL("settled_cents"),
    "orders": sql.SQL("settled_orders"),
    "showcase": sql.SQL("showcase_cents"),
    "share": sql.SQL(
        "CASE WHEN settled_cents > 0"
        " THEN least(greatest(showcase_cents, 0), settled_cents)::numeric / settled_cents"
        " WHEN settled_cents <= 0 THEN 0 END"
    ),
    "good_goods": sql.SQL("good_goods_cents"),
    "live": sql.SQL("live_minutes"),
    "worry_free": sql.SQL("worry_free_orders"),
    "level": sql.SQL("level"),
    "reputation": sql.SQL("reputation"),
    "days": sql.SQL("bound_days"),
}

PERSON: Final = (
    *("creator_id", "nickname", "followers", "binding_id", "bound_from", "bound_until"),
    *("wish_side", "left_on"),
)
STAR: Final = ("first_live_on", "preparation_days", "trial_days", "development_days")
BROUGHT: Final = (
    *("bound_days", "bound_on_last_day", "settled_cents", "showcase_cents", "good_goods_cents"),
    *("settled_orders", "worry_free_orders", "live_minutes", "level", "reputation"),
)

# One row per creator: who counted in the month, and who is bound now or later without having
# counted (idle). Bindings are read for whoever is shown only, and so are names, except where the
# filter or the order needs them: they lie scattered over a table of all creators.
_PAIRED: Final = sql.SQL("""
WITH bound AS NOT MATERIALIZED (
    SELECT creator_id FROM agencies_binding
    WHERE agency_id = %(agency)s AND (bound_until IS NULL OR bound_until > %(today)s)
), brought AS NOT MATERIALIZED (
    SELECT * FROM scoring_creatorcontribution
    WHERE evaluation_id = %(evaluation)s AND agency_id = %(agency)s
), idle AS MATERIALIZED (
    SELECT creator_id FROM bound EXCEPT SELECT creator_id FROM brought
), paired AS NOT MATERIALIZED (
    SELECT creator_id AS pk, {brought} FROM brought UNION ALL SELECT creator_id, {nothing} FROM idle
)""")
_NAMED: Final = sql.SQL(""", named AS MATERIALIZED (
    SELECT id, creator_id AS code FROM agencies_creator
    WHERE id = ANY (ARRAY(SELECT pk FROM paired)) AND {looked_for}
)""")
_LOOKED_FOR: Final = sql.SQL(
    "(starts_with(creator_id, %(search)s) OR strpos(upper(nickname), upper(%(search)s)) > 0)"
)
# Read for the sums and for the order: keeping 20,000 rows takes longer than reading them again,
# unless they are joined or filtered by bindings.
_FOUND: Final = sql.SQL(""", found AS {kept} (
    SELECT paired.*, {key} AS sort_key {code} FROM paired {names} WHERE {filters}
)""")
_SUMMED: Final = sql.SQL(""", summed AS (
    SELECT count(*) AS creators,
        coalesce(sum(settled_cents), 0)::bigint, coalesce(sum(showcase_cents), 0)::bigint,
        coalesce(sum(good_goods_cents), 0)::bigint, coalesce(sum(settled_orders), 0)::bigint,
        coalesce(sum(worry_free_orders), 0)::bigint, coalesce(sum(live_minutes), 0)::bigint,
        coalesce(sum(bound_days), 0)::bigint,
        count(*) FILTER (WHERE bound_on_last_day AND level >= {l5}),
        count(*) FILTER (WHERE showcase_cents > 0),
        coalesce(sum(reputation * settled_orders), 0)::bigint,
        coalesce(sum(settled_orders) FILTER (WHERE reputation IS NOT NULL), 0)::bigint
    FROM found
), start AS (
    SELECT least(%(offset)s, (greatest(creators, 1) - 1) / %(per_page)s * %(per_page)s) AS skipped
    FROM summed
)""")
# Far down the list it is cheaper to read all names once than those of everybody before.
_FAR: Final = 500
_SHOWN: Final = sql.SQL(""", ahead AS (
    SELECT * FROM found ORDER BY sort_key {direction} NULLS LAST
    FETCH FIRST ((SELECT skipped + %(per_page)s FROM start)) ROWS WITH TIES
), shown AS (
    SELECT ahead.* FROM ahead JOIN agencies_creator creator ON creator.id = ahead.pk
    ORDER BY sort_key {direction} NULLS LAST, creator.creator_id
    LIMIT %(per_page)s OFFSET (SELECT skipped FROM start)
)""")
_SHOWN_BY_NAME: Final = sql.SQL(""", shown AS (
    SELECT * FROM found ORDER BY sort_key {direction} NULLS LAST, code
    LIMIT %(per_page)s OFFSET (SELECT skipped FROM start)
)""")
_ROWS: Final = sql.SQL("""
    SELECT creator.creator_id AS code, creator.nickname,
        CASE WHEN binding.bound_from <= %(today)s OR EXISTS (SELECT FROM agencies_binding own
            WHERE own.creator_id = {some}.pk AND own.agency_id = %(agency)s
            AND own.bound_from <= creator.followers_on
            AND (own.bound_until IS NULL OR own.bound_until > creator.followers_on)
        ) THEN creator.followers END AS followers,
        binding.id AS binding_id, binding.bound_from, binding.bound_until,
        (SELECT side FROM agencies_unbinding wish WHERE wish.binding_id = binding.id
            AND wish.state = ANY (%(open)s) LIMIT 1) AS wish_side,
        CASE WHEN binding.id IS NULL THEN (SELECT max(over.bound_until)
            FROM agencies_binding over
            WHERE over.creator_id = {some}.pk AND over.agency_id = %(agency)s) END AS left_on,
        {star}, {brought}
    FROM {some} JOIN agencies_creator creator ON creator.id = {some}.pk
    LEFT JOIN (SELECT DISTINCT ON (creator_id) creator_id, id, bound_from, bound_until
        FROM agencies_binding
        WHERE agency_id = %(agency)s AND (bound_until IS NULL OR bound_until > %(today)s)
        {whose}
        ORDER BY creator_id, bound_from) binding ON binding.creator_id = {some}.pk
    LEFT JOIN LATERAL (SELECT {anchor} FROM agencies_starplan plan
        JOIN agencies_staranchor anchor ON anchor.plan_id = plan.id
        WHERE plan.creator_id = {some}.pk AND plan.left_on IS NULL
        ORDER BY anchor.id DESC LIMIT 1) star ON binding.bound_from <= %(today)s
    ORDER BY {some}.sort_key {direction} NULLS LAST, creator.creator_id""")
_WHOSE: Final = sql.SQL("AND creator_id IN (SELECT pk FROM shown)")
_PAGE: Final = sql.SQL("""
SELECT summed.*, page.* FROM summed LEFT JOIN ({rows}) page ON true""")


@dataclass(frozen=True)
class Wanted:
    """Which creators are asked for, and in which order.

    `search` is the beginning of an id or a part of a nickname; `state` is "now" (bound today or
    later), "left" (counted in the month, not bound any more) or "" for both.
    """

    search: str = ""
    state: str = ""
    level_from: int | None = None
    showcase: bool | None = None
    sort: str = "settled"
    descending: bool = True

    @property
    def needs_names(self) -> bool:
        """Whether ids and nicknames decide who is found, or in which order."""
        return bool(self.search) or self.sort == "creator"


@dataclass(frozen=True)
class CreatorRow:
    """A creator of the agency; `brought` is None where the month counted no day of theirs.

    `binding_id` and the days are those of the binding that holds or begins next; without one
    `left_on` is the day since which the creator is not bound here any more. `followers` are those
    of a creator who is bound here, or was on the day of that number; None for others. `star` is the
    phase of today in the Star Source plan of a creator who is bound here and in it.
    """

    creator_id: str
    nickname: str
    followers: int | None
    binding_id: int | None
    bound_from: date | None
    bound_until: date | None
    wish_side: str | None
    left_on: date | None
    brought: Brought | None
    star: StarPhase | None
    ends_today: bool

    @property
    def name(self) -> str:
        """The creator as people call one."""
        return self.nickname or self.creator_id


@dataclass(frozen=True)
class Listing:
    """One page of creators with the sums over all that were found, also those on other pages.

    Without a filter `totals` are the input totals of the month's assessment.
    """

    rows: tuple[CreatorRow, ...]
    totals: Totals
    page: Page
    prefixed_page_field: str = field(default="page", init=False)

    @property
    def paginator(self) -> Paginator:
        return self.page.paginator

    @property
    def count(self) -> int:
        return self.page.paginator.count

    @property
    def values(self) -> dict[str, Decimal | None]:
        """The indicator values of those who were found."""
        return indicator_values(self.totals)


def published_evaluations(agency: Agency) -> list[Evaluation]:
    """The published evaluations in which the agency has a result, the newest first. One query."""
    return list(
        Evaluation.objects.filter(
            state=EvaluationState.PUBLISHED,
            pk__in=Assessment.objects.filter(agency=agency).values("evaluation"),
        )
        .only("month", "revision", "published_at", "data_through")
        .order_by("-month")
    )


def listing(
    agency: Agency, evaluation: Evaluation | None, wanted: Wanted, *, today: date, page: str | None
) -> Listing:
    """A page of 50 creators, the nearest one to the number asked for. One query.

    1. Who is bound today or later, and who counted in the evaluated month.
    2. In the order asked for, without a value last, then by creator id.
    """
    number = int(page) if page and page.isdecimal() and len(page) < 9 else 1
    offset = (max(number, 1) - 1) * PER_PAGE
    named = wanted.needs_names or offset >= _FAR
    statement = sql.Composed(
        [
            _until_found(wanted, named=named),
            _SUMMED.format(l5=sql.Literal(L5)),
            (_SHOWN_BY_NAME if named else _SHOWN).format(direction=_direction(wanted)),
            _PAGE.format(rows=_rows(wanted, "shown", _WHOSE)),
        ]
    )
    values = _values(agency, evaluation, wanted, today)
    values |= {"per_page": PER_PAGE, "offset": offset}
    with connection.cursor() as cursor:
        cursor.execute(statement.as_string(), values)
        found = cursor.fetchall()
    count, *sums = found[0][: len(Totals.__dataclass_fields__) + 1]
    paginator: Paginator = Paginator(range(count), PER_PAGE)
    rows = (each[len(sums) + 1 :] for each in found if count)
    return Listing(
        rows=tuple(_row(each, today) for each in rows),
        totals=Totals(*sums),
        page=paginator.get_page(number),
    )


def all_rows(
    agency: Agency, evaluation: Evaluation | None, wanted: Wanted, *, today: date
) -> Iterator[CreatorRow]:
    """Everybody whom `listing` pages through, in the same order, read as it goes. One query."""
    named = wanted.needs_names
    statement = sql.Composed(
        [_until_found(wanted, named=named), _rows(wanted, "found", sql.SQL(""))]
    )
    with connection.chunked_cursor() as cursor:
        cursor.execute(statement.as_string(), _values(agency, evaluation, wanted, today))
        for row in cursor:
            yield _row(row, today)


def _until_found(wanted: Wanted, *, named: bool) -> sql.Composable:
    looked_for = _LOOKED_FOR if wanted.search else sql.SQL("true")
    return sql.Composed(
        [
            _PAIRED.format(
                brought=_columns("brought"),
                nothing=sql.SQL(", ").join([sql.NULL] * len(BROUGHT)),
            ),
            _NAMED.format(looked_for=looked_for) if named else sql.SQL(""),
            _FOUND.format(
                kept=sql.SQL("MATERIALIZED" if named or wanted.state else "NOT MATERIALIZED"),
                key=SORTS[wanted.sort],
                code=sql.SQL(", named.code" if named else ""),
                names=sql.SQL("JOIN named ON named.id = paired.pk" if named else ""),
                filters=_filters(wanted),
            ),
        ]
    )


def _filters(wanted: Wanted) -> sql.Composable:
    filters = [sql.SQL("true")]
    if wanted.state == NOW:
        filters.append(sql.SQL("pk IN (SELECT creator_id FROM bound)"))
    elif wanted.state == LEFT:
        filters.append(sql.SQL("pk NOT IN (SELECT creator_id FROM bound)"))
    if wanted.level_from is not None:
        filters.append(sql.SQL("level >= %(level_from)s"))
    if wanted.showcase is not None:
        filters.append(sql.SQL("coalesce(showcase_cents > 0, false) = %(showcase)s"))
    return sql.SQL(" AND ").join(filters)


def _rows(wanted: Wanted, some: str, whose: sql.SQL) -> sql.Composable:
    return _ROWS.format(
        some=sql.Identifier(some),
        whose=whose,
        star=_columns("star", STAR),
        anchor=_columns("anchor", STAR),
        brought=_columns(some),
        direction=_direction(wanted),
    )


def _columns(table: str, names: Iterable[str] = BROUGHT) -> sql.Composable:
    return sql.SQL(", ").join(sql.Identifier(table, name) for name in names)


def _direction(wanted: Wanted) -> sql.SQL:
    return sql.SQL("DESC") if wanted.descending else sql.SQL("ASC")


def _values(
    agency: Agency, evaluation: Evaluation | None, wanted: Wanted, today: date
) -> dict[str, Any]:
    return {
        "agency": agency.pk,
        "evaluation": evaluation.pk if evaluation else None,
        "today": today,
        "open": [str(state) for state in OPEN_UNBINDING],
        "search": wanted.search,
        "level_from": wanted.level_from,
        "showcase": wanted.showcase,
    }


def _row(values: Sequence[Any], today: date) -> CreatorRow:
    person: dict[str, Any] = dict(zip(PERSON, values[: len(PERSON)], strict=True))
    star = values[len(PERSON) : len(PERSON) + len(STAR)]
    figures = values[len(PERSON) + len(STAR) :]
    brought: dict[str, Any] = dict(zip(BROUGHT, figures, strict=True))
    until, counted = person["bound_until"], brought["bound_days"] is not None
    return CreatorRow(
        **person,
        brought=Brought(CreatorContribution(**brought)) if counted else None,
        star=phase_on(Planned(*star), today) if star[0] else None,
        ends_today=until is not None and until <= today + ONE_DAY,
    )

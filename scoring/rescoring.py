"""A stored result under other rules: from its exact indicator values, without reading facts.

Indicator values do not depend on the rulebook; what follows from them does. So a month that is over
can be asked what a draft would have made of it, and gives the very result that an evaluation under
the draft would give (docs/rules.md §12).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Final, Protocol

from django.db import connection

from agencies.enums import Stage
from scoring.points import Score, Totals, indicator_values, is_novice, outcome_of, score
from scoring.rulebook import INDICATOR_KEYS, Rulebook

# The sums of an agency without bound creators.
NOTHING: Final = Totals(*[0] * len(Totals.__dataclass_fields__))
# The evaluations are named twice so that the planner skips the other partitions.
TOTALS_QUERY: Final = """
    WITH kept AS (
        SELECT id FROM unnest(%(evaluations)s::bigint[]) AS asked(id)
        WHERE EXISTS (
            SELECT FROM pg_class
            WHERE relispartition AND pg_table_is_visible(oid)
                AND relname ~ ('^scoring_creatorcontribution_' || id || '_[0-9]+$')
        )
    )
    SELECT kept.id, brought.agency_id,
        sum(settled_cents)::bigint,
        sum(showcase_cents)::bigint,
        sum(good_goods_cents)::bigint,
        sum(settled_orders)::bigint,
        sum(worry_free_orders)::bigint,
        sum(live_minutes)::bigint,
        sum(bound_days)::bigint,
        count(*) FILTER (WHERE bound_on_last_day AND level >= 5),
        count(*) FILTER (WHERE showcase_cents > 0),
        coalesce(sum(reputation::bigint * settled_orders), 0)::bigint,
        coalesce(sum(settled_orders) FILTER (WHERE reputation IS NOT NULL), 0)::bigint
    FROM kept
    LEFT JOIN scoring_creatorcontribution brought
        ON brought.evaluation_id = kept.id
        AND brought.evaluation_id = ANY(%(evaluations)s)
        AND (%(all)s OR brought.agency_id = ANY(%(agencies)s))
    GROUP BY kept.id, brought.agency_id
"""


class NoValues(LookupError):
    """An agency that was a novice would be assessed, but nothing is kept to assess it by."""


class Stored(Protocol):
    """What was stored of a result: an `Assessment`, or the same columns of its row."""

    @property
    def agency_id(self) -> int: ...
    @property
    def credit(self) -> int: ...
    @property
    def contested(self) -> int: ...
    @property
    def level_before(self) -> str: ...
    @property
    def indicators(self) -> Mapping[str, Mapping[str, Any]]: ...


@dataclass(slots=True)
class Rescored:
    """What an agency would have got, with the names of `scoring.evaluation.assess.Result`.

    A novice has neither values nor score; `held` says that undecided appeals hold the level.
    """

    agency: int
    stage: str
    credit: int
    level: str = ""
    held: bool = False
    values: dict[str, Decimal | None] = field(default_factory=dict)
    score: Score | None = None

    @property
    def total(self) -> Decimal | None:
        """The total with bonus; None for a novice."""
        return None if self.score is None else self.score.total


def stored_values(indicators: Mapping[str, Mapping[str, Any]]) -> dict[str, Decimal | None]:
    """The exact value of each indicator as it was stored; empty for a novice."""
    return {
        key: None if (text := indicators[key]["value"]) is None else Decimal(text)
        for key in (INDICATOR_KEYS if indicators else ())
    }


def rescore(
    rulebook: Rulebook,
    assessment: Stored,
    *,
    month: date,
    joined_on: date,
    totals: Totals | None = None,
) -> Rescored:
    """What an agency would have got in a data month (its first day) under a rulebook.

    1. The stored indicator values, credit and points under appeal count; points, their sums, the
       stage and the level follow from the rulebook.
    2. A novice of that month has no stored values. Where the rulebook assesses it, `totals` count
       (`novice_totals`; NOTHING for one without creators). Raises NoValues without them.
    3. Under the rulebook that decided, this is the stored result.

    S, P and D, docs/rules.md §3, §4, §8, §12.
    """
    values = stored_values(assessment.indicators) if assessment.indicators else None
    if values is None and totals is not None:
        values = indicator_values(totals)
    return rescore_values(
        rulebook,
        values,
        agency=assessment.agency_id,
        month=month,
        joined_on=joined_on,
        credit=assessment.credit,
        contested=assessment.contested,
        level_before=assessment.level_before,
    )


def rescore_values(
    rulebook: Rulebook,
    values: dict[str, Decimal | None] | None,
    *,
    agency: int,
    month: date,
    joined_on: date,
    credit: int,
    contested: int,
    level_before: str,
) -> Rescored:
    """The same from the bare values: each indicator's, None where none were stored.

    Raises NoValues where the rulebook assesses an agency without values.
    """
    result = Rescored(agency, Stage.NOVICE, credit)
    if is_novice(rulebook, joined_on=joined_on, month=month):
        return result
    if values is None:
        raise NoValues(f"Nothing is kept to assess agency {agency} in {month:%Y-%m}.")
    result.values = values
    result.score = score(rulebook, values)
    outcome = outcome_of(
        rulebook,
        joined_on=joined_on,
        month=month,
        service=result.score.service,
        total=result.score.total,
        credit=credit,
        contested=contested,
        level_before=level_before,
    )
    result.stage, result.level, result.held = outcome.stage, outcome.level, outcome.held
    return result


def novice_totals(
    evaluation_ids: Iterable[int], agencies: Collection[int] | None = None
) -> dict[int, dict[int, Totals]]:
    """The sums of agencies by evaluation and agency, from what their creators brought. One query.

    1. An evaluation whose contributions are gone (a superseded one's are) is not in it.
    2. An agency without bound creators is not in its evaluation's: its sums are NOTHING.

    agencies: only these; all of them when None. The sums are those of
    `scoring.indicators.agency_totals` (S, docs/rules.md §4).
    """
    asked = list(evaluation_ids)
    if not asked:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            TOTALS_QUERY,
            {"evaluations": asked, "agencies": list(agencies or ()), "all": agencies is None},
        )
        found: dict[int, dict[int, Totals]] = {}
        for evaluation, agency, *sums in cursor:
            brought = found.setdefault(evaluation, {})
            if agency is not None:
                brought[agency] = Totals(*sums)
    return found

"""From a rulebook back to the text of its TOML file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

import tomli_w

from scoring.rulebook import Benefit, Indicator, Level, Rulebook, Text, ViolationKind

# No text of a rulebook has a line break, so that this finds knots and nothing else.
_KNOT: Final = re.compile(r"\[\n +(-?[0-9.]+),\n +(-?[0-9.]+),\n +\]")


def toml_of(rulebook: Rulebook) -> str:
    """The rulebook as TOML in the contract's terms: read again, it is the same rulebook.

    1. Every number is written with all its digits: whole ones without a point, none with an
       exponent.
    2. A limit that is None is left out, which stands for no limit.
    3. Comments and the layout of a file that was imported are not kept: they are no rules.

    The rulebook need not be valid; `scoring.rulebook.parse` says whether it is.
    """
    written = tomli_w.dumps(dict(_sections(rulebook)))
    return _KNOT.sub(r"[\1, \2]", written)


def _sections(rulebook: Rulebook) -> Iterator[tuple[str, Any]]:
    stages, credit, plan = rulebook.stages, rulebook.credit, rulebook.star_plan
    yield "version", rulebook.version
    yield "effective_from", rulebook.effective_from
    yield "title", _text(rulebook.title)
    yield (
        "stages",
        {
            "novice_months": stages.novice_months,
            "service_floor": _number(stages.service_floor),
            "credit_floor": stages.credit_floor,
            **_limits(stages.binding_cap, stages.followers_below),
        },
    )
    yield "bonus", {"cap": _number(rulebook.bonus_cap)}
    yield (
        "credit",
        {
            "opening": credit.opening,
            "cap": credit.cap,
            "restore_points": credit.restore_points,
            "restore_clean_days": credit.restore_clean_days,
            "bans": [{"below": ban.below, "days": ban.days} for ban in credit.bans],
        },
    )
    yield "appeals", {"days": rulebook.appeals.days, "hold_fall": rulebook.appeals.hold_fall}
    yield "bindings", {"silence_days": rulebook.bindings.silence_days}
    yield "gate", {"max_jump_share": _number(rulebook.gate.max_jump_share)}
    yield (
        "star_plan",
        {
            "preparation_days": plan.preparation_days,
            "trial_days": plan.trial_days,
            "development_days": plan.development_days,
        },
    )
    yield "indicators", [_indicator(each) for each in rulebook.indicators]
    yield "levels", [_level(each) for each in rulebook.levels]
    yield "benefits", [_benefit(each) for each in rulebook.benefits]
    yield "violations", [_violation(each) for each in rulebook.violations]


def _number(number: Decimal) -> Decimal | int:
    """Without an exponent, which the file's readers would have to know about."""
    whole = int(number)
    return whole if whole == number else Decimal(f"{number:f}")


def _text(text: Text) -> dict[str, str]:
    return {"zh": text.zh, "en": text.en}


def _limits(binding_cap: int | None, followers_below: int | None) -> Mapping[str, int]:
    both = {"binding_cap": binding_cap, "followers_below": followers_below}
    return {key: limit for key, limit in both.items() if limit is not None}


def _indicator(indicator: Indicator) -> dict[str, Any]:
    return {
        "key": indicator.key,
        "dimension": indicator.dimension,
        "source": indicator.source,
        "knots": [[_number(knot.value), _number(knot.points)] for knot in indicator.knots],
    }


def _level(level: Level) -> dict[str, Any]:
    return {
        "key": level.key,
        "min_total": _number(level.min_total),
        **_limits(level.binding_cap, level.followers_below),
    }


def _benefit(benefit: Benefit) -> dict[str, Any]:
    ends = {"from": benefit.from_level}
    if benefit.to_level is not None:
        ends["to"] = benefit.to_level
    return {
        "key": benefit.key,
        "family": benefit.family,
        **ends,
        "source": benefit.source,
        "title": _text(benefit.title),
    }


def _violation(kind: ViolationKind) -> dict[str, Any]:
    return {
        "kind": kind.kind,
        "points": kind.points,
        "measures": list(kind.measures),
        "title": _text(kind.title),
    }

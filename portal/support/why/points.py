"""The change of the total in words: rules, indicators, and the creators behind the first one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Final

from django.utils.translation import gettext as _

from portal.formats.figures import apart, signed
from portal.support.why import said
from portal.support.why.facts import Why
from scoring.queries.creator_effects import CreatorEffects, CreatorMove
from scoring.queries.movement import Movement

MOST_CREATORS: Final = 3


def point_paragraphs(why: Why) -> Iterator[str]:
    """How the total moved against the month before; nothing unless both months have points."""
    movement = why.movement
    if movement is None or movement.fall is None or movement.change is None:
        return
    yield said.together([*_change(movement), *_rules(movement)])
    if movement.largest:
        head = _("What moved it most:")
        yield f"{head}\n{said.listed(_largest(movement))}"
    if why.effects is not None:
        creators = _foremost(why.effects)
        if creators:
            yield _creators(why.effects, creators, str(movement.largest[0].name))


def _change(movement: Movement) -> Iterator[str]:
    fall, change = movement.fall, movement.change
    if fall is None or change is None:
        return
    names = {
        "change": said.points(abs(change)),
        "before": said.points(fall.start),
        "now": said.points(fall.end),
        "month": said.month(movement.month_before),
    }
    if change < 0:
        yield _("The total fell by %(change)s points, from %(before)s to %(now)s.") % names
    elif change > 0:
        yield _("The total rose by %(change)s points, from %(before)s to %(now)s.") % names
    else:
        yield _("The total is the same as in %(month)s.") % names


def _rules(movement: Movement) -> Iterator[str]:
    """What changed rules alone did, told apart from what the agency did."""
    if not movement.rules_changed or movement.fall is None or movement.rules_before is None:
        return
    names = {
        "month": said.month(movement.month),
        "version": movement.rules.version,
        "old": movement.rules_before.version,
        "points": signed(movement.fall.rules),
    }
    if movement.fall.rules == 0:
        sentence = _(
            "%(month)s counts by rulebook %(version)s instead of %(old)s, which moved no points."
        )
    else:
        sentence = _(
            "%(month)s counts by rulebook %(version)s instead of %(old)s; the change of the rules"
            " alone makes %(points)s points."
        )
    yield sentence % names


def _largest(movement: Movement) -> Iterator[str]:
    """The indicators that moved most, and all others together, so that the sum is the change."""
    for move in movement.largest:
        before, now = apart(move.before, move.now, move.unit)
        yield _("%(name)s: %(points)s points (%(before)s → %(now)s)") % {
            "name": move.name,
            "points": signed(move.points),
            "before": before,
            "now": now,
        }
    fall = movement.fall
    if fall is None:
        return
    told = sum((move.points for move in movement.largest), start=Decimal(0))
    rest = fall.end - fall.start - fall.rules - told
    if rest:
        yield _("all others together: %(points)s points") % {"points": signed(rest)}


def _foremost(effects: CreatorEffects) -> list[CreatorMove]:
    """Up to three creators who moved the value furthest in the direction that it went."""
    return [
        row for row in effects.rows if row.effect is not None and row.effect * effects.change > 0
    ][:MOST_CREATORS]


def _creators(effects: CreatorEffects, creators: list[CreatorMove], indicator: str) -> str:
    head = _("Behind “%(indicator)s”, above all these creators of yours:") % {
        "indicator": indicator
    }
    return f"{head}\n{said.listed(_creator(effects, row) for row in creators)}"


def _creator(effects: CreatorEffects, row: CreatorMove) -> str:
    """One creator's effect, and whether the creator came or left in the month."""
    names = {
        "creator": f"{row.nickname} ({row.creator_id})",
        "effect": said.effect_of(effects, row.effect or Decimal(0)),
    }
    if row.stay.unbound_on:
        last = row.stay.unbound_on - timedelta(days=1)
        return _("%(creator)s: %(effect)s; bound to you until %(day)s") % {
            **names,
            "day": said.on(last),
        }
    if row.stay.bound_on:
        return _("%(creator)s: %(effect)s; bound to you since %(day)s") % {
            **names,
            "day": said.on(row.stay.bound_on),
        }
    return _("%(creator)s: %(effect)s") % names

"""The clauses of what a level is and gives: cut-offs, binding limits, benefits, boards."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from scoring.queries.rules.clause import (
    Clause,
    Line,
    Section,
    in_language,
    mark_of,
    plain,
    short,
)
from scoring.rulebook import EVERYONE, FAMILIES, Benefit, Rulebook

FAMILY_NAMES: Final[dict[str, Promise]] = {
    "operations": gettext_lazy("Operations support"),
    "creators": gettext_lazy("Creator management"),
    "exclusive": gettext_lazy("Exclusive benefits"),
    "marketing": gettext_lazy("Marketing resources"),
    "publicity": gettext_lazy("Publicity"),
}


def level_sections(rulebook: Rulebook) -> Iterator[Section]:
    """The sections on levels, benefits and boards (docs/rules.md §4 to §6)."""
    yield Section("levels", _("Levels"), tuple(_levels(rulebook)))
    yield Section("benefits", _("Benefits"), tuple(_benefits(rulebook)))
    yield _boards()


def _levels(rulebook: Rulebook) -> Iterator[Clause]:
    cut_offs = [
        Line(
            f"from-{level.key}",
            _("%(level)s from %(total)s points in all")
            % {"level": level.key, "total": plain(level.min_total)},
            mark_of(rulebook, _cut_off(level.key), "D"),
        )
        for level in rulebook.levels
    ]
    exactly = Line("exactly", _("A cut-off that is reached exactly is reached."), "D")
    yield Clause("level-cut-offs", _("Levels by total"), (*cut_offs, exactly))
    yield Clause("level-binding", _("How many creators may be bound"), tuple(_caps(rulebook)))
    yield Clause(
        "level-followers", _("How large creators may be"), tuple(_follower_limits(rulebook))
    )


def _cut_off(key: str) -> Callable[[Rulebook], Decimal]:
    return lambda rulebook: rulebook.level(key).min_total


def _caps(rulebook: Rulebook) -> Iterator[Line]:
    stages = rulebook.stages
    holders = [("stage", _("Novice and observation stage"), stages.binding_cap)]
    holders += [(level.key, level.key, level.binding_cap) for level in rulebook.levels]
    for key, who, cap in holders:
        text = (
            _("%(who)s: any number of creators") % {"who": who}
            if cap is None
            else ngettext(
                "%(who)s: at most %(cap)s creator", "%(who)s: at most %(cap)s creators", cap
            )
            % {"who": who, "cap": plain(cap)}
        )
        yield Line(f"cap-{key}", text, cap_mark(rulebook, key))
    yield Line(
        "fall",
        _("Creators who are bound stay when a level falls; only new bindings are refused."),
        "D",
    )


def cap_mark(rulebook: Rulebook, key: str) -> str:
    """The mark of a level's binding cap, or of the stages' ("stage"): no cap is S, a number D."""
    cap = rulebook.stages.binding_cap if key == "stage" else rulebook.level(key).binding_cap
    return mark_of(
        rulebook,
        lambda each: each.stages.binding_cap if key == "stage" else each.level(key).binding_cap,
        "S" if cap is None else "D",
    )


def _follower_limits(rulebook: Rulebook) -> Iterator[Line]:
    holders = [("stage", _("Novice and observation stage"), rulebook.stages.followers_below)]
    holders += [(level.key, level.key, level.followers_below) for level in rulebook.levels]
    for key, who, below in holders:
        text = (
            _("%(who)s: creators of any size")
            if below is None
            else _("%(who)s: creators with fewer than %(followers)s followers")
        ) % {"who": who, "followers": short(below or 0)}
        yield Line(f"followers-{key}", text, followers_mark(rulebook, key))


def followers_mark(rulebook: Rulebook, key: str) -> str:
    """The mark of a level's follower rule, or of the stages' ("stage"): S while the default's."""
    return mark_of(
        rulebook,
        lambda each: (
            each.stages.followers_below if key == "stage" else each.level(key).followers_below
        ),
        "S",
    )


def _benefits(rulebook: Rulebook) -> Iterator[Clause]:
    for family in FAMILIES:
        lines = tuple(
            Line(
                benefit.key,
                _("%(benefit)s: %(levels)s")
                % {"benefit": in_language(benefit.title), "levels": levels_of(benefit)},
                benefit.source,
            )
            for benefit in rulebook.benefits
            if benefit.family == family
        )
        if lines:
            yield Clause(f"benefits-{family}", str(FAMILY_NAMES[family]), lines)


def levels_of(benefit: Benefit) -> str:
    """Who has a benefit, in words."""
    ends = {"first": benefit.from_level, "last": benefit.to_level}
    if benefit.from_level == EVERYONE:
        return _("everyone up to %(last)s") % ends if benefit.to_level else _("everyone")
    if benefit.to_level is None:
        return _("from %(first)s on") % ends
    if benefit.from_level == benefit.to_level:
        return _("%(first)s only") % ends
    return _("%(first)s to %(last)s") % ends


def _boards() -> Section:
    """The two boards (S; their order D, docs/rules.md §6)."""
    common = (
        Line(
            "who",
            _("Only assessed agencies have a place; the board is frozen with its publication."),
            "D",
        ),
        Line(
            "left-out",
            _("Left out are agencies that were removed and those whose honours are cancelled."),
            "D",
        ),
        Line(
            "public",
            _("The first hundred places are public; an agency always sees its own."),
            "D",
        ),
    )
    strength = Line(
        "order",
        _("Order: total, then operating power, then settled amount, then agency code."),
        "D",
    )
    growth = Line(
        "order",
        _(
            "Order: growth points, then their rise over the month before, then showcase amount,"
            " then agency code."
        ),
        "D",
    )
    return Section(
        "boards",
        _("Boards"),
        (
            Clause("board-strength", _("Comprehensive strength board"), (strength,)),
            Clause("board-growth", _("All-domain growth board"), (growth,)),
            Clause("board-places", _("Places on both boards"), common),
        ),
    )

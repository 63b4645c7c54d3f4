"""The clauses of conduct: credit, violations, appeals, bindings, the Star Source plan."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from agencies.actions.links import LINK_DAYS
from agencies.enums import Measure
from scoring.queries.rules.clause import (
    Clause,
    Line,
    Section,
    enumerated,
    in_language,
    mark_of,
    plain,
)
from scoring.rulebook import Ban, Rulebook, ViolationKind

MEASURE_NAMES: Final[dict[str, str | Promise]] = {
    **dict(Measure.choices),
    "deduct_credit": gettext_lazy("Credit deducted"),
    "linked_agencies": gettext_lazy("Linked agencies and accounts dealt with"),
}
# What the announcements say of the two kinds that they name.
KIND_MEANINGS: Final[dict[str, Promise]] = {
    "dispute": gettext_lazy(
        "Binding creators or merchants by deceit and refusing to unbind them, causing loss; unfair"
        " or extra terms; not settling properly, with bad effect."
    ),
    "impersonation": gettext_lazy(
        "Prominent use of the platform's logo, forged licence plaques, claiming to be its staff."
    ),
}


def conduct_sections(rulebook: Rulebook) -> Iterator[Section]:
    """The sections from credit to the Star Source plan (docs/rules.md §7 to §10)."""
    yield Section("credit", _("Credit"), tuple(_credit(rulebook)))
    yield Section("violations", _("Violations and measures"), tuple(_violations(rulebook)))
    yield Section("appeals", _("Appeals"), (_appeals(rulebook),))
    yield Section("bindings", _("Binding and unbinding"), tuple(_bindings(rulebook)))
    yield Section("star-plan", _("Star Source plan"), (_star_plan(rulebook),))


def _credit(rulebook: Rulebook) -> Iterator[Clause]:
    credit = rulebook.credit
    account = _("An agency joins with a credit of %(opening)s; it is never above %(cap)s.") % {
        "opening": plain(credit.opening),
        "cap": plain(credit.cap),
    }
    yield Clause(
        "credit-account",
        _("Opening balance and cap"),
        (
            Line(
                "account",
                account,
                mark_of(rulebook, lambda each: (each.credit.opening, each.credit.cap), "P"),
            ),
            Line(
                "floor",
                _("A deduction takes at most what is there: credit is never below 0."),
                "D",
            ),
            Line(
                "zero",
                _("At 0 the removal of the agency is proposed to a second person of the platform."),
                "P",
            ),
        ),
    )
    bans = [
        Line(
            f"below-{number}",
            ngettext(
                "A deduction to below %(below)s: no new bindings for %(days)s day.",
                "A deduction to below %(below)s: no new bindings for %(days)s days.",
                ban.days,
            )
            % {"below": plain(ban.below), "days": ban.days},
            mark_of(rulebook, _ban(number), "P"),
        )
        for number, ban in enumerate(credit.bans)
    ]
    if bans:
        yield Clause("credit-bans", _("What low credit forbids"), tuple(bans))
    yield Clause("credit-way-back", _("Way back"), tuple(_way_back(rulebook)))


def _ban(number: int) -> Callable[[Rulebook], Ban]:
    return lambda rulebook: rulebook.credit.bans[number]


def _way_back(rulebook: Rulebook) -> Iterator[Line]:
    credit = rulebook.credit
    text = ngettext(
        "%(points)s point is given back when %(days)s days have passed since the later of the last"
        " deduction and the last restore.",
        "%(points)s points are given back when %(days)s days have passed since the later of the"
        " last deduction and the last restore.",
        credit.restore_points,
    )
    yield Line(
        "restore",
        text % {"points": plain(credit.restore_points), "days": plain(credit.restore_clean_days)},
        mark_of(
            rulebook,
            lambda each: (each.credit.restore_points, each.credit.restore_clean_days),
            "D",
        ),
    )
    yield Line(
        "most",
        _("Never more is given back than the deductions that still stand have taken."),
        "D",
    )
    yield Line("award", _("Awards of the platform raise credit up to its cap."), "P")


def _violations(rulebook: Rulebook) -> Iterator[Clause]:
    for kind in rulebook.violations:
        yield Clause(
            "violation-" + kind.kind.replace("_", "-"),
            in_language(kind.title),
            tuple(_kind(rulebook, kind)),
        )
    yield Clause(
        "violation-measures",
        _("Decisions and measures"),
        (
            Line(
                "decision",
                _("The points and measures of the decision count; it may differ from the default."),
                "D",
            ),
            Line(
                "measures",
                _(
                    "Measures are: warning, binding suspended, honours cancelled, linked agencies"
                    " and accounts dealt with, credit deducted, and removal when it is serious."
                ),
                "S",
            ),
            Line("second", _("A removal is confirmed by a second person of the platform."), "D"),
        ),
    )


def _kind(rulebook: Rulebook, kind: ViolationKind) -> Iterator[Line]:
    if kind.kind in KIND_MEANINGS:
        yield Line("meaning", str(KIND_MEANINGS[kind.kind]), "S")
    source = "P" if kind.kind == "impersonation" else "D"
    yield Line(
        "points",
        ngettext("Deduction: %(points)s point.", "Deduction: %(points)s points.", kind.points)
        % {"points": plain(kind.points)},
        mark_of(rulebook, lambda each: _kind_of(each, kind.kind).points, source),
    )
    measures = enumerated(str(MEASURE_NAMES[each]) for each in kind.measures)
    yield Line(
        "measures",
        _("Measures: %(measures)s.") % {"measures": measures or _("none")},
        mark_of(rulebook, lambda each: _kind_of(each, kind.kind).measures, source),
    )
    if "removal" in kind.measures:
        yield Line(
            "removal",
            _("With a removal all creators are unbound; later commissions settle to the creators."),
            "P",
        )


def _kind_of(rulebook: Rulebook, kind: str) -> ViolationKind:
    for each in rulebook.violations:
        if each.kind == kind:
            return each
    raise KeyError(kind)


def _appeals(rulebook: Rulebook) -> Clause:
    days = rulebook.appeals.days
    until = ngettext(
        "A decision may be appealed for %(days)s day after it, to the end of that day.",
        "A decision may be appealed for %(days)s days after it, to the end of the last.",
        days,
    ) % {"days": days}
    return Clause(
        "appeal",
        _("Appeal"),
        (
            Line("days", until, mark_of(rulebook, lambda each: each.appeals.days, "D")),
            Line(
                "hold", _hold(rulebook), mark_of(rulebook, lambda each: each.appeals.hold_fall, "D")
            ),
            Line(
                "reviewer",
                _("Another person than those who decided reviews it and gives the reason."),
                "D",
            ),
        ),
    )


def _hold(rulebook: Rulebook) -> str:
    """What an undecided appeal does to the level of a month."""
    if not rulebook.appeals.hold_fall:
        return _("What was decided holds while an appeal is open; a fall of the level is not held.")
    return _(
        "What was decided holds while an appeal is open, but a fall of the level is held: where"
        " only deductions under appeal keep credit below %(floor)s when a month's result is"
        " computed, the agency stays assessed with its level of the month before, or the lower one"
        " that its total gives. An appeal never lifts a level. Once it is decided, the month is"
        " computed again."
    ) % {"floor": plain(rulebook.stages.credit_floor)}


def _bindings(rulebook: Rulebook) -> Iterator[Clause]:
    yield Clause(
        "binding",
        _("Binding"),
        (
            Line("one", _("A creator has at most one agency on any day."), "D"),
            Line(
                "confirm",
                _(
                    "An agency asks; the creator confirms through a link of their own, which is"
                    " valid for %(days)s days."
                )
                % {"days": LINK_DAYS},
                "D",
            ),
        ),
    )
    days = rulebook.bindings.silence_days
    silence = ngettext(
        "Either side may ask to part; %(days)s day of silence means unbound.",
        "Either side may ask to part; %(days)s days of silence mean unbound.",
        days,
    ) % {"days": days}
    yield Clause(
        "unbinding",
        _("Unbinding"),
        (
            Line("silence", silence, mark_of(rulebook, lambda each: each.bindings, "P")),
            Line(
                "refusal",
                _("A refusal needs a stated reason; the creator may then call the platform in."),
                "D",
            ),
        ),
    )


def _star_plan(rulebook: Rulebook) -> Clause:
    plan = rulebook.star_plan
    before = plan.preparation_days + plan.trial_days
    days = {
        "first": plain(before),
        "last": plain(plan.trial_days + 1),
        "trial": plain(plan.trial_days),
        "development": plain(plan.development_days),
    }
    division = mark_of(rulebook, lambda each: each.star_plan, "D")
    length = mark_of(rulebook, lambda each: each.star_plan.development_days, "S")
    return Clause(
        "star-plan-phases",
        _("Phases around a creator's first live day"),
        (
            Line(
                "preparation",
                _("Preparation: from %(first)s to %(last)s days before the first live day.") % days,
                division,
            ),
            Line(
                "trial",
                _("Trial: the %(trial)s days before the first live day.") % days,
                division,
            ),
            Line(
                "development",
                _("Development: the %(development)s days from the first live day on.") % days,
                length,
            ),
            Line("mature", _("Mature: afterwards."), "S"),
        ),
    )

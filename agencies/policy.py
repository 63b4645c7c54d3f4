"""What conduct needs to know of the rulebook, handed down by whoever owns it.

Conduct must not import scoring, so scoring registers a provider when the applications are ready
(docs/adr/0003-policy-down-news-up.md).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class CreditBan:
    """Below this balance no new bindings are possible for so many days."""

    below: int
    days: int


@dataclass(frozen=True)
class KindTemplate:
    """What the rulebook proposes for a kind of violation (D, docs/rules.md §8)."""

    kind: str
    title_zh: str
    title_en: str
    points: int
    measures: tuple[str, ...]


@dataclass(frozen=True)
class StarPlanDays:
    """How long the phases of the Star Source plan last, in days (S and D, docs/rules.md §10)."""

    preparation: int
    trial: int
    development: int


@dataclass(frozen=True)
class ConductPolicy:
    """The rules of conduct of one month (docs/rules.md §5, §7, §8, §9, §10).

    Points are whole credit points; `templates` are the violation kinds that the rulebook knows;
    `binding_cap` and `followers_below` apply to agencies without a level (None: unlimited).
    """

    opening: int
    cap: int
    restore_points: int
    restore_clean_days: int
    bans: tuple[CreditBan, ...]
    templates: tuple[KindTemplate, ...]
    appeal_days: int
    silence_days: int
    binding_cap: int | None
    followers_below: int | None
    star_plan: StarPlanDays

    @property
    def kinds(self) -> frozenset[str]:
        """The violation kinds that the rulebook knows."""
        return frozenset(template.kind for template in self.templates)

    def template(self, kind: str) -> KindTemplate:
        """What is proposed for a kind; KeyError where the rulebook does not know it."""
        for template in self.templates:
            if template.kind == kind:
                return template
        raise KeyError(kind)


Provider = Callable[[frozenset[date]], dict[date, ConductPolicy]]
_providers: list[Provider] = []


def provide(provider: Provider) -> None:
    """Register who answers for the rulebook; the last one counts."""
    _providers[:] = [provider]


def conduct_policies(days: Iterable[date]) -> dict[date, ConductPolicy]:
    """The policies in force on some days, in one query however many they are.

    Raises RuntimeError when nobody answers for the rulebook.
    """
    if not _providers:
        raise RuntimeError("No conduct policy is registered: scoring.apps does it at start-up.")
    return _providers[0](frozenset(days))


def conduct_policy(on: date) -> ConductPolicy:
    """The policy in force on a day."""
    return conduct_policies([on])[on]

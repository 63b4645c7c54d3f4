"""Hands the rulebook's rules of conduct down to `agencies`, which must not import scoring."""

from __future__ import annotations

from datetime import date

from agencies.policy import ConductPolicy, CreditBan, KindTemplate, StarPlanDays, provide
from scoring.models import RulebookVersion
from scoring.rulebook import Rulebook


def conduct_policies_of(days: frozenset[date]) -> dict[date, ConductPolicy]:
    """The rules of conduct of the rulebooks in force on some days, by their months. One query."""
    versions = list(RulebookVersion.objects.in_force().order_by("-effective_from"))
    policies: dict[int, ConductPolicy] = {}
    found = {}
    for day in days:
        version = next((each for each in versions if each.effective_from <= day), None)
        if version is None:
            raise RulebookVersion.DoesNotExist(f"No rulebook is in force for {day:%Y-%m}.")
        if version.pk not in policies:
            policies[version.pk] = _policy(version.rulebook)
        found[day] = policies[version.pk]
    return found


def _policy(rules: Rulebook) -> ConductPolicy:
    return ConductPolicy(
        opening=rules.credit.opening,
        cap=rules.credit.cap,
        restore_points=rules.credit.restore_points,
        restore_clean_days=rules.credit.restore_clean_days,
        bans=tuple(CreditBan(ban.below, ban.days) for ban in rules.credit.bans),
        templates=tuple(
            KindTemplate(kind.kind, kind.title.zh, kind.title.en, kind.points, kind.measures)
            for kind in rules.violations
        ),
        appeal_days=rules.appeals.days,
        silence_days=rules.bindings.silence_days,
        binding_cap=rules.stages.binding_cap,
        followers_below=rules.stages.followers_below,
        star_plan=StarPlanDays(
            preparation=rules.star_plan.preparation_days,
            trial=rules.star_plan.trial_days,
            development=rules.star_plan.development_days,
        ),
    )


provide(conduct_policies_of)

"""Hands the rulebook's rules of conduct down to `agencies`, which must not import scoring."""

from __future__ import annotations

from datetime import date

from agencies.policy import ConductPolicy, CreditBan, provide
from scoring.models import RulebookVersion


def conduct_policy_of(on: date) -> ConductPolicy:
    """The rules of conduct of the rulebook in force on a day, by its month."""
    rules = RulebookVersion.objects.for_month(on.replace(day=1)).rulebook
    return ConductPolicy(
        opening=rules.credit.opening,
        cap=rules.credit.cap,
        restore_points=rules.credit.restore_points,
        restore_clean_days=rules.credit.restore_clean_days,
        bans=tuple(CreditBan(ban.below, ban.days) for ban in rules.credit.bans),
        kinds=frozenset(kind.kind for kind in rules.violations),
        appeal_days=rules.appeals.days,
        silence_days=rules.bindings.silence_days,
        binding_cap=rules.stages.binding_cap,
        followers_below=rules.stages.followers_below,
    )


provide(conduct_policy_of)

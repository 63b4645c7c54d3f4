"""Names in the back-test lab."""

from __future__ import annotations

from django import template

from agencies.enums import Stage
from scoring.backtests.told import indicator_name

register = template.Library()


@register.filter
def moved_by(key: str) -> str:
    """The indicator that moved an agency most, or what else did."""
    return indicator_name(key)


@register.filter
def stage_name(stage: str) -> str:
    """A stage as people call it."""
    return str(Stage(stage).label)

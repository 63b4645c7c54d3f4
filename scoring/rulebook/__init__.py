"""The rulebook: every number of the level system as data, checked before it is believed.

`terms` says what a rulebook is made of, `parsing` reads one from TOML, `reading` holds the
typed questions that parsing asks of the file and the list of faults they leave behind.
"""

from scoring.rulebook.parsing import parse
from scoring.rulebook.reading import Fault, RulebookError
from scoring.rulebook.terms import (
    DIMENSION_OF,
    DIMENSIONS,
    EVERYONE,
    FAMILIES,
    INDICATOR_KEYS,
    MEASURES,
    SOURCES,
    VIOLATION_KINDS,
    Appeals,
    Ban,
    Benefit,
    Bindings,
    Credit,
    Gate,
    Indicator,
    Knot,
    Level,
    Rulebook,
    Stages,
    StarPlan,
    Text,
    ViolationKind,
)

__all__ = [
    "DIMENSIONS",
    "DIMENSION_OF",
    "EVERYONE",
    "FAMILIES",
    "INDICATOR_KEYS",
    "MEASURES",
    "SOURCES",
    "VIOLATION_KINDS",
    "Appeals",
    "Ban",
    "Benefit",
    "Bindings",
    "Credit",
    "Fault",
    "Gate",
    "Indicator",
    "Knot",
    "Level",
    "Rulebook",
    "RulebookError",
    "Stages",
    "StarPlan",
    "Text",
    "ViolationKind",
    "parse",
]

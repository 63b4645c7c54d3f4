"""What pages ask about levels: months, an agency's standing, the breakdown of a score."""

from scoring.queries.breakdown import Breakdown, breakdown_of
from scoring.queries.months import (
    NoSuchMonth,
    Progress,
    Publication,
    latest_month,
    pick_month,
    publication,
)
from scoring.queries.standing import NoviceTerm, Standing, level_move, novice_term, standing_of

__all__ = [
    "Breakdown",
    "NoSuchMonth",
    "NoviceTerm",
    "Progress",
    "Publication",
    "Standing",
    "breakdown_of",
    "latest_month",
    "level_move",
    "novice_term",
    "pick_month",
    "publication",
    "standing_of",
]

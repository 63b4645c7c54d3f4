"""What is missing for each level, and the cheapest ways there: exact, and nothing else.

`reach` says how far one indicator can be moved and what that earns, `pairs` finds the cheapest of
two together, `search` the ways to a level, `telling` chooses those that people are told, `terms`
says what they are made of. Points are those of `scoring.points`: what `reach` draws in whole
numbers, a property holds to it.
"""

from scoring.guidance.reach import DECIMALS, on_grid
from scoring.guidance.search import goals, holding
from scoring.guidance.telling import half_up, percent, worth_telling
from scoring.guidance.terms import Goal, Holding, Obstacle, Part, Way

__all__ = [
    "DECIMALS",
    "Goal",
    "Holding",
    "Obstacle",
    "Part",
    "Way",
    "goals",
    "half_up",
    "holding",
    "on_grid",
    "percent",
    "worth_telling",
]

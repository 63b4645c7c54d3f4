"""Fixtures: the smallest valid object of each kind, everything else as keyword arguments."""

from tests.factories.conduct import (
    AgencyFactory,
    BindingFactory,
    CreatorFactory,
    MembershipFactory,
    ViolationFactory,
)
from tests.factories.level import (
    AssessmentFactory,
    BoardFactory,
    EvaluationFactory,
    PlaceFactory,
)
from tests.factories.people import UserFactory

__all__ = [
    "AgencyFactory",
    "AssessmentFactory",
    "BindingFactory",
    "BoardFactory",
    "CreatorFactory",
    "EvaluationFactory",
    "MembershipFactory",
    "PlaceFactory",
    "UserFactory",
    "ViolationFactory",
]

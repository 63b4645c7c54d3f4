"""The platform of the fault tests is the one of the scoring tests."""

from tests.scoring.conftest import platform

__all__ = ["platform"]

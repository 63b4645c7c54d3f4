"""The agencies that a visitor is shown: one for each situation that the portal has to explain."""

from dataclasses import dataclass

NEVER = 1000


@dataclass(frozen=True)
class Deduction:
    """A violation of the script, decided so many days after the last full month began."""

    kind: str
    points: int
    day: int


@dataclass(frozen=True)
class Situation:
    """A scripted agency; months are counted from the last full month, which is 0.

    `strength` holds in the last full month, `before` is added in the months before it, `trend` is
    the change from month to month. Strengths are thousandths of a level's width.
    """

    name: str
    strength: int
    before: int = 0
    trend: int = 0
    novice: bool = False
    creators: bool = True
    poor_service_from: int = NEVER
    poor_service_until: int = NEVER
    leaving: int = 0
    arriving: int = 0
    deductions: tuple[Deduction, ...] = ()


SITUATIONS = (
    Situation("v1", 480, trend=20),
    Situation("v2", 1480, trend=25),
    Situation("v3", 2480, trend=25),
    Situation("v4", 3480, trend=25),
    Situation("v5", 4550, trend=30),
    Situation("falling", 1450, before=1150, trend=-15, leaving=7),
    Situation("rising", 2520, before=-1050, trend=50, arriving=4),
    Situation("moved_creators", 2500, trend=10, leaving=3, arriving=4),
    Situation("novice", 1300, trend=60, novice=True),
    Situation("no_creators", 100, creators=False),
    Situation("observation_service", 1900, poor_service_from=-2),
    Situation("service_recovered", 1700, poor_service_from=-3, poor_service_until=0),
    Situation(
        "observation_credit",
        2300,
        deductions=(Deduction("false_information", 20, -20), Deduction("fake_traffic", 30, 11)),
    ),
    Situation(
        "credit_at_floor",
        1600,
        deductions=(Deduction("breach_of_agreement", 40, 27),),
    ),
    Situation(
        "credit_below_40",
        1300,
        deductions=(
            Deduction("dispute", 30, -9),
            Deduction("fake_traffic", 30, 5),
            Deduction("prohibited_content", 30, 16),
        ),
    ),
    # what happens to these is told by portal.demo.conduct
    Situation("sanctioned", 2450, trend=15),
    Situation("appealing", 1450, trend=20),
    Situation("removed", 1300, trend=10),
    Situation("at_zero", 1200, trend=-10),
)

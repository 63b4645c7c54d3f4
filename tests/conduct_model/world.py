"""The small platform that every history begins with, in the model and in the database alike."""

from __future__ import annotations

from datetime import date, datetime

from agencies.enums import Role, Stage
from agencies.models import Agency, Creator
from portal.models import User
from tests.conduct_model.bindings import Platform
from tests.conduct_model.model import PLATFORM, AgencyFacts, CreatorFacts
from tests.factories import AgencyFactory, CreatorFactory, MembershipFactory, UserFactory

START = datetime(2026, 1, 5, 9, 0, tzinfo=PLATFORM)
MILLIONS = 5_000_000
AGENCIES = {
    "ALFA": AgencyFacts(date(2025, 3, 1), 1, MILLIONS),
    "BRAVO": AgencyFacts(date(2025, 3, 1), 3, MILLIONS),
    "CHARLIE": AgencyFacts(date(2026, 1, 9), 2, MILLIONS),
    "DELTA": AgencyFacts(date(2025, 3, 1), None, None),
}
LINKED = {
    "ALFA": ["BRAVO"],
    "BRAVO": ["ALFA", "CHARLIE"],
    "CHARLIE": ["BRAVO"],
    "DELTA": ["ALFA", "BRAVO"],
}
CREATORS = {
    **{f"C{n:02d}": CreatorFacts(True, 1000 * n, True) for n in range(6)},
    "C06": CreatorFacts(True, None, True),
    "C07": CreatorFacts(True, MILLIONS - 1, True),
    "C08": CreatorFacts(True, MILLIONS, True),
    "C09": CreatorFacts(True, 9 * MILLIONS, True),
    "C10": CreatorFacts(True, 10, False),
    "C11": CreatorFacts(True, MILLIONS, False),
    "C12": CreatorFacts(False, None, True),
}
STRANGER = "C99"
STAFF = ["ada", "bo", "cleo", "dan", "eve"]
CHIEF = "chief"


def platform() -> Platform:
    return Platform(AGENCIES, CREATORS, START)


class World:
    """The same platform as rows; everything is found again by the model's names."""

    def __init__(self) -> None:
        self.staff = {
            name: UserFactory.create(name=name, is_staff=True, is_superuser=True)
            for name in [*STAFF, CHIEF]
        }
        self.agencies = {name: _agency(name, facts) for name, facts in AGENCIES.items()}
        self.creators = {name: _creator(name, facts) for name, facts in CREATORS.items()}
        self.owners: dict[str, User] = {
            name: MembershipFactory.create(agency=agency).user
            for name, agency in self.agencies.items()
        }
        self.viewer: User = MembershipFactory.create(
            agency=self.agencies["BRAVO"], role=Role.VIEWER
        ).user
        MembershipFactory.create(
            agency=self.agencies["CHARLIE"], user=self.viewer, role=Role.VIEWER
        )
        self.names = {agency.pk: name for name, agency in self.agencies.items()}
        self.called = {creator.pk: name for name, creator in self.creators.items()}
        self.people = {user.pk: name for name, user in self.owners.items()}


def _agency(name: str, facts: AgencyFacts) -> Agency:
    return AgencyFactory.create(
        code=name,
        joined_on=facts.joined_on,
        uscc="91330100MA27XXXXXX" if name in ("ALFA", "BRAVO") else "",
        stage=Stage.ASSESSED,
        level="V1" if facts.cap else "V3",
        binding_cap=facts.cap,
        followers_below=facts.followers_below,
    )


def _creator(name: str, facts: CreatorFacts) -> Creator:
    return CreatorFactory.create(
        creator_id=name,
        introduced_on=date(2025, 3, 1) if facts.known else None,
        followers=facts.followers,
        followers_on=None if facts.followers is None else date(2025, 3, 1),
        contact=f"{name.lower()}@example.com" if facts.contact else "",
    )

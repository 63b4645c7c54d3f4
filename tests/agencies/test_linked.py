"""Which agencies and accounts belong together."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import translation

from agencies.models import Agency
from agencies.queries.linked import linked_to
from tests.factories import AgencyFactory, MembershipFactory, UserFactory
from tests.factories.cases import TODAY
from tests.factories.staff import operator

pytestmark = pytest.mark.django_db
USCC = "91330100MA2B1234X5"


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


def found(agency: Agency) -> list[tuple[str, tuple[str, ...]]]:
    return [(each.agency.code, each.because) for each in linked_to(agency).agencies]


@pytest.mark.parametrize(
    ("mine", "theirs", "because"),
    [
        ({"uscc": USCC}, {"uscc": USCC}, "same unified social credit code"),
        (
            {"contact_email": "Ops@Example.com"},
            {"contact_email": "ops@example.COM"},
            "same contact e-mail",
        ),
        ({"contact_phone": "138"}, {"contact_phone": "138"}, "same contact phone"),
    ],
)
def test_the_same_data_link(mine: dict[str, str], theirs: dict[str, str], because: str) -> None:
    agency = AgencyFactory.create(**mine)
    AgencyFactory.create(code="OTHER", **theirs)
    AgencyFactory.create(uscc="9", contact_email="a@example.com", contact_phone="139")
    assert found(agency) == [("OTHER", (because,))]


def test_nothing_links_by_being_empty() -> None:
    agency = AgencyFactory.create()
    AgencyFactory.create()
    assert linked_to(agency).agencies == ()


def test_a_member_in_common_links_agencies_and_account() -> None:
    shared, alone = UserFactory.create(email="b@example.com"), UserFactory.create(email="a@x.org")
    agency, other = AgencyFactory.create(), AgencyFactory.create(code="OTHER")
    for member, place in ((shared, agency), (shared, other), (alone, agency)):
        MembershipFactory.create(user=member, agency=place)
    MembershipFactory.create()
    assert found(agency) == [("OTHER", (f"member in common: {shared}",))]
    assert [(each.user, each.agencies) for each in linked_to(agency).accounts] == [
        (alone, ()),
        (shared, (other,)),
    ]


def test_all_reasons_are_told_and_agencies_come_by_code() -> None:
    data = {"uscc": USCC, "contact_email": "a@example.com", "contact_phone": "138"}
    agency = AgencyFactory.create(**data)
    member = MembershipFactory.create(agency=agency).user
    AgencyFactory.create(code="Z", uscc=USCC)
    AgencyFactory.create(code="B", **data)
    MembershipFactory.create(user=member, agency=Agency.objects.get(code="B"))
    assert found(agency) == [
        (
            "B",
            (
                "same unified social credit code",
                "same contact e-mail",
                "same contact phone",
                f"member in common: {member}",
            ),
        ),
        ("Z", ("same unified social credit code",)),
    ]


def test_removed_ones_are_there_and_marked() -> None:
    agency = AgencyFactory.create(uscc=USCC)
    AgencyFactory.create(code="A", uscc=USCC, removed_on=TODAY)
    AgencyFactory.create(code="B", uscc=USCC)
    marks = [(each.agency.code, each.is_removed) for each in linked_to(agency).agencies]
    assert marks == [("A", True), ("B", False)]


def test_people_of_the_platform_are_no_accounts() -> None:
    agency = AgencyFactory.create()
    MembershipFactory.create(agency=agency, user=operator())
    assert linked_to(agency).accounts == ()


@pytest.mark.parametrize("number", [1, 3])
def test_three_queries_however_many(number: int, django_assert_num_queries: Any) -> None:
    agency = AgencyFactory.create(uscc=USCC)
    AgencyFactory.create_batch(number, uscc=USCC)
    for _ in range(number):
        member = MembershipFactory.create(agency=agency).user
        for _ in range(number):
            MembershipFactory.create(user=member)
    with django_assert_num_queries(3):
        linked = linked_to(agency)
        assert all(str(each.agency) and each.because for each in linked.agencies)
        assert all(str(each.user) and each.agencies for each in linked.accounts)
    assert (len(linked.agencies), len(linked.accounts)) == (number + number**2, number)

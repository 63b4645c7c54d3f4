"""Who of the platform looked at what: for the platform by name, for the agency without."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import translation

from agencies.enums import Role
from agencies.models import Agency
from portal.enums import StaffRole
from portal.models import StaffLook, User
from portal.support.looks import role_of
from portal.templatetags.seeing import page_name
from tests.agencies.desk import file_of, queries, refused_to_outsiders, said
from tests.factories import AgencyFactory, MembershipFactory, UserFactory
from tests.factories.staff import operator, signed_in, superuser, supporter

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def agency() -> Agency:
    return AgencyFactory.create(code="OWN", name="Own Agency")


@pytest.fixture
def member(agency: Agency) -> Client:
    return signed_in(MembershipFactory.create(agency=agency, role=Role.VIEWER).user)


@pytest.fixture
def colleague() -> User:
    return supporter(email="canary@example.com", name="CANARY")


def looked_at(
    agency: Agency | None,
    path: str,
    actor: User,
    *,
    before: timedelta = timedelta(0),
    **fields: Any,
) -> StaffLook:
    given = {"role": StaffRole.SUPPORT, "object_label": "OBJECT", "at": NOW - before}
    return StaffLook.objects.create(agency=agency, path=path, actor=actor, **given | fields)


class TestOwn:
    """/looks/: what an agency reads."""

    PATH = "/looks/"

    def test_day_page_and_role_are_told_and_nobody_is_named(
        self, agency: Agency, member: Client, colleague: User
    ) -> None:
        looked_at(agency, "/score/?month=2026-10", colleague)
        page = said(member.get(self.PATH))
        assert "Score <span" in page
        assert "as you see it" in page
        assert "Nov. 22, 2026, last at noon" in page
        assert "Support" in page
        for hidden in ("CANARY", "canary@example.com", "OBJECT", "month=2026-10"):
            assert hidden not in page

    def test_looks_of_a_day_at_one_page_by_one_role_are_one_line(
        self, agency: Agency, member: Client, colleague: User
    ) -> None:
        looked_at(agency, "/score/?month=2026-10", colleague, before=timedelta(hours=2))
        looked_at(agency, "/score/", supporter(), before=timedelta(hours=1))
        looked_at(agency, "/score/", operator(), role=StaffRole.OPERATIONS)
        looked_at(agency, "/score/", colleague, before=timedelta(days=1))
        page = said(member.get(self.PATH))
        assert page.count("as you see it") == 3
        assert "Nov. 22, 2026, last at 11 a.m." in page
        assert re.findall(r'<td[^>]*"Times"[^>]*> ?(\d+) ?</td>', page) == ["1", "2", "1"]

    def test_work_pages_are_one_and_say_nothing_of_a_case_that_is_drafted(
        self, agency: Agency, member: Client, colleague: User
    ) -> None:
        for path in ("/staff/violations/7/", "/staff/violations/7/issue/", "/admin/agencies/"):
            looked_at(agency, path, colleague)
        page = said(member.get(self.PATH))
        assert page.count("A work page of the platform") == 1
        assert "iolations/" not in page
        main = page.partition("<main")[2]
        assert "Violations" not in main
        assert "Administration" not in main

    def test_pages_about_the_agency_itself_are_named(
        self, agency: Agency, member: Client, colleague: User
    ) -> None:
        looked_at(agency, "/staff/agencies/OWN/", colleague)
        looked_at(agency, "/staff/agencies/OWN/see/", colleague)
        page = said(member.get(self.PATH))
        assert "Agency at a glance" in page
        assert "Began to see the agency's pages" in page
        assert "at the platform's desk" in page

    def test_a_role_that_was_not_kept_is_the_platform(
        self, agency: Agency, member: Client, colleague: User
    ) -> None:
        looked_at(agency, "/score/", colleague, role="")
        assert "The platform</td>" in said(member.get(self.PATH)).replace("> ", ">").replace(
            " <", "<"
        )

    def test_nobody_reads_looks_at_others(self, member: Client, colleague: User) -> None:
        looked_at(AgencyFactory.create(), "/score/", colleague)
        looked_at(None, "/score/", colleague)
        assert "Nobody of the platform has looked yet" in said(member.get(self.PATH))

    def test_it_is_for_members_and_only_read(self, agency: Agency, member: Client) -> None:
        assert member.post(self.PATH).status_code == 405
        assert Client().get(self.PATH).headers["location"] == "/sign-in/?next=/looks/"
        nobody = signed_in(UserFactory.create())
        assert nobody.get(self.PATH).headers["location"] == "/home/"
        assert signed_in(supporter()).get(self.PATH).headers["location"] == "/home/"

    def test_long_lists_are_paged_without_counting(
        self, agency: Agency, member: Client, colleague: User
    ) -> None:
        for days in range(60):
            looked_at(agency, "/score/", colleague, before=timedelta(days=days))
        page = said(member.get(self.PATH))
        assert page.count("as you see it") == 50
        assert 'href="?page=2"' in page
        assert said(member.get(f"{self.PATH}?page=2")).count("as you see it") == 10

    def test_one_line_costs_what_three_cost(
        self,
        agency: Agency,
        member: Client,
        colleague: User,
        django_assert_num_queries: Callable[..., Any],
    ) -> None:
        for days in (0, 1, 1):
            looked_at(agency, "/score/", colleague, before=timedelta(days=days))
            with django_assert_num_queries(4):
                assert member.get(self.PATH).status_code == 200


class TestAll:
    """/staff/looks/: what the platform reads."""

    PATH = "/staff/looks/"

    def test_the_newest_come_first_with_person_agency_page_and_address(
        self, agency: Agency, colleague: User
    ) -> None:
        looked_at(agency, "/score/?month=2026-10", colleague)
        looked_at(None, "/admin/agencies/creator/", superuser(name="Chief"), role="admin")
        page = said(signed_in(operator()).get(self.PATH))
        assert page.index("Administration: creators") < page.index("Score <span")
        assert page.count("OBJECT") == 2
        assert '<a href="/staff/agencies/OWN/">Own Agency</a>' in page
        assert "CANARY <span" in page
        assert "/score/?month=2026-10" in page

    @pytest.mark.parametrize(
        ("narrowed", "found"),
        [
            ("who=canary@example.com", {"/a/", "/c/"}),
            ("who=Canary", {"/a/", "/c/"}),
            ("who=canary@example", set()),
            ("role=operations", {"/b/"}),
            ("agency=OWN", {"/a/"}),
            ("agency=own", set()),
            ("at_from=2026-11-22", {"/a/", "/b/"}),
            ("at_to=2026-11-21", {"/c/"}),
            ("at_from=2026-11-21&at_to=2026-11-21", {"/c/"}),
            ("at_to=9999-12-31&at_from=0001-01-01", {"/a/", "/b/", "/c/"}),
            ("at_from=nonsense", set()),
            ("agency=%00", set()),
        ],
    )
    def test_looks_are_found_by_person_role_agency_and_day(
        self, agency: Agency, colleague: User, narrowed: str, found: set[str]
    ) -> None:
        looked_at(agency, "/a/", colleague)
        looked_at(AgencyFactory.create(), "/b/", operator(), role=StaffRole.OPERATIONS)
        # the last moment of 21 November in the platform's time
        before = timedelta(hours=12, microseconds=1)
        looked_at(AgencyFactory.create(), "/c/", colleague, before=before)
        page = said(signed_in(operator()).get(f"{self.PATH}?{narrowed}"))
        assert {
            each for each in ("/a/", "/b/", "/c/") if f"{each}<" in page.replace(" ", "")
        } == found

    def test_what_another_column_says_is_not_said_again(
        self, agency: Agency, colleague: User
    ) -> None:
        looked_at(agency, "/score/", colleague, object_label=str(agency))
        looked_at(agency, "/conduct/", colleague, object_label="Violations and credit")
        page = said(signed_in(operator()).get(self.PATH))
        assert "Own Agency (OWN)" not in page
        assert page.count("Violations and credit") == 1

    def test_reading_the_list_is_a_look_itself(self, agency: Agency) -> None:
        chief = operator()
        signed_in(chief).get(f"{self.PATH}?agency=OWN")
        look = StaffLook.objects.get()
        assert (look.actor, look.agency, look.path) == (chief, agency, f"{self.PATH}?agency=OWN")
        assert look.role == StaffRole.OPERATIONS

    def test_the_file_is_exact_and_harmless(self, agency: Agency) -> None:
        actor = supporter(email="a@example.com", name="=1+1")
        looked_at(agency, "/score/", actor)
        lines = file_of(signed_in(operator()).get(f"{self.PATH}?agency=OWN&export=csv"))
        assert lines[0] == "at,email,name,role,agency_code,what,address"
        assert lines[2] == "2026-11-22 12:00,a@example.com,'=1+1,support,OWN,OBJECT,/score/"

    def test_it_is_for_those_who_may_read_the_trail(self) -> None:
        refused_to_outsiders(self.PATH)
        assert signed_in(supporter()).get(self.PATH).status_code == 403
        client = signed_in(operator())
        assert client.get(self.PATH).status_code == 200
        assert client.post(self.PATH).status_code == 405

    def test_one_row_costs_what_three_cost(self, agency: Agency, colleague: User) -> None:
        client = signed_in(operator())
        client.get(self.PATH)
        one = queries(client, self.PATH)
        for path in ("/score/", "/home/"):
            looked_at(agency, path, colleague)
        assert queries(client, self.PATH) == one <= 14


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/score/", "Score"),
        ("/score/?month=2026-10", "Score"),
        ("/score/movement/settled_amount/", "Why the score moved"),
        ("/score/recompute.py", "Score"),
        ("/boards/growth/?q=%E6%98%9F", "Boards"),
        ("/creators/of/C-1/", "Creator"),
        ("/creators/7/unbind/", "Creators"),
        ("/conduct/violations/%E6%98%9F/", "Case"),
        ("/staff/credit/award/", "Credit ledger"),
        ("/admin/", "Administration: Overview"),
        ("/admin/agencies/agency/1/change/", "Administration: agencies"),
        ("/admin/agencies/agency/1/history/", "Administration: agencies"),
        ("/nowhere/", "Another page"),
        ("/", "Another page"),
        ("", "Another page"),
        ("//[", "Another page"),
    ],
)
def test_pages_are_called_by_the_name_that_people_know(path: str, name: str) -> None:
    assert page_name(path) == name


def test_names_of_pages_are_in_the_readers_language() -> None:
    with translation.override("zh-hans"):
        assert page_name("/score/") == "等级分"


def test_what_somebody_works_as_follows_from_their_rights() -> None:
    assert [role_of(each()) for each in (supporter, operator, superuser)] == [
        StaffRole.SUPPORT,
        StaffRole.OPERATIONS,
        StaffRole.ADMINISTRATOR,
    ]


def test_the_database_knows_the_roles(agency: Agency, colleague: User) -> None:
    with pytest.raises(IntegrityError, match="staff_look_role_known"), transaction.atomic():
        looked_at(agency, "/score/", colleague, role="boss")

"""Who can sign in to the demo platform: one person per role, and one per situation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.db import transaction

from agencies.enums import Role
from agencies.models import Agency, Membership
from portal.models import User
from portal.roles import OPERATIONS, SUPPORT

PASSWORD = "demo-2026"  # noqa: S105 - of invented people on a demo platform only
_DOMAIN = "demo.example"


@dataclass(frozen=True)
class DemoPerson:
    """A person of the demo; `seats` are (agency code, role in it)."""

    email: str
    name: str
    what: str
    seats: tuple[tuple[str, Role], ...] = ()
    group: str = ""
    superuser: bool = False
    introduced: bool = False


def demo_people(situations: Mapping[str, str]) -> list[DemoPerson]:
    """The people for the agencies in their situations (name to code).

    Those with `introduced` are the ones to show first: one per role.
    """
    best, third, falling = situations["v5"], situations["v3"], situations["falling"]
    people = [
        _person("admin", "平台管理员", "administrator", superuser=True, introduced=True),
        _person("operations", "平台运营", "platform operations", group=OPERATIONS, introduced=True),
        _person("support", "客服小林", "support", group=SUPPORT, introduced=True),
        _person(
            "viewer", "V5机构成员", "viewer, agency v5", ((best, Role.VIEWER),), introduced=True
        ),
        _person(
            "both",
            "两家机构的成员",
            "owner of v3, viewer of falling",
            ((third, Role.OWNER), (falling, Role.VIEWER)),
        ),
    ]
    for name, code in situations.items():
        address = name.replace("_", "-")
        people.append(
            _person(
                address,
                f"{name} 负责人",
                f"owner, agency {name}",
                ((code, Role.OWNER),),
                introduced=name == "v5",
            )
        )
    return people


def _person(
    address: str,
    name: str,
    what: str,
    seats: tuple[tuple[str, Role], ...] = (),
    *,
    group: str = "",
    superuser: bool = False,
    introduced: bool = False,
) -> DemoPerson:
    return DemoPerson(f"{address}@{_DOMAIN}", name, what, seats, group, superuser, introduced)


@transaction.atomic
def create_people(people: Sequence[DemoPerson]) -> None:
    """Create who is missing; whoever exists keeps their password and gets missing seats."""
    password = make_password(PASSWORD)
    codes = {code for person in people for code, _ in person.seats}
    agencies = {agency.code: agency for agency in Agency.objects.filter(code__in=codes)}
    groups = {group.name: group for group in Group.objects.filter(name__in=[SUPPORT, OPERATIONS])}
    for person in people:
        user, _ = User.objects.get_or_create(
            email=person.email,
            defaults={
                "name": person.name,
                "password": password,
                "is_staff": person.superuser or bool(person.group),
                "is_superuser": person.superuser,
            },
        )
        if person.group:
            user.groups.add(groups[person.group])
        for code, role in person.seats:
            Membership.objects.get_or_create(
                agency=agencies[code], user=user, defaults={"role": role}
            )

"""The platform's people: in the group of their work, or superusers."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import Group
from django.test import Client

from portal.models import User
from portal.roles import OPERATIONS, SUPPORT
from tests.factories.people import UserFactory


def superuser(**fields: Any) -> User:
    return UserFactory.create(is_staff=True, is_superuser=True, **fields)


def operator(**fields: Any) -> User:
    return _in_group(OPERATIONS, **fields)


def supporter(**fields: Any) -> User:
    return _in_group(SUPPORT, **fields)


def signed_in(user: User) -> Client:
    """A browser in which the person is signed in, in English."""
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)
    return client


def _in_group(group: str, /, **fields: Any) -> User:
    user = UserFactory.create(is_staff=True, **fields)
    user.groups.add(Group.objects.get(name=group))
    return user

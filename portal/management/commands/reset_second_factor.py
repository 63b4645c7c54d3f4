"""`manage.py reset_second_factor EMAIL`: let somebody in who lost device and recovery codes."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from agencies.refusals import Refused
from portal.models import User
from portal.second_factor import take_away


class Command(BaseCommand):
    help = (
        "Removes a person's second factor and signs them out everywhere; for the last"
        " administrator, whom nobody else can help. Check who is asking first."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email", help="the e-mail address that the person signs in with")

    def handle(self, *args: Any, email: str, **options: Any) -> None:
        user = User.objects.filter(email=email.lower()).first()
        if user is None:
            raise CommandError(f"Nobody signs in with {email}: check the address.")
        try:
            take_away(user=user, at=timezone.now(), by=None)
        except Refused as refused:
            raise CommandError(str(refused)) from refused
        self.stdout.write(
            f"{user.email} has no second factor now and is signed out everywhere. Platform staff"
            " set up a new device at their next sign-in."
        )

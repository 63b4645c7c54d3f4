"""`invite_owner AGENCY EMAIL`: the first member of an agency gets a single-use link."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.urls import reverse
from django.utils import timezone, translation

from agencies.actions.invitations import invite_first_owner, token_of
from agencies.models import Agency
from agencies.refusals import Refused


class Command(BaseCommand):
    help = "Invites the first owner of an agency: prints a single-use link, and has it mailed."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("agency", metavar="AGENCY", help="the agency's code")
        parser.add_argument("email", metavar="EMAIL", help="the address of the person")

    def handle(self, *args: Any, agency: str, email: str, **options: Any) -> None:
        with translation.override("en"):
            self._invite(agency, email)

    def _invite(self, code: str, email: str) -> None:
        agency = Agency.objects.filter(code=code).first()
        if agency is None:
            raise CommandError(
                f"There is no agency with the code {code}; upper and lower case count."
            )
        try:
            invitation = invite_first_owner(agency=agency, email=email, at=timezone.now())
        except Refused as refused:
            raise CommandError(str(refused)) from None
        until = timezone.localtime(invitation.expires_at)
        link = f"{settings.PORTAL_URL}{reverse('join', args=[token_of(invitation)])}"
        self.stdout.write(
            f"Invited {invitation.email} as owner of {agency}. The link works once, until"
            f" {until:%Y-%m-%d %H:%M} ({settings.TIME_ZONE}):"
        )
        self.stdout.write(link)
        self.stdout.write(
            "A worker mails it too. Running the command again makes a new link; this one dies then."
        )

"""`verify_ledger`: is the credit ledger what the application wrote?"""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from agencies.ledger import verify


class Command(BaseCommand):
    help = "Recomputes balances, numbers and seals of every credit ledger; exit 1 on a difference."

    def handle(self, *args: Any, **options: Any) -> None:
        read, findings = verify()
        for finding in findings:
            self.stdout.write(f"{finding.agency_code}: {finding.message}")
        if findings:
            raise CommandError(f"Findings: {len(findings)}, in {read} entries.", returncode=1)
        self.stdout.write(f"{read} entries verified, nothing differs.")

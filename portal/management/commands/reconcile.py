"""`manage.py reconcile`: do what is due, once."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from portal.reconcile import ReconcileError, reconcile


class Command(BaseCommand):
    help = "Does what is due, once; safe to run at any time, any number of times, in parallel."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            sentences = reconcile(now=timezone.now())
        except ReconcileError as failed:
            self._say(failed.sentences)
            raise CommandError(
                "Some of what is due could not be done; the log says where, and the next run "
                f"tries again. {failed}"
            ) from failed
        self._say(sentences or ["nothing was due"])

    def _say(self, sentences: list[str]) -> None:
        for sentence in sentences:
            self.stdout.write(sentence)

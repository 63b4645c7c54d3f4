"""Who acts on the demo platform, and when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils import timezone

from agencies.models import Agency
from portal.models import User
from scoring.months import previous_month, publication_due

DOMAIN = "demo.example"
_FIRST_HOUR = 9


@dataclass(frozen=True)
class Stage:
    """Who acts, and when: `at(n)` is a morning n days ago, within the current month.

    From the day on which last month's result is published, nothing happened before that.
    """

    now: datetime
    agencies: Mapping[str, Agency]
    people: Mapping[str, User]

    @classmethod
    def of(cls, situations: Mapping[str, str], *, now: datetime) -> Stage:
        """The demo's agencies by their situations, their owners likewise, and the staff."""
        found = Agency.objects.in_bulk(situations.values(), field_name="code")
        names = ["admin", "operations", "support", *(name.replace("_", "-") for name in situations)]
        people = User.objects.in_bulk([f"{name}@{DOMAIN}" for name in names], field_name="email")
        return cls(
            now,
            {name: found[code] for name, code in situations.items()},
            {email.partition("@")[0].replace("-", "_"): user for email, user in people.items()},
        )

    def at(self, days_ago: int) -> datetime:
        today = timezone.localdate(self.now)
        first = today.replace(day=1)
        due = publication_due(previous_month(first))
        earliest = timezone.localdate(due) if due <= self.now else first
        day = max(today - timedelta(days=days_ago), earliest)
        morning = datetime(day.year, day.month, day.day, _FIRST_HOUR)
        return min(timezone.make_aware(morning), self.now)

    def day(self, days_ago: int) -> date:
        return timezone.localdate(self.at(days_ago))

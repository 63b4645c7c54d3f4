"""When the demo's files would have come, and what was told long ago.

Each month's facts came on the morning after its last day; news of past months are in nobody's mail.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import DateTimeField, F, Max, Min, QuerySet, Value
from django.utils import timezone

from agencies.enums import FileKind
from agencies.models import ImportedFile
from portal.enums import CarriedState
from portal.models import OutboxEntry
from scoring.models import FactPart, RulebookVersion

_HOUR = timedelta(hours=6)


def date_back(*, now: datetime) -> None:
    """Date the deliveries back, so that nothing of a past month looks as if it came late.

    Facts came at six in the morning after the last day that they tell of; all other files, and the
    rules in force, were there before the first of these days. Done again it changes nothing.
    """
    first = FactPart.objects.aggregate(first=Min("day"))["first"]
    if first is None:
        return
    before_all = timezone.make_aware(datetime.combine(first, datetime.min.time()))
    _move(ImportedFile.objects.exclude(kind=FileKind.FACTS), before_all)
    RulebookVersion.objects.in_force().update(created_at=before_all, activated_at=before_all)
    facts = ImportedFile.objects.filter(kind=FileKind.FACTS).annotate(last=Max("fact_parts__day"))
    for delivered in facts.filter(last__isnull=False).order_by("pk"):
        midnight = datetime.combine(delivered.last + timedelta(days=1), datetime.min.time())
        came = min(timezone.make_aware(midnight) + _HOUR, now)
        _move(ImportedFile.objects.filter(pk=delivered.pk), came)
        FactPart.objects.filter(imported_file=delivered).update(created_at=came)


def _move(files: QuerySet[ImportedFile], came: datetime) -> None:
    """Let files have been imported from that moment on, for as long as it took."""
    took = F("finished_at") - F("started_at")
    files.update(started_at=came, finished_at=Value(came, output_field=DateTimeField()) + took)


def keep_from_mail() -> None:
    """Let the news that the demo's data made stand in the portal alone: they are months old."""
    OutboxEntry.objects.filter(agency__isnull=False, state=CarriedState.WAITING).update(
        state=CarriedState.SENT, sent_at=F("at"), next_attempt_at=None
    )

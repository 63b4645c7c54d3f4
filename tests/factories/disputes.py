"""Disputes, and the draft days in which they are filed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

import factory
from django.utils import timezone

from agencies.enums import FileKind, ImportOutcome
from agencies.models import ImportedFile
from scoring.enums import DisputeKind
from scoring.models import Dispute, FactPart
from tests.factories.conduct import AgencyFactory
from tests.factories.people import UserFactory

MONTH = date(2026, 10, 1)
# 10:00 of the platform on the draft days of October 2026; five minutes before, and after, it is due
FIRST = datetime(2026, 11, 1, 2, 0, tzinfo=UTC)
SECOND = datetime(2026, 11, 2, 2, 0, tzinfo=UTC)
BEFORE_DUE = datetime(2026, 11, 2, 18, 55, tzinfo=UTC)
AFTER_DUE = datetime(2026, 11, 2, 19, 5, tzinfo=UTC)
PDF = b"%PDF-1.7 evidence"


class DisputeFactory(factory.django.DjangoModelFactory[Dispute]):
    """An open dispute of October 2026, filed on its first draft day."""

    class Meta:
        model = Dispute

    agency = factory.SubFactory(AgencyFactory)
    month = MONTH
    kind = DisputeKind.ATTRIBUTION
    creator_code = "C-UNKNOWN"
    first_day = date(2026, 10, 5)
    last_day = date(2026, 10, 7)
    text = "达人当时属于我们"
    filed_by = factory.SubFactory(UserFactory)
    filed_at = FIRST
    request_key = factory.LazyFunction(uuid4)


def delivered(kind: FileKind = FileKind.FACTS, **fields: Any) -> ImportedFile:
    """An applied import that ends now."""
    now = timezone.now()
    ordinary = {
        "kind": kind,
        "name": f"{kind}.csv",
        "sha256": "0" * 64,
        "size": 1,
        "outcome": ImportOutcome.APPLIED,
        "accepted": 1,
        "started_at": now,
        "finished_at": now,
    }
    return ImportedFile.objects.create(**{**ordinary, **fields})


def parts_of(days: Iterable[date], imported: ImportedFile) -> list[FactPart]:
    """Rows of the manifest for those days, in the place of those before; there are no files."""
    days, now = list(days), timezone.now()
    current = FactPart.objects.current().filter(day__in=days)
    before = {part.day: part for part in current}
    current.update(superseded_at=now)
    return FactPart.objects.bulk_create(
        FactPart(
            day=day,
            sha256=f"{imported.pk:064d}",
            rows=1,
            size=1,
            imported_file=imported,
            replaces=before.get(day),
            created_at=now,
        )
        for day in days
    )

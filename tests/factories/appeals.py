"""Cases under appeal with their deductions, and rulebooks that hold a fall."""

from __future__ import annotations

from datetime import date, datetime
from hashlib import sha256
from zoneinfo import ZoneInfo

import pgtrigger
from django.db import transaction
from django.utils import timezone

from agencies.enums import ViolationState
from agencies.ledger import Deduction, deduct
from agencies.models import Agency, Violation
from scoring.models import RulebookVersion
from tests.factories.cases import AppealFactory
from tests.factories.conduct import ViolationFactory

SHANGHAI = ZoneInfo("Asia/Shanghai")


@transaction.atomic
def appealed(
    agency: Agency,
    day: date,
    *,
    points: int,
    undecided: bool = True,
    reference: str = "",
    filed_at: datetime | None = None,
) -> Violation:
    """A case decided on a day, its deduction posted, and appealed unless it is to stand."""
    named = {"reference": reference} if reference else {}
    case = ViolationFactory.create(
        agency=agency, occurred_on=day, decided_on=day, points=points, **named
    )
    at = timezone.now()
    deduct([Deduction(agency.pk, case.pk, points, day, case.reference)], at=at)
    if undecided:
        filed_at = filed_at or datetime(day.year, day.month, day.day, 10, tzinfo=SHANGHAI)
        case.appeal = AppealFactory.create(agency=agency, filed_at=filed_at)
        case.state = ViolationState.APPEALED
        case.save()
    return case


def hold_falls(version: RulebookVersion) -> RulebookVersion:
    """Switch `appeals.hold_fall` on in a version, as if it had always said so."""
    version.text = version.text.replace("hold_fall = false", "hold_fall = true")
    version.sha256 = sha256(version.text.encode()).hexdigest()
    with pgtrigger.ignore("scoring.RulebookVersion:rulebook_text_kept"):
        version.save()
    return version

"""The titles that an agency bears."""

from __future__ import annotations

from datetime import date

from django.db.models import Exists, OuterRef, QuerySet

from agencies.enums import Measure
from agencies.models import Agency, Penalty, Title


def titles_borne(agency: Agency, *, today: date) -> QuerySet[Title]:
    """The titles of an agency that count on a day, the newest first.

    None while its honours are cancelled (S, docs/rules.md §5 and §8).
    """
    cancelling = Penalty.objects.in_effect_on(today).filter(
        kind=Measure.CANCEL_HONOURS, agency=OuterRef("agency")
    )
    return agency.titles.filter(
        ~Exists(cancelling), withdrawn_on=None, granted_on__lte=today
    ).order_by("-granted_on", "name_zh")

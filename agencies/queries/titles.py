"""The titles that an agency bears."""

from __future__ import annotations

from datetime import date

from django.db.models import Exists, OuterRef, QuerySet

from agencies.models import Agency, Penalty, Title


def titles_borne(agency: Agency, *, today: date) -> QuerySet[Title]:
    """The titles of an agency that count on a day, the newest first.

    None while its honours are cancelled (S, docs/rules.md §5 and §8).
    """
    cancelling = Penalty.objects.in_effect_on(today).cancelling_honours()
    return agency.titles.filter(
        ~Exists(cancelling.filter(agency=OuterRef("agency"))),
        withdrawn_on=None,
        granted_on__lte=today,
    ).order_by("-granted_on", "name_zh")

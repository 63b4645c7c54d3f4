"""What the home page shows of an agency, gathered from levels, boards and credit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from agencies.ledger.balance import balances_on
from agencies.models import Agency
from rankings.models import BoardKind, Place
from rankings.queries import places_of_agency
from scoring.models import RulebookVersion
from scoring.queries import (
    NoviceTerm,
    Publication,
    Standing,
    latest_month,
    novice_term,
    publication,
    standing_of,
)


@dataclass(frozen=True)
class HomePage:
    """The home page of an agency.

    `standing` is None until a month was published for it; `novice` says when it is assessed.
    `places` holds both boards, with None where the agency is not on one.
    """

    agency: Agency
    publication: Publication
    standing: Standing | None
    novice: NoviceTerm
    credit: int | None
    removed: bool
    places: list[tuple[BoardKind, Place | None]]

    @property
    def behind(self) -> bool:
        """Whether newer months were published without a result for this agency."""
        latest = self.publication.latest
        return bool(self.standing and latest and self.standing.evaluation.month < latest)

    @property
    def novice_now(self) -> bool:
        """Whether the newest full month is still a novice month."""
        return self.publication.expected <= self.novice.last_month


def home_page(agency: Agency, *, now: datetime) -> HomePage:
    """Everything on an agency's home page as of `now`. At most six queries."""
    today = timezone.localtime(now).date()
    standing = standing_of(agency)
    rulebook = standing.rulebook if standing else None
    if rulebook is None:
        rulebook = RulebookVersion.objects.for_month(today.replace(day=1)).rulebook
    return HomePage(
        agency=agency,
        publication=publication(latest_month(), now),
        standing=standing,
        novice=novice_term(rulebook, agency.joined_on),
        credit=balances_on(today, [agency.pk]).get(agency.pk),
        removed=agency.removed_on is not None and agency.removed_on <= today,
        places=places_of_agency(agency, standing.evaluation.pk) if standing else [],
    )

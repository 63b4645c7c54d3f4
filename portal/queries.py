"""What the home page shows of an agency, gathered from levels, boards and credit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils import timezone

from agencies.actions.honours import titles_of
from agencies.ledger.balance import balances_on
from agencies.models import Agency, Title, Unbinding, Violation
from agencies.queries.own_conduct import appealable, wishes_of_creators
from portal.models import OutboxEntry
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

NEWEST = 5


@dataclass(frozen=True)
class HomePage:
    """The home page of an agency.

    `standing` is None until a month was published for it; `novice` says when it is assessed.
    `places` holds both boards, with None where the agency is not on one. `appealable` are decisions
    that may be appealed today, `wishes` those of creators to part, `news` the newest: five each at
    most.
    """

    agency: Agency
    publication: Publication
    standing: Standing | None
    novice: NoviceTerm
    credit: int | None
    places: list[tuple[BoardKind, Place | None]]
    titles: list[Title]
    appealable: list[Violation]
    wishes: list[Unbinding]
    news: list[OutboxEntry]

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
    """Everything on an agency's home page as of `now`. At most eleven queries."""
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
        places=places_of_agency(agency, standing.evaluation.pk) if standing else [],
        titles=titles_of(agency, today=today),
        appealable=list(appealable(agency, today=today)[:NEWEST]),
        wishes=list(wishes_of_creators(agency)[:NEWEST]),
        news=list(news_of(agency)[:NEWEST]),
    )


def news_of(agency: Agency) -> QuerySet[OutboxEntry]:
    """What the agency was told, the newest first."""
    return OutboxEntry.objects.filter(agency=agency).order_by("-id")

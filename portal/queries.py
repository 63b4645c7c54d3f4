"""What the home page shows of an agency, gathered from levels, boards and credit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any, Final

from django.db.models import (
    DateTimeField,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    TextField,
    Value,
)
from django.db.models.functions import Cast, TruncDate
from django.utils import timezone
from django.utils.translation import get_language

from agencies.credit_rules import Ban, Line, balance_on, bans_on, last_ban, next_restore
from agencies.enums import Measure, PenaltyState
from agencies.ledger.limits import deduction_days
from agencies.ledger.lines import lines_of
from agencies.models import Agency
from agencies.queries.own_conduct import appealable, measures_on, wishes_of_creators
from agencies.queries.titles import titles_borne
from portal.enums import Author, ContactKind, QuestionState
from portal.models import ContactAssignment, OutboxEntry, Question, QuestionMessage
from portal.models.service import Contact
from rankings.models import BoardKind, Place
from rankings.queries import places_of_agency
from scoring.models import RulebookVersion
from scoring.months import last_day, publication_due
from scoring.queries import (
    NoviceTerm,
    Progress,
    Publication,
    Standing,
    latest_month,
    level_move,
    novice_term,
    publication,
    standing_of,
)
from scoring.queries.credit_outlook import credit_outlook
from scoring.queries.observed import Observed, observed
from scoring.queries.pace import Pace, pace_of
from scoring.queries.projection import Projected, projection_of
from scoring.queries.risks import Risk, risks_of
from scoring.queries.room import Room, room_of
from scoring.rulebook import Rulebook

NEWEST: Final = 5
# How long an answer that nobody rated is called to mind.
FRESH_ANSWER: Final = timedelta(days=14)
APPEAL, WISH, TITLE, QUESTION = "appeal", "wish", "title", "question"
MEASURE, REMOVAL = "measure", "removal"


@dataclass(frozen=True)
class Mark:
    """Something with a day: an open appeal, a wish or an answer to read, a title, a measure.

    `name` is the case's number, the creator, the question, or the title or measure in the reader's
    language. `day` is None for a measure without an end, and for a removal that is proposed; of a
    question it is when it was answered, and `key` is its number.
    """

    kind: str
    name: str
    day: date | None
    key: str = ""


@dataclass(frozen=True)
class Outlook:
    """The projection as home shows it.

    `provisional` is that of a month that is over with all its days, `over` one that lacks some.
    `change` is against the total of the newest result; `moved` is how many levels that would be
    (None without two levels). `pace` is where the month is heading.
    """

    projected: Projected
    pace: Pace | None
    change: Decimal | None
    moved: int | None

    @property
    def provisional(self) -> bool:
        """Whether it is what the month's result will be if nothing is corrected until then."""
        return self.projected.over and self.projected.complete

    @property
    def over(self) -> bool:
        """Whether the month is over although days of it are still missing: it would be held."""
        return self.projected.over and not self.projected.complete

    @property
    def due_at(self) -> datetime:
        """When the month's result is published."""
        return publication_due(self.projected.month)


@dataclass(frozen=True)
class HomePage:
    """The home page of an agency.

    `standing` is None until a month was published for it; `novice` says when it is assessed;
    `outlook` is None without a projection that has points. `places` holds both boards, with None
    where the agency is not on one. `due` are decisions that may be appealed today, creators'
    wishes to part and new answers, the first to run out first, `news` the newest: five each at
    most. `measures` are in force today; `removal` is whether that of the agency is proposed. `room`
    is what a level has left where there is no risk. `ban` is the one on new bindings that credit
    keeps up longest today, `restore` when the way back gives credit next, and how many points.
    """

    agency: Agency
    today: date
    publication: Publication
    standing: Standing | None
    outlook: Outlook | None
    risks: tuple[Risk, ...]
    room: Room | None
    novice: NoviceTerm
    rulebook: Rulebook
    credit: int
    ban: Ban | None
    lines: list[Line]
    places: list[tuple[BoardKind, Place | None]]
    titles: list[Mark]
    due: list[Mark]
    measures: list[Mark]
    removal: bool
    contacts: tuple[Contact, ...]
    news: list[OutboxEntry]

    @property
    def behind(self) -> bool:
        """Whether newer months were published without a result for this agency."""
        latest = self.publication.latest
        return bool(self.standing and latest and self.standing.evaluation.month < latest)

    @property
    def novice_now(self) -> bool:
        """Whether the newest full month is still a novice month, or before one."""
        return self.novice.there and self.publication.expected <= self.novice.last_month

    @property
    def to_begin(self) -> bool:
        """Whether the first assessed month is not over yet."""
        return self.publication.expected < self.novice.first_assessed

    @property
    def awaited(self) -> bool:
        """Whether the newest full month can have a result of this agency, which had joined."""
        return self.agency.joined_on <= last_day(self.publication.expected)

    @property
    def published(self) -> bool:
        """Whether the newest full month is published."""
        return self.publication.progress is Progress.PUBLISHED

    @cached_property
    def restore(self) -> tuple[date, int] | None:
        rules = self.rulebook.credit
        return next_restore(
            self.lines, rules.restore_clean_days, rules.restore_points, rules.cap, self.today
        )

    @cached_property
    def observed(self) -> Observed:
        """When a level is possible again, for an agency in observation."""
        return observed(
            self.lines,
            self.rulebook,
            self.publication,
            self.outlook.projected if self.outlook else None,
            today=self.today,
        )


def home_page(agency: Agency, *, now: datetime) -> HomePage:
    """Everything on an agency's home page as of `now`. Seven queries."""
    today = timezone.localtime(now).date()
    standing = standing_of(agency)
    lines = lines_of(agency.pk)
    credit = balance_on(lines, today)
    projected = projection_of(agency, lines=lines, today=today)
    rulebook, ban = _rules_and_ban(lines, today)
    out = publication(standing.latest if standing else latest_month(), now)
    outlook = _outlook(projected, standing, lines, today)
    marks = _marks(agency, now)
    risks, room = _at_stake(
        standing,
        projected,
        outlook.pace if outlook else None,
        lines=lines,
        rulebook=rulebook,
        today=today,
    )
    return HomePage(
        agency=agency,
        today=today,
        publication=out,
        standing=standing,
        outlook=outlook,
        risks=risks,
        room=room,
        novice=novice_term(standing.rulebook if standing else rulebook, agency.joined_on),
        rulebook=rulebook,
        credit=credit,
        ban=ban,
        lines=lines,
        places=places_of_agency(agency, standing.evaluation) if standing else [],
        titles=[each for each in reversed(marks) if each.kind == TITLE],
        due=[each for each in marks if each.kind in {APPEAL, WISH, QUESTION}],
        measures=[each for each in marks if each.kind == MEASURE],
        removal=any(each.kind == REMOVAL for each in marks),
        contacts=_contacts(marks),
        news=list(news_of(agency)[:NEWEST]),
    )


def news_of(agency: Agency) -> QuerySet[OutboxEntry]:
    """What the agency was told, the newest first."""
    return OutboxEntry.objects.filter(agency=agency).order_by("-at", "-id")


def _at_stake(
    standing: Standing | None,
    projected: Projected | None,
    pace: Pace | None,
    *,
    lines: list[Line],
    rulebook: Rulebook,
    today: date,
) -> tuple[tuple[Risk, ...], Room | None]:
    """The marks, or without any the room that is left."""
    floor, end = rulebook.stages.credit_floor, last_day(today)
    credit = credit_outlook(lines, rulebook.credit, floor=floor, today=today, end=end)
    risks = risks_of(
        standing=standing, projected=projected, pace=pace, credit=credit, rulebook=rulebook
    )
    if risks:
        return risks, None
    return (), room_of(
        standing=standing, projected=projected, pace=pace, credit=credit, rulebook=rulebook
    )


def _rules_and_ban(lines: list[Line], today: date) -> tuple[Rulebook, Ban | None]:
    """The rules of today, and of the bans in force the one that ends last. One query.

    A ban is started by the rules of its day (docs/rules.md §7), hence those of all days are read.
    """
    versions = list(
        RulebookVersion.objects.in_force()
        .filter(effective_from__lte=today)
        .order_by("-effective_from")
    )
    if not versions:
        raise RulebookVersion.DoesNotExist(f"No rulebook is in force for {today:%Y-%m}.")
    bands = {
        day: [(each.below, each.days) for each in _in_force(versions, day).rulebook.credit.bans]
        for day in deduction_days(lines)
    }
    ban = last_ban(bans_on(lines, bands, today))
    return versions[0].rulebook, ban


def _in_force(versions: list[RulebookVersion], day: date) -> RulebookVersion:
    """The one that began last by a day, of versions from the newest on; else the first of all."""
    return next((each for each in versions if each.effective_from <= day), versions[-1])


def _outlook(
    projected: Projected | None, standing: Standing | None, lines: list[Line], today: date
) -> Outlook | None:
    if projected is None or projected.total is None:
        return None
    change = moved = None
    if standing is not None and standing.total is not None:
        change = projected.total - standing.total
        moved = level_move(projected.rulebook, projected.level, standing.level)
    credit = credit_outlook(
        lines,
        projected.rulebook.credit,
        floor=projected.rulebook.stages.credit_floor,
        today=today,
        end=last_day(projected.month),
    )
    return Outlook(
        projected=projected,
        pace=pace_of(projected, credit=credit.at_end),
        change=change,
        moved=moved,
    )


def _marks(agency: Agency, now: datetime) -> list[Mark]:
    """What is due, the measures and the titles, by day. One query."""
    today = timezone.localdate(now)
    title = "name_en" if get_language() == "en" else "name_zh"
    measures = measures_on(agency, today=today)
    rows = _mark_rows(appealable(agency, today=today), APPEAL, "reference", "appeal_until").union(
        _mark_rows(
            wishes_of_creators(agency),
            WISH,
            "binding__creator__creator_id",
            "silent_on",
            nickname="binding__creator__nickname",
        ),
        _mark_rows(
            _newly_answered(agency, now=now), QUESTION, "pk", "answered_on", nickname="subject"
        ),
        ContactAssignment.objects.filter(agency=agency).as_rows(),
        _mark_rows(titles_borne(agency, today=today), TITLE, title, "granted_on"),
        _mark_rows(measures.in_effect_on(today), MEASURE, "kind", "until"),
        _mark_rows(measures.filter(state=PenaltyState.PROPOSED), REMOVAL, "kind", "until"),
        all=True,
    )
    marks = [_mark(*row) for row in rows]
    return sorted(marks, key=lambda each: (each.day or date.max, each.name))


def _newly_answered(agency: Agency, *, now: datetime) -> QuerySet[Question]:
    """Those whose newest answer is of the last 14 days and was not rated since, with its day."""
    newest = (
        QuestionMessage.objects.filter(
            question=OuterRef("pk"), side=Author.PLATFORM, is_internal=False
        )
        .order_by("-id")
        .values("at")[:1]
    )
    return (
        Question.objects.filter(agency=agency, state=QuestionState.ANSWERED)
        .annotate(answered_at=Subquery(newest, output_field=DateTimeField()))
        .annotate(answered_on=TruncDate("answered_at"))
        .filter(answered_at__gt=now - FRESH_ANSWER)
        .filter(Q(rated_at=None) | Q(rated_at__lt=F("answered_at")))
        .order_by("-id")
    )


def _contacts(marks: list[Mark]) -> tuple[Contact, ...]:
    """The agency's people among the marks, the operations contact first."""
    found = [
        Contact.of_row(each.kind, each.name) for each in marks if each.kind in ContactKind.values
    ]
    return tuple(sorted(found, key=lambda each: each.kind))


def _mark_rows(
    found: QuerySet[Any], kind: str, name: str, day: str, *, nickname: str | None = None
) -> QuerySet[Any, tuple[str, str, str, date | None]]:
    """The first few of them as rows that a union takes."""
    return found.values_list(
        Value(kind, TextField()),
        Cast(name, TextField()),
        Cast(nickname, TextField()) if nickname else Value("", TextField()),
        F(day),
    )[:NEWEST]


def _mark(kind: str, name: str, nickname: str, day: date | None) -> Mark:
    """Creators by nickname and code, as everywhere; measures in words; the others by their name."""
    if kind == QUESTION:
        return Mark(kind, nickname, day, key=name)
    if kind == MEASURE:
        return Mark(kind, str(Measure(name).label), day)
    return Mark(kind, f"{nickname} ({name})" if nickname else name, day)

"""Consultations on drafts of the rules: where they stand, what they are about, what was said."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum
from typing import TYPE_CHECKING

from django.db.models import Case, Count, F, IntegerField, Q, QuerySet, When
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from agencies.models import Agency
from scoring.enums import RulebookState
from scoring.models import Consultation, ConsultationComment, RulebookVersion
from scoring.models.consultation import SHORTEST
from scoring.models.rulebook_version import COUNTING
from scoring.months import current_month, last_day_before
from scoring.queries.rules import Change, Section, changes, clauses, sections, title_of

if TYPE_CHECKING:
    from portal.models import User


class Phase(Enum):
    """Where a consultation stands; comments are taken while it is OPEN."""

    ANNOUNCED = "announced"
    OPEN = "open"
    ANSWERING = "answering"
    CLOSED = "closed"


class Outcome(Enum):
    """What became of the version that was asked about; MISSED: nothing before its first month."""

    PENDING = "pending"
    MISSED = "missed"
    LATER = "later"
    COUNTING = "counting"
    WITHDRAWN = "withdrawn"
    REPLACED = "replaced"


def phase_of(consultation: Consultation, now: datetime) -> Phase:
    """Where a consultation stands at a moment (docs/rules.md §12)."""
    if consultation.closed_at is not None:
        return Phase.CLOSED
    if now < consultation.opens_at:
        return Phase.ANNOUNCED
    return Phase.OPEN if now < consultation.closes_at else Phase.ANSWERING


@dataclass(frozen=True)
class Told:
    """A consultation as every page tells it; days are inclusive and the platform's."""

    consultation: Consultation
    now: datetime

    @property
    def version(self) -> RulebookVersion:
        return self.consultation.version

    @property
    def title(self) -> str:
        return title_of(self.version)

    @property
    def phase(self) -> Phase:
        return phase_of(self.consultation, self.now)

    @property
    def takes_comments(self) -> bool:
        """Whether agencies may comment: it is open and nobody decided meanwhile."""
        return self.phase is Phase.OPEN and self.version.state == RulebookState.CONSULTATION

    @property
    def opens_on(self) -> date:
        return timezone.localdate(self.consultation.opens_at)

    @property
    def last_day(self) -> date:
        return last_day_before(self.consultation.closes_at)

    @property
    def days_left(self) -> int:
        """Full days after today on which comments are taken; 0 on the last day."""
        return (self.last_day - timezone.localdate(self.now)).days

    @property
    def reasons(self) -> str:
        return _in_language(self.consultation.reasons_zh, self.consultation.reasons_en)

    @property
    def summary(self) -> str:
        return _in_language(self.consultation.summary_zh, self.consultation.summary_en)

    @cached_property
    def withdrawn_because(self) -> str:
        """Why the version was given up, in the reader's language; empty if it was not."""
        return withdrawn_because(self.version)

    @property
    def outcome(self) -> Outcome:
        if self.version.state == RulebookState.RETIRED:
            return Outcome.WITHDRAWN if self.withdrawn_because else Outcome.REPLACED
        begun = self.version.effective_from <= current_month(self.now)
        if self.version.state not in COUNTING:
            return Outcome.MISSED if begun else Outcome.PENDING
        return Outcome.COUNTING if begun else Outcome.LATER

    @cached_property
    def changes(self) -> tuple[Change, ...]:
        """What the draft changes, clause by clause, against the version it is compared with."""
        return changes(self.consultation.compared_with.rulebook, self.version.rulebook)

    @property
    def sections(self) -> tuple[Section, ...]:
        """The whole draft as text."""
        return sections(self.version.rulebook)

    @cached_property
    def clause_titles(self) -> dict[str, str]:
        """What can be commented on: the draft as a whole, then what it changes, then the rest.

        By anchor, in that order; the anchor of the whole is empty.
        """
        all_of_them = [
            *clauses(self.version.rulebook),
            *clauses(self.consultation.compared_with.rulebook),
        ]
        titles = {"": _("The draft as a whole"), **{each.key: each.title for each in self.changes}}
        for clause in all_of_them:
            titles.setdefault(clause.key, clause.title)
        return titles


def withdrawn_because(version: RulebookVersion) -> str:
    """Why a retired version was given up, in the reader's language; empty if it was replaced."""
    given = version.withdrawals.all() if version.retired_at else ()
    found = next((each for each in given if each.at == version.retired_at), None)
    return _in_language(found.reason_zh, found.reason_en) if found else ""


def consultations() -> QuerySet[Consultation]:
    """All consultations with both of their versions, the newest first. Two queries."""
    found = Consultation.objects.select_related("version", "compared_with")
    return found.prefetch_related("version__withdrawals").order_by("-pk")


def public_consultations(now: datetime) -> QuerySet[Consultation]:
    """Those that have opened; they stay public for good (P, docs/rules.md §12)."""
    return consultations().filter(opens_at__lte=now).order_by("-opens_at", "-pk")


def consultations_at_desk() -> QuerySet[Consultation]:
    """All of them, those to be concluded first by their end; annotated: `written`, `unanswered`."""
    waiting = Count("comments", filter=Q(comments__answered_at=None))
    return (
        consultations()
        .annotate(written=Count("comments"), unanswered=waiting)
        .order_by(F("closed_at").desc(nulls_first=True), "closes_at", "-pk")
    )


@dataclass(frozen=True)
class Said:
    """A comment beside the title of its clause; `answer` in the reader's language, or empty."""

    comment: ConsultationComment
    clause_title: str

    @property
    def answer(self) -> str:
        return _in_language(self.comment.answer_zh, self.comment.answer_en)


@dataclass(frozen=True)
class Clauses:
    """How many comments a clause has; `chosen` is whether only they are shown."""

    key: str
    title: str
    count: int
    chosen: bool


def answered_comments(consultation: Consultation, clause: str | None) -> QuerySet:
    """The comments that are public, clause by clause; of one clause where it is given."""
    found = consultation.comments.filter(answered_at__isnull=False)
    if clause is not None:
        found = found.filter(clause=clause)
    return found.order_by("clause", "pk")


def comments_at_desk(consultation: Consultation, clause: str | None) -> QuerySet:
    """All comments for those who answer: the unanswered first, clause by clause; with agencies."""
    found = consultation.comments.select_related("agency", "author", "answered_by")
    if clause is not None:
        found = found.filter(clause=clause)
    answered = Case(When(answered_at=None, then=0), default=1, output_field=IntegerField())
    return found.order_by(answered, "clause", "pk")


def said(comments: Iterable[ConsultationComment], told: Told) -> list[Said]:
    """Comments beside the titles of their clauses, in their order."""
    titles = told.clause_titles
    return [Said(each, titles.get(each.clause, each.clause)) for each in comments]


def own_comments(consultation: Consultation, agency: Agency) -> QuerySet:
    """What an agency said, in the order of writing."""
    return consultation.comments.filter(agency=agency).select_related("author").order_by("pk")


def clauses_with_comments(
    told: Told, comments: QuerySet, chosen: str | None
) -> tuple[Clauses, ...]:
    """The clauses of some comments with how many each has, in the order of the draft. One query."""
    counts = dict(comments.order_by().values_list("clause").annotate(Count("pk")))
    titles = {**told.clause_titles, **{key: key for key in counts if key not in told.clause_titles}}
    return tuple(
        Clauses(key, title, counts[key], key == chosen)
        for key, title in titles.items()
        if key in counts
    )


def _in_language(chinese: str, english: str) -> str:
    return english if get_language() == "en" else chinese


@dataclass(frozen=True)
class Life:
    """Where a version is in its life, and what may be done next by the person who looks.

    `state` is IN_FORCE as soon as it counts, written down or not. `latest_opening` is the last day
    on which a draft's consultation can open for its first month. `replaces` is another version
    that counts from the same month and would be retired, `moved` the version that counts otherwise
    where it is no longer the one agencies were shown; both empty where there is none.
    """

    state: RulebookState
    told: Told | None
    unanswered: int
    may_act: bool
    too_late: bool
    latest_opening: date
    own_proposal: bool
    replaces: str
    moved: str
    withdrawn_because: str

    @property
    def may_open(self) -> bool:
        return self.may_act and self.state == RulebookState.DRAFT and not self.too_late

    @property
    def decidable(self) -> bool:
        """Whether it was asked about, concluded, and its first month has not begun."""
        asked = self.told is not None and self.told.phase is Phase.CLOSED
        return asked and self.state == RulebookState.CONSULTATION and not self.too_late

    @property
    def may_withdraw(self) -> bool:
        """After its consultation, or once it is scheduled and does not count yet."""
        if not self.may_act:
            return False
        if self.state == RulebookState.SCHEDULED:
            return True
        concluded = self.told is not None and self.told.phase is Phase.CLOSED
        return concluded and self.state == RulebookState.CONSULTATION


def life_of(version: RulebookVersion, user: User, now: datetime) -> Life:
    """What was done with a version, and what the person may do next. At most five queries."""
    month = current_month(now)
    consultation = consultations().filter(version=version).first()
    told = Told(consultation, now) if consultation else None
    if consultation is not None:
        consultation.version = version
    undecided = version.state in (RulebookState.DRAFT, RulebookState.CONSULTATION)
    latest_opening = version.effective_from - SHORTEST - timedelta(days=1)
    is_draft = version.state == RulebookState.DRAFT
    otherwise = _counting_otherwise(version) if undecided else None
    shown = consultation.compared_with_id if consultation else None
    return Life(
        state=_state_now(version, month),
        told=told,
        unanswered=_unanswered(consultation),
        may_act=user.has_perm("scoring.manage_rulebook"),
        too_late=timezone.localdate(now) >= latest_opening
        if is_draft
        else version.effective_from <= month,
        latest_opening=latest_opening,
        own_proposal=version.proposed_by_id == user.pk,
        replaces=otherwise.version
        if otherwise and otherwise.effective_from == version.effective_from
        else "",
        moved=otherwise.version if otherwise and shown and otherwise.pk != shown else "",
        withdrawn_because=withdrawn_because(version)
        if version.state == RulebookState.RETIRED
        else "",
    )


def _state_now(version: RulebookVersion, month: date) -> RulebookState:
    """The state that counts: a version in force for a later month is still ahead."""
    if version.state in COUNTING:
        begun = version.effective_from <= month
        return RulebookState.IN_FORCE if begun else RulebookState.SCHEDULED
    return RulebookState(version.state)


def draft_changes(
    version: RulebookVersion,
) -> tuple[RulebookVersion | None, tuple[Change, ...]]:
    """What a draft changes against the version that counts otherwise; None where none does."""
    against = _counting_otherwise(version)
    return against, changes(against.rulebook, version.rulebook) if against else ()


def _counting_otherwise(version: RulebookVersion) -> RulebookVersion | None:
    """The version that counts for the first month of an undecided one."""
    counting = RulebookVersion.objects.in_force().filter(effective_from__lte=version.effective_from)
    return counting.order_by("-effective_from").first()


@dataclass(frozen=True)
class Instead:
    """What a withdrawal leaves: `counts` is the version that counts for the first month then.

    `replaced` are those whose place the version took; they stay retired.
    """

    counts: str
    replaced: tuple[str, ...]


def instead_of(version: RulebookVersion) -> Instead:
    """What would count for a version's first month without it. Two queries."""
    replaced = RulebookVersion.objects.filter(
        effective_from=version.effective_from,
        state=RulebookState.RETIRED,
        retired_at=version.activated_at,
    )
    names = tuple(replaced.order_by("pk").values_list("version", flat=True))
    counting = RulebookVersion.objects.in_force().exclude(pk=version.pk)
    counting = counting.filter(effective_from__lte=version.effective_from)
    counts = counting.order_by("-effective_from").values_list("version", flat=True).first()
    return Instead(counts or "", names if version.state in COUNTING else ())


def _unanswered(consultation: Consultation | None) -> int:
    if consultation is None or consultation.closed_at is not None:
        return 0
    return consultation.comments.filter(answered_at=None).count()

"""One question as the desk reads it: the thread and its steps, the figures, the people."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.db.models import (
    Case,
    Count,
    Exists,
    IntegerField,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
    When,
)
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from agencies.models import Membership
from portal.enums import Author, CallerCheck, Channel, ContactKind, QuestionState, QuestionVerb
from portal.models import (
    ContactAssignment,
    Question,
    QuestionFile,
    QuestionMessage,
    QuestionStep,
    User,
)
from portal.support.answering import ANSWERABLE
from portal.support.clauses import Choices, clause_choices
from portal.support.context import Particular, particulars
from portal.support.inbox import answerers
from scoring.queries import Standing, standing_of

# Of questions that nobody wrote in a language of theirs.
LANGUAGE_CODE: Final = "zh-hans"
# How many questions are offered to merge another one into.
MOST_OTHERS: Final = 50
# Steps that a message in the thread says already.
SAID: Final = (
    *(QuestionVerb.ASKED, QuestionVerb.FOLLOWED_UP),
    *(QuestionVerb.ANSWERED, QuestionVerb.NOTED),
)


@dataclass(frozen=True)
class Entry:
    """A message or a step of the thread, in the order of time.

    `kind` is agency, platform, internal or step; `of` the number of the question that it was
    merged from, None for its own. A step has `text` in words and perhaps a `note`, a message its
    text and files.
    """

    kind: str
    at: datetime
    who: str
    text: str
    note: str
    files: tuple[QuestionFile, ...]
    of: int | None


@dataclass(frozen=True)
class QuestionPage:
    """A question with all that answers it.

    `people` may look after it; `contact` is the agency's own person of customer service, None
    where it has none. `standing` is None until a month was published. `newest` is the newest
    message that both sides read, `merged` how many questions are part of it. `of_reader` says that
    the reader belongs to the agency and may not answer. `others` is how many other questions of
    the agency are open or answered.
    """

    question: Question
    entries: tuple[Entry, ...]
    newest: int
    merged: int
    standing: Standing | None
    people: tuple[User, ...]
    contact: User | None
    choices: Choices
    others: int
    of_reader: bool

    @property
    def clause_title(self) -> str:
        """What the question is about; the anchor itself where the rules in force lack it."""
        return _titles(self.choices).get(self.question.clause, self.question.clause)

    @property
    def language(self) -> str:
        """The language to answer in: that in which whoever asked reads mails; Chinese of calls."""
        question = self.question
        called = question.channel == Channel.PHONE
        return LANGUAGE_CODE if called else question.asked_by.mail_language

    @property
    def about(self) -> list[Particular]:
        """The page that it was asked from."""
        return particulars(self.question.about)

    @property
    def month(self) -> date | None:
        """The month that the figures are of."""
        return self.standing.evaluation.month if self.standing else None

    @property
    def takes_answer(self) -> bool:
        """Whether it can be answered, closed, merged and handed over."""
        return self.question.state in ANSWERABLE and not self.of_reader

    @property
    def caller_check(self) -> str | Promise:
        """How the caller was identified, of a question taken by phone."""
        check = self.question.caller_check
        return CallerCheck(check).label if check else ""


def question_at_desk(question_id: int, reader: User) -> QuerySet[Any]:
    """The question with its people, what the reader is to its agency, and how many others it has.

    Annotated: `of_reader`, `contact_user` (pk or None), `others`.
    """
    people = ("agency", "assignee", "asked_by", "first_answered_by")
    seat = Membership.objects.filter(user=reader, agency=OuterRef("agency"))
    contact = ContactAssignment.objects.filter(
        agency=OuterRef("agency"), kind=ContactKind.SERVICE, until=None
    )
    others = (
        Question.objects.filter(agency=OuterRef("agency"), state__in=ANSWERABLE)
        .exclude(pk=OuterRef("pk"))
        .order_by()
        .values("agency")
        .annotate(count=Count("pk"))
    )
    return (
        Question.objects.filter(pk=question_id)
        .select_related(*people)
        .annotate(
            of_reader=Exists(seat),
            contact_user=Subquery(contact.order_by("pk").values("person__user")[:1]),
            others=Subquery(others.values("count")),
        )
        .order_by("pk")
    )


def question_page(question_id: int, *, reader: User, at: datetime) -> QuestionPage:
    """A question with its thread, figures and people. At most 7 queries.

    Raises Question.DoesNotExist.
    """
    question = question_at_desk(question_id, reader).get()
    messages = list(_messages(question))
    steps = list(_steps(question))
    people = _people(steps, question.contact_user)
    choices = clause_choices(at)
    titles = _titles(choices)
    known = {each.pk: each for each in people}
    names = {pk: str(each) for pk, each in known.items()}
    entries = [
        *(_said(each, question) for each in messages),
        *(_done(each, question, names, titles) for each in steps),
    ]
    return QuestionPage(
        question=question,
        entries=tuple(sorted(entries, key=lambda entry: entry.at)),
        newest=max(
            (m.pk for m in messages if not m.is_internal and m.question_id == question.pk),
            default=0,
        ),
        merged=len({message.question_id for message in messages} - {question.pk}),
        standing=standing_of(question.agency),
        people=tuple(each for each in people if each.may_answer),
        contact=known.get(question.contact_user),
        choices=choices,
        others=question.others or 0,
        of_reader=question.of_reader,
    )


def _titles(choices: Choices) -> dict[str, str]:
    return {key: title for _section, group in choices for key, title in group}


def _messages(question: Question) -> QuerySet[QuestionMessage]:
    files = QuestionFile.objects.defer("content").order_by("pk")
    return (
        QuestionMessage.objects.filter(question__in=_here(question))
        .select_related("author")
        .prefetch_related(Prefetch("files", files))
        .order_by("pk")
    )


def _steps(question: Question) -> QuerySet[QuestionStep]:
    return (
        QuestionStep.objects.filter(question__in=_here(question))
        .exclude(verb__in=SAID)
        .select_related("actor")
        .order_by("pk")
    )


def _here(question: Question) -> QuerySet[Question]:
    """The question and those that were merged into it."""
    return Question.objects.filter(Q(pk=question.pk) | Q(merged_into=question.pk)).order_by()


def _people(steps: Iterable[QuestionStep], contact: int | None) -> list[Any]:
    """Who may answer, and whom a step or a contact names besides; annotated: `may_answer`."""
    named = {step.about.get(key) for step in steps for key in ("to", "was")}
    named = {pk for pk in {*named, contact} if isinstance(pk, int)}
    may = Q(pk__in=answerers().values("pk"))
    found = User.objects.filter(may | Q(pk__in=named))
    return list(
        found.annotate(
            may_answer=Exists(answerers().filter(pk=OuterRef("pk")).order_by())
        ).order_by("name", "email")
    )


def _said(message: QuestionMessage, question: Question) -> Entry:
    kind = "internal" if message.is_internal else str(Author(message.side).value)
    return Entry(
        kind=kind,
        at=message.at,
        who=str(message.author),
        text=message.text,
        note="",
        files=tuple(message.files.all()),
        of=None if message.question_id == question.pk else message.question_id,
    )


def _done(
    step: QuestionStep, question: Question, names: Mapping[int, str], titles: Mapping[str, str]
) -> Entry:
    return Entry(
        kind="step",
        at=step.at,
        who=str(step.actor or _("The portal")),
        text=_in_words(step, names, titles),
        note=step.note,
        files=(),
        of=None if step.question_id == question.pk else step.question_id,
    )


def _in_words(step: QuestionStep, names: Mapping[int, str], titles: Mapping[str, str]) -> str:
    verb, about = QuestionVerb(step.verb), step.about
    if verb == QuestionVerb.ASSIGNED:
        return _("given to %(person)s") % {"person": names.get(about.get("to"), "–")}
    if verb == QuestionVerb.RELEASED:
        return _("put back into the inbox")
    if verb == QuestionVerb.RECLASSED:
        clause = about.get("clause") or ""
        return _("about: %(clause)s") % {"clause": titles.get(clause, clause) or _("no clause")}
    if verb == QuestionVerb.MERGED:
        return _("merged into Q%(number)s") % {"number": about.get("into")}
    if verb == QuestionVerb.REOPENED and about.get("merged"):
        return _("reopened: Q%(number)s, which waits, was merged into it") % {
            "number": about["merged"]
        }
    if verb == QuestionVerb.RATED and _rating(step):
        return _("rated with %(rating)s of 5") % {"rating": _rating(step)}
    return {
        QuestionVerb.CLOSED: _("closed"),
        QuestionVerb.REOPENED: _("reopened"),
    }.get(verb, str(verb.label))


def _rating(step: QuestionStep) -> int | None:
    """How many of 5 a step of rating gave, where it says so."""
    rating = step.about.get("rating")
    return rating if isinstance(rating, int) else None


def other_questions(question: Question) -> QuerySet[Question]:
    """The agency's other open and answered questions: what this one may be merged into.

    Open ones first, then the newest; at most `MOST_OTHERS`, for answered ones stay so for ever.
    """
    found = Question.objects.filter(agency=question.agency_id, state__in=ANSWERABLE)
    waits = Case(When(state=QuestionState.OPEN, then=0), default=1, output_field=IntegerField())
    return found.exclude(pk=question.pk).order_by(waits, "-pk")[:MOST_OTHERS]

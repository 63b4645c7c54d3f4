"""What an agency does with its questions: ask, write again, close, rate (docs/rules.md §5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, NotRequired, TypedDict, Unpack
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from agencies.actions.case_files import NewFile
from agencies.actions.cases import lock_agencies
from agencies.models import Agency, Membership
from agencies.refusals import Refused
from portal.enums import Author, CallerCheck, Channel, QuestionState, QuestionVerb
from portal.models import Question, QuestionMessage
from portal.support.clauses import clause_titles
from portal.support.context import checked_about, clause_of
from portal.support.targets import due_at, stage_for
from portal.support.thread import BY_AGENCY, take_step, write_message

if TYPE_CHECKING:
    from portal.models import User

MOST_OPEN: Final = 20
MOST_IN_A_ROW: Final = 10
LONGEST_SUBJECT: Final = 120
LONGEST_CALLER: Final = 100
LONGEST_RATING: Final = 500
RATINGS: Final = range(1, 6)
OVER: Final = {QuestionState.CLOSED, QuestionState.MERGED}


class Entries(TypedDict):
    """What is asked; of a call also by whom, and how they were identified.

    `clause` is an anchor of the rules pages, `about` the context of the page it was asked from.
    """

    subject: str
    text: str
    clause: NotRequired[str]
    about: NotRequired[Mapping[str, Any]]
    files: NotRequired[Sequence[NewFile]]
    channel: NotRequired[Channel]
    caller: NotRequired[str]
    caller_check: NotRequired[str]


@transaction.atomic
def ask(
    *, agency: Agency, by: User, at: datetime, request_key: UUID, **entries: Unpack[Entries]
) -> Question:
    """Ask the platform; the clock of the agency's level starts (S and D, docs/rules.md §5).

    1. In the portal by any member, of removed agencies too: customer service is for everyone. By
       phone the platform's people enter what a caller asks, with who that was and how they were
       identified; never for an agency in which they have a seat themselves.
    2. An agency has at most 20 unanswered questions (`follow_up` opens no more); a call is
       always entered.
    3. Of `about` and `clause` is kept what the agency has and the rules of the day know.
    4. The same `request_key` again returns the same question and adds nothing to it.

    Raises Refused with the rule "member", "right", "own_agency", "sent", "caller", "many",
    "subject", "text" or one of the files. Locks the agency.
    """
    agency = lock_agencies([agency.pk])[agency.pk]
    channel = entries.get("channel", Channel.PORTAL)
    _refuse_wrong_hands(agency, by, channel)
    earlier = Question.objects.filter(request_key=request_key).first()
    if earlier is not None:
        return _same(earlier, agency)
    if channel == Channel.PORTAL:
        _refuse_many(agency)
    question = _question(agency, entries, at)
    question.channel, question.asked_by, question.request_key = channel, by, request_key
    question.save(force_insert=True)
    files = entries.get("files", ())
    write_message(question, side=Author.AGENCY, text=entries["text"], files=files, at=at, by=by)
    take_step(question, QuestionVerb.ASKED, at=at, by=by)
    question.refresh_from_db()
    return question


def _question(agency: Agency, entries: Entries, at: datetime) -> Question:
    """What was asked, not stored yet. Raises Refused."""
    about = checked_about(agency, entries.get("about") or {}, at=at)
    caller, caller_check = _caller(entries)
    return Question(
        agency=agency,
        subject=_one_line(entries["subject"]),
        clause=_known(entries.get("clause") or clause_of(about), at),
        about=about,
        asked_at=at,
        caller=caller,
        caller_check=caller_check,
        level=agency.level,
        stage=stage_for(agency),
        waiting_since=at,
        due_at=due_at(agency, at),
    )


@transaction.atomic
def follow_up(
    *,
    agency: Agency,
    question_id: int,
    text: str,
    files: Sequence[NewFile] = (),
    request_key: UUID,
    at: datetime,
    by: User,
) -> Question:
    """Write again in an own question; the one that was written to is returned.

    1. An answered or closed one is reopened: the clock starts anew, by the level of now. One that
       was merged leads to the question that it was merged into.
    2. At most 10 messages in a row without a word of the platform, which closing it is too; none
       is reopened beside 20 unanswered ones.
    3. The same `request_key` again adds nothing.

    Raises Question.DoesNotExist for what is not the agency's, Refused with the rule "member",
    "sent", "many", "text" or one of the files. Locks the agency, then the question.
    """
    agency = lock_agencies([agency.pk])[agency.pk]
    _refuse_strangers(agency, by)
    question = _final(agency, question_id)
    sent = QuestionMessage.objects.select_related("question").filter(request_key=request_key)
    if (earlier := sent.first()) is not None:
        _same(earlier.question, agency)
        return question
    _refuse_monologue(question)
    if question.state != QuestionState.OPEN:
        _refuse_many(agency)
    side = Author.AGENCY
    write_message(
        question, side=side, text=text, files=files, at=at, by=by, request_key=request_key
    )
    if question.state == QuestionState.OPEN:
        take_step(question, QuestionVerb.FOLLOWED_UP, at=at, by=by)
    else:
        _reopen(question, agency, at=at, by=by)
    return question


def _reopen(question: Question, agency: Agency, *, at: datetime, by: User) -> None:
    was = question.state
    question.state = QuestionState.OPEN
    question.level, question.stage = agency.level, stage_for(agency)
    question.waiting_since, question.due_at = at, due_at(agency, at)
    question.closed_at, question.close_reason = None, ""
    question.save(
        update_fields=[
            *("state", "level", "stage", "waiting_since", "due_at", "closed_at", "close_reason")
        ]
    )
    take_step(question, QuestionVerb.REOPENED, at=at, by=by, about={"by": BY_AGENCY, "was": was})


@transaction.atomic
def close_own(*, agency: Agency, question_id: int, at: datetime, by: User) -> Question:
    """Close an own question that needs nothing more; writing again reopens it.

    Raises Question.DoesNotExist for what is not the agency's, Refused with the rule "member" or
    "state". Locks the question.
    """
    _refuse_strangers(agency, by)
    question = _own(agency, question_id)
    if question.state in OVER:
        raise Refused(
            _("This question is “%(state)s” already: there is nothing to close.")
            % {"state": question.get_state_display()},
            rule="state",
        )
    question.state = QuestionState.CLOSED
    question.waiting_since = question.due_at = None
    question.closed_at = at
    question.save(update_fields=["state", "waiting_since", "due_at", "closed_at"])
    take_step(question, QuestionVerb.CLOSED, at=at, by=by, about={"by": BY_AGENCY})
    return question


@transaction.atomic
def rate(
    *, agency: Agency, question_id: int, rating: int, text: str = "", at: datetime, by: User
) -> Question:
    """Say from 1 to 5 how well the platform answered; said again, the newer word counts.

    Raises Question.DoesNotExist for what is not the agency's, Refused with the rule "member",
    "unanswered", "rating" or "text". Locks the question.
    """
    _refuse_strangers(agency, by)
    question = _own(agency, question_id)
    if not is_ratable(question):
        raise Refused(
            _("A question is rated once it is answered: this one still waits for that."),
            rule="unanswered",
        )
    if rating not in RATINGS:
        raise Refused(_("Choose one of the five marks."), rule="rating")
    text = text.strip()
    if len(text) > LONGEST_RATING:
        raise Refused(
            _("Say it in at most %(most)s characters.") % {"most": LONGEST_RATING}, rule="text"
        )
    question.rating, question.rating_text, question.rated_at = rating, text, at
    question.save(update_fields=["rating", "rating_text", "rated_at"])
    take_step(question, QuestionVerb.RATED, at=at, by=by, about={"rating": rating})
    return question


def is_ratable(question: Question) -> bool:
    """Whether there is an answer that nobody is waiting beyond."""
    over = question.state in {QuestionState.ANSWERED, QuestionState.CLOSED}
    return over and question.first_answered_at is not None


def _refuse_wrong_hands(agency: Agency, by: User, channel: Channel) -> None:
    if channel == Channel.PORTAL:
        _refuse_strangers(agency, by)
        return
    if not by.has_perm("portal.answer_question"):
        raise Refused(_("Only the platform's support enters a call."), rule="right")
    if Membership.objects.filter(agency=agency, user=by).exists():
        raise Refused(
            _("You are a member of this agency: ask in the portal, as its other members do."),
            rule="own_agency",
        )


def _refuse_strangers(agency: Agency, by: User) -> None:
    if not Membership.objects.filter(agency=agency, user=by).exists():
        raise Refused(_("Only members of the agency may write here."), rule="member")


def _same(earlier: Question, agency: Agency) -> Question:
    if earlier.agency_id != agency.pk:
        raise Refused(
            _("This form was sent elsewhere already: open the page again, then write it."),
            rule="sent",
        )
    return earlier


def _one_line(subject: str) -> str:
    subject = " ".join(subject.split())
    if not 0 < len(subject) <= LONGEST_SUBJECT:
        raise Refused(
            _("Put the question into one line of at most %(most)s characters.")
            % {"most": LONGEST_SUBJECT},
            rule="subject",
        )
    return subject


def _caller(entries: Entries) -> tuple[str, str]:
    """Who called and how they were identified; nothing for what was asked in the portal."""
    if entries.get("channel", Channel.PORTAL) == Channel.PORTAL:
        return "", ""
    caller, check = " ".join(entries.get("caller", "").split()), entries.get("caller_check", "")
    if not 0 < len(caller) <= LONGEST_CALLER or check not in CallerCheck.values:
        raise Refused(
            _("Write down who called, and how you made sure that they speak for the agency."),
            rule="caller",
        )
    return caller, check


def _refuse_many(agency: Agency) -> None:
    """Call it under the agency's lock."""
    if agency.questions.filter(state=QuestionState.OPEN).count() >= MOST_OPEN:
        raise Refused(
            _(
                "%(most)s questions of yours wait for an answer, as many as may: close one that"
                " you need no more, or wait for an answer."
            )
            % {"most": MOST_OPEN},
            rule="many",
        )


def _refuse_monologue(question: Question) -> None:
    said = question.messages.filter(is_internal=False)
    closings = question.steps.filter(verb=QuestionVerb.CLOSED).order_by("-id")
    by_platform = closings.exclude(about__contains={"by": BY_AGENCY})
    word = by_platform.values_list("at", flat=True).first()
    if word is not None:
        said = said.filter(at__gt=word)
    newest = list(said.order_by("-id").values_list("side", flat=True)[:MOST_IN_A_ROW])
    if newest == [Author.AGENCY] * MOST_IN_A_ROW:
        raise Refused(
            _("Your newest %(most)s messages wait for a word of the platform: it reads them all.")
            % {"most": MOST_IN_A_ROW},
            rule="many",
        )


def _known(clause: str, at: datetime) -> str:
    return clause if clause in clause_titles(at) else ""


def _own(agency: Agency, question_id: int) -> Question:
    """A question of the agency under its lock; raises Question.DoesNotExist for any other."""
    own = agency.questions.select_for_update(of=("self",), no_key=True)
    return own.get(pk=question_id)


def _final(agency: Agency, question_id: int) -> Question:
    """The question where a merged one ends, locked.

    Merges only ever lead on from a question that was open, hence this ends. Nothing but the end is
    locked: what was merged stays so, and the desk locks questions in the order of their numbers.
    """
    end = question_id
    while (
        onward := agency.questions.values_list("merged_into", flat=True).get(pk=end)
    ) is not None:
        end = onward
    question = _own(agency, end)
    return question if question.merged_into_id is None else _final(agency, end)

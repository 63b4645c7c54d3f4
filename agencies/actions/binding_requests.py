"""An agency asks for a creator; the creator confirms or declines (docs/rules.md §9)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from agencies.actions.binding_changes import ONE_DAY, begin, named
from agencies.actions.binding_checks import check, check_agency, not_introduced, said
from agencies.actions.links import LINK_DAYS, make_link, spend
from agencies.actions.silence import hold_settled
from agencies.actions.transitions import move, record, tell
from agencies.enums import BindingRequestState, LinkPurpose, News, Subject
from agencies.models import Agency, Binding, BindingRequest, Creator, CreatorLink
from agencies.refusals import Refused

if TYPE_CHECKING:
    from portal.models import User

MOST_OPEN: Final = 50
MOST_A_DAY: Final = 200
LONGEST_MESSAGE: Final = 500
# How long the same creator is left in peace after each end of a request.
PAUSES: Final[dict[str, timedelta]] = {
    BindingRequestState.WITHDRAWN: timedelta(days=1),
    BindingRequestState.EXPIRED: timedelta(days=1),
    BindingRequestState.DECLINED: timedelta(days=7),
}


@transaction.atomic
def ask_binding(
    *, agency: Agency, creator_id: str, message: str, at: datetime, by: User
) -> BindingRequest:
    """Ask a creator, by a link to the creator's own contact, to be bound (D, docs/rules.md §9).

    1. The rules of a binding are checked now, and again when the creator confirms.
    2. One open request per agency and creator, at most 50 open ones per agency and 200 a day; each
       expires after 7 days.
    3. The same creator is asked again a day after the last request was withdrawn or expired, and
       7 days after the creator declined.

    Raises Refused, with the rules of `check` and "already_asked", "too_many", "too_soon",
    "no_contact", "message". Locks the creator, then the agency.
    """
    today = timezone.localdate(at)
    found = _introduced(agency, creator_id.strip(), today)
    creators, agencies = hold_settled([found.pk], [agency.pk], at=at)
    creator, agency = creators[found.pk], agencies[agency.pk]
    check(agency, creator, on=today, today=today)
    _check_open_requests(agency, creator, at)
    _check_pause(agency, creator, at)
    _check_day(agency, at)
    request = BindingRequest.objects.create(
        agency=agency,
        creator=creator,
        message=_message(message),
        asked_by=by,
        asked_at=at,
        expires_at=at + timedelta(days=LINK_DAYS),
    )
    record(
        Subject.BINDING_REQUEST,
        request.pk,
        "ask",
        agency_id=agency.pk,
        creator=creator,
        at=at,
        by=by,
        to_state=BindingRequestState.ASKED,
    )
    make_link(creator=creator, purpose=LinkPurpose.CONFIRM, request=request, at=at)
    return request


def _introduced(agency: Agency, creator_id: str, today: date) -> Creator:
    """The creator of that id; what keeps the agency from binding anybody is told first."""
    found = Creator.objects.filter(creator_id=creator_id, introduced_on__isnull=False).first()
    if found is None:
        check_agency(Agency.objects.get(pk=agency.pk), on=today)
        raise not_introduced(creator_id)
    return found


def _message(message: str) -> str:
    message = message.strip()
    if len(message) > LONGEST_MESSAGE:
        raise Refused(
            _("The message is longer than %(most)s characters.") % {"most": LONGEST_MESSAGE},
            rule="message",
        )
    return message


def _check_open_requests(agency: Agency, creator: Creator, at: datetime) -> None:
    """Room for one more request; one that has run out meanwhile is closed on the way."""
    asked = agency.binding_requests.filter(state=BindingRequestState.ASKED)
    for request in asked.filter(creator=creator):
        if request.expires_at > at:
            raise Refused(
                _(
                    "Creator %(creator)s was asked on %(day)s and has not answered yet. The request"
                    " ends on %(until)s."
                )
                % {
                    "creator": creator,
                    "day": said(timezone.localdate(request.asked_at)),
                    "until": said(timezone.localdate(request.expires_at)),
                },
                rule="already_asked",
                until=timezone.localdate(request.expires_at),
            )
        _expire(request, at)
    if asked.filter(expires_at__gt=at).count() >= MOST_OPEN:
        raise Refused(
            _(
                "%(most)s requests of the agency await an answer, which is the most at a time. Wait"
                " for answers, or withdraw a request."
            )
            % {"most": MOST_OPEN},
            rule="too_many",
        )


def _check_pause(agency: Agency, creator: Creator, at: datetime) -> None:
    """Nobody is asked again and again: not for a while after the last request was closed."""
    last = agency.binding_requests.filter(creator=creator).order_by("-asked_at", "-pk").first()
    if last is None or last.closed_at is None or last.state not in PAUSES:
        return
    # a late reconcile closes later than the request ran out
    until = min(last.closed_at, last.expires_at) + PAUSES[last.state]
    if until <= at:
        return
    raise Refused(
        _(
            "The last request to creator %(creator)s is closed: %(state)s. The agency can ask the"
            " same creator again from %(until)s."
        )
        % {
            "creator": creator,
            "state": last.get_state_display(),
            "until": date_format(timezone.localtime(until), "DATETIME_FORMAT"),
        },
        rule="too_soon",
        until=timezone.localdate(until),
    )


def _check_day(agency: Agency, at: datetime) -> None:
    """A day of requests has an end, however fast they are withdrawn or answered."""
    morning = timezone.localtime(at).replace(hour=0, minute=0, second=0, microsecond=0)
    asked = agency.binding_requests.filter(asked_at__gte=morning, asked_at__lte=at)
    if asked.count() < MOST_A_DAY:
        return
    tomorrow = timezone.localdate(at) + ONE_DAY
    raise Refused(
        _("The agency has asked %(most)s times today, the most a day. Go on on %(day)s.")
        % {"most": MOST_A_DAY, "day": said(tomorrow)},
        rule="too_many",
        until=tomorrow,
    )


@transaction.atomic
def confirm_binding(*, link: CreatorLink, at: datetime) -> Binding:
    """The creator agrees: the binding begins today (D, docs/rules.md §9).

    1. The rules are checked again under the locks of creator, agency and request.
    2. A refusal changes nothing: the request stays open and the link unused.
    3. What other agencies asked stays open; it would be refused as long as this binding holds.

    Raises Refused, with the rules of `check` and of the link, and "closed".
    """
    request, agency, creator = _held(link, at)
    today = timezone.localdate(at)
    check(agency, creator, on=today, today=today)
    binding = begin(agency, creator, on=today, at=at)
    _close(request, "confirm", creator, at=at, binding=binding)
    return binding


@transaction.atomic
def decline_binding(*, link: CreatorLink, at: datetime) -> None:
    """The creator says no; the agency is told. Raises Refused with the rules of the link, "closed".

    Locks creator, agency and request.
    """
    request, agency, creator = _held(link, at)
    _close(request, "decline", creator, at=at)
    tell(agency.pk, News.REQUEST_DECLINED, at=at, **named(creator))


def _held(link: CreatorLink, at: datetime) -> tuple[BindingRequest, Agency, Creator]:
    """The open request of a link, under the locks, with the link used up."""
    if link.purpose != LinkPurpose.CONFIRM or link.request is None:
        raise Refused(_("This link is for another purpose."), rule="bad_link")
    asked = link.request
    creators, agencies = hold_settled([link.creator_id], [asked.agency_id], at=at)
    request = BindingRequest.objects.select_for_update(of=("self",)).get(pk=asked.pk)
    spend(link, at=at)
    check_open(request, at=at)
    return request, agencies[asked.agency_id], creators[link.creator_id]


def check_open(request: BindingRequest, *, at: datetime) -> None:
    """The request must still await its answer; raises Refused(rule="closed")."""
    if request.state == BindingRequestState.WITHDRAWN:
        raise Refused(_("The agency has withdrawn this request."), rule="closed")
    if request.state == BindingRequestState.EXPIRED or request.expires_at <= at:
        raise Refused(
            _("This request has expired. The agency may ask again after a day."),
            rule="closed",
        )
    if request.state != BindingRequestState.ASKED:
        raise Refused(
            _("This request has been answered already: %(state)s.")
            % {"state": request.get_state_display()},
            rule="closed",
        )


@transaction.atomic
def withdraw_request(*, agency: Agency, request_id: int, at: datetime, by: User) -> None:
    """The agency no longer asks. Locks the request.

    Raises BindingRequest.DoesNotExist for what is not the agency's, Refused(rule="closed") for what
    no longer awaits an answer.
    """
    request = (
        BindingRequest.objects.select_for_update(of=("self",))
        .select_related("creator")
        .get(agency=agency, pk=request_id)
    )
    _close(request, "withdraw", request.creator, at=at, by=by)


def expire_due(*, now: datetime) -> int:
    """Close the requests whose time is up, and tell their agencies; how many (D, §9).

    Safe to run at any time and in parallel: each is closed by whoever is first.
    """
    due = BindingRequest.objects.filter(state=BindingRequestState.ASKED, expires_at__lte=now)
    return sum(_expire(request, now) for request in due.select_related("creator").order_by("pk"))


@transaction.atomic
def _expire(request: BindingRequest, at: datetime) -> bool:
    if not move(
        request,
        "expire",
        agency_id=request.agency_id,
        at=at,
        creator=request.creator,
        closed_at=at,
    ):
        return False
    tell(request.agency_id, News.REQUEST_EXPIRED, at=at, **named(request.creator))
    return True


def _close(
    request: BindingRequest,
    transition: str,
    creator: Creator,
    *,
    at: datetime,
    by: User | None = None,
    **changes: Any,
) -> None:
    moved = move(
        request,
        transition,
        agency_id=request.agency_id,
        at=at,
        by=by,
        creator=creator,
        closed_at=at,
        **changes,
    )
    if not moved:
        check_open(request, at=at)

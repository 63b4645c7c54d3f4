"""The pages behind a creator's link; creators have no account (docs/rules.md §9)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any, Final

from axes.helpers import get_client_ip_address
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from agencies.actions import unbinding
from agencies.actions.binding_checks import said
from agencies.actions.binding_requests import check_open, confirm_binding, decline_binding
from agencies.actions.links import ask_leave_link, open_link
from agencies.enums import LinkPurpose, Side
from agencies.forms.creator_links import AnswerForm, AskLinkForm
from agencies.models import CreatorLink, Unbinding
from agencies.models.request import OPEN_UNBINDING
from agencies.policy import conduct_policy
from agencies.queries.creator_pages import leaving_page
from agencies.refusals import Refused
from agencies.views.private import kept_private

ONE_DAY: Final = timedelta(days=1)
# Why a link opens no page; whatever else refuses a step is told on the page itself.
DEAD_LINK: Final = {"bad_link", "used_link", "expired_link"}
# How often one visitor may ask for a link of one creator, within how long.
MOST_ASKED: Final = 5
ASKED_WITHIN: Final = timedelta(minutes=15)


@login_not_required
@kept_private
@require_http_methods(["GET", "HEAD", "POST"])
def creator_link(request: HttpRequest, token: str) -> HttpResponse:
    """What a link is for; only a POST acts, as mail programs open links by themselves."""
    now = timezone.now()
    try:
        link = open_link(token, at=now)
        if request.method == "POST":
            return _answer(request, link, now)
        return _page(request, link, now)
    except Refused as refused:
        status = 404 if refused.rule == "bad_link" else 410
        return render(
            request, "agencies/creator_gone.html", {"reason": str(refused)}, status=status
        )


@login_not_required
@kept_private
@require_http_methods(["GET", "HEAD", "POST"])
def creator_leave(request: HttpRequest) -> HttpResponse:
    """Ask for a link to one's own binding; the answer does not tell whether one was sent.

    It is the same, too, for a visitor who asked too often, for whom nothing is looked up.
    """
    form = AskLinkForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if not _asked_too_often(request, form.cleaned_data["creator_id"]):
            ask_leave_link(**form.cleaned_data, at=timezone.now())
        messages.success(
            request,
            _(
                "If the creator ID and the contact belong together, and there is a binding, a link"
                " is on its way to the contact on file. It can take a few minutes; a second one is"
                " sent after 10 minutes at the earliest."
            ),
        )
        return redirect("creator-leave")
    return render(
        request, "agencies/creator_ask_link.html", {"form": form, "days": _silence_days()}
    )


def _asked_too_often(request: HttpRequest, creator_id: str) -> bool:
    """Count this visitor's questions about a creator; each process counts its own."""
    asked = f"{get_client_ip_address(request)} {creator_id}"
    key = f"ask-link {sha256(asked.encode()).hexdigest()}".replace(" ", "-")
    cache.add(key, 0, ASKED_WITHIN.total_seconds())
    try:
        return cache.incr(key) > MOST_ASKED
    except ValueError:
        return False  # forgotten in between: a new span begins with the next question


def _page(request: HttpRequest, link: CreatorLink, now: datetime, **shown: Any) -> HttpResponse:
    """The page of the link's purpose; raises Refused where there is nothing left to answer."""
    template, context = PAGES[LinkPurpose(link.purpose)](link, now)
    context |= {"text": "", "link": link, "creator": link.creator, "days": _silence_days()}
    return render(request, template, context | shown)


def _confirm_page(link: CreatorLink, now: datetime) -> tuple[str, dict[str, Any]]:
    assert link.request is not None
    check_open(link.request, at=now)
    context = {"agency": link.request.agency, "asked": link.request}
    return "agencies/creator_confirm.html", context


def _answer_page(link: CreatorLink, now: datetime) -> tuple[str, dict[str, Any]]:
    wish = link.unbinding
    assert wish is not None
    if wish.state not in OPEN_UNBINDING:
        raise Refused(
            _("This wish to part is settled: %(state)s.") % {"state": wish.get_state_display()},
            rule="closed",
        )
    unbinding.check_not_over(wish.binding, timezone.localdate(now))
    context = {"agency": wish.binding.agency, "wish": wish, "answer_until": _answer_until(wish)}
    return "agencies/creator_answer.html", context


def _leaving_page(link: CreatorLink, now: datetime) -> tuple[str, dict[str, Any]]:
    page = leaving_page(link.creator, today=timezone.localdate(now))
    context = {
        "page": page,
        "agency": page.binding.agency if page.binding else None,
        "wish": page.wish,
        "answer_until": _answer_until(page.wish) if page.wish else None,
    }
    return "agencies/creator_leaving.html", context


PAGES: Final = {
    LinkPurpose.CONFIRM: _confirm_page,
    LinkPurpose.ANSWER: _answer_page,
    LinkPurpose.LEAVE: _leaving_page,
}


@dataclass(frozen=True)
class Answer:
    """What a creator sends by a link: about which binding or wish, and in which words."""

    link: CreatorLink
    about: int
    text: str
    at: datetime

    def on_wish(self) -> dict[str, Any]:
        """What every step of a wish to part needs."""
        return {
            "unbinding_id": self.about,
            "side": Side.CREATOR,
            "link": self.link,
            "at": self.at,
        }


def _answer(request: HttpRequest, link: CreatorLink, now: datetime) -> HttpResponse:
    """Take the step of the button that was pressed; a refused one shows the page with the reason.

    Raises Refused where the link itself is used up.
    """
    steps = STEPS[LinkPurpose(link.purpose)]
    form = AnswerForm(request.POST, answers=list(steps))
    if not form.is_valid():
        return _page(request, link, now, refused=_("Choose one of the answers on this page."))
    text = form.cleaned_data["text"]
    answer = Answer(link, form.cleaned_data["about"] or 0, text, now)
    try:
        done = steps[form.cleaned_data["answer"]](answer)
    except Refused as refused:
        if refused.rule in DEAD_LINK:
            raise
        return _page(request, link, now, refused=str(refused), text=text)
    except ObjectDoesNotExist as missing:
        raise Http404 from missing
    messages.success(request, done)
    return redirect("creator-leave")


def _confirm(answer: Answer) -> str:
    binding = confirm_binding(link=answer.link, at=answer.at)
    return _(
        "You are bound to the agency %(agency)s from today, %(day)s, on. To leave later, ask for a"
        " link on this page at any time."
    ) % {"agency": binding.agency, "day": said(binding.bound_from)}


def _decline(answer: Answer) -> str:
    decline_binding(link=answer.link, at=answer.at)
    return _("You declined; the agency is told. You are not bound to it.")


def _agree(answer: Answer) -> str:
    wish = unbinding.agree(**answer.on_wish())
    return _("You agreed to part from the agency %(agency)s; the last day is %(day)s.") % {
        "agency": wish.binding.agency,
        "day": said(unbinding.last_day(wish, answer.at)),
    }


def _object(answer: Answer) -> str:
    wish = unbinding.object_to(**answer.on_wish(), objection=answer.text)
    return _(
        "You refused to part; the agency %(agency)s reads your reason and may call the platform"
        " in. For now you stay bound. To see how it goes on, ask for a link on this page."
    ) % {"agency": wish.binding.agency}


def _leave(answer: Answer) -> str:
    wish = unbinding.ask_leaving(
        link=answer.link, binding_id=answer.about, reason=answer.text, at=answer.at
    )
    return _(
        "The agency %(agency)s is told that you want to leave. It may answer until %(day)s; if it"
        " does not, that is your last day with it. If it refuses, you get a new link, with the"
        " reason."
    ) % {"agency": wish.binding.agency, "day": said(_answer_until(wish))}


def _call_in(answer: Answer) -> str:
    unbinding.call_in(**answer.on_wish())
    return _(
        "The platform is called in. It decides whether the binding ends, and sends you a link to"
        " the decision."
    )


def _withdraw(answer: Answer) -> str:
    wish = unbinding.withdraw(**answer.on_wish())
    return _("You stay with the agency %(agency)s; your wish to leave is withdrawn.") % {
        "agency": wish.binding.agency
    }


STEPS: Final[dict[LinkPurpose, dict[str, Callable[[Answer], str]]]] = {
    LinkPurpose.CONFIRM: {"confirm": _confirm, "decline": _decline},
    LinkPurpose.ANSWER: {"agree": _agree, "object": _object},
    LinkPurpose.LEAVE: {
        "leave": _leave,
        "withdraw": _withdraw,
        "call-in": _call_in,
        "agree": _agree,
        "object": _object,
    },
}


def _answer_until(wish: Unbinding) -> date:
    """The last day on which an answer counts."""
    return wish.silent_on - ONE_DAY


def _silence_days() -> int:
    return conduct_policy(timezone.localdate()).silence_days

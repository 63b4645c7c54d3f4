"""Mails that do not get out of the house: looked at, sent again, settled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from agencies.access import StaffRequest, looked, staff_required
from agencies.models import Agency
from agencies.refusals import Refused
from agencies.views.lists import PER_PAGE, CountedPaginator
from portal.account_mail import AccountLane
from portal.enums import CarriedState
from portal.forms.mails import MailsFilter, SettleForm
from portal.models import AccountMail, NewsMail, OutboxEntry
from portal.outbox.carrying import message_name
from portal.outbox.dead_letters import (
    StuckMail,
    mail_of,
    read,
    stuck,
    together,
    undelivered_number,
    undelivered_of,
)
from portal.outbox.delivery import LinkLane
from portal.outbox.news import told
from portal.outbox.news_mails import NewsLane
from portal.outbox.settling import MOST, history_of, send_again, settle

READ, CHANGE = "portal.view_newsmail", "portal.change_newsmail"
MOST_PIECES: Final = 50


@require_safe
@staff_required(READ)
def staff_mails(request: StaffRequest) -> HttpResponse:
    """What is undelivered, on its way or waiting for long, newest first."""
    form, found = _found(request.GET)
    looked(request, None, _("Undelivered mail"))
    where = form.cleaned_data.get("where", "undelivered")
    narrowed = any(form.cleaned_data.get(name) for name in ("kind", "words"))
    all_of_it = where == "undelivered" and not narrowed and form.is_valid()
    pages = CountedPaginator(
        found, PER_PAGE, counted=undelivered_number() if all_of_it else found.count()
    )
    page = pages.get_page(request.GET.get("page"))
    context = {
        "form": form,
        "where": where,
        "narrowed": narrowed or not form.is_valid(),
        "page": page,
        "mails": read(page.object_list),
        "may_act": where == "undelivered" and request.user.has_perm(CHANGE),
    }
    return render(request, "portal/staff_mails.html", context)


@require_safe
@staff_required(READ)
def staff_mail(request: StaffRequest, kind: str, pk: int) -> HttpResponse:
    """One mail: for whom, how often it was tried, what the other side said, who did what."""
    mail = mail_of(kind, pk)
    if mail is None:
        raise Http404
    agency = Agency.objects.filter(code=mail.code).first() if mail.code else None
    looked(request, agency, f"{_('Mail')}: {mail.title}")
    context = {
        "mail": mail,
        "agency": agency if mail.pieces == 1 else None,
        "name": _name(mail),
        "pieces": _pieces(mail),
        "history": history_of(mail.kind, mail.pk),
        "may_act": mail.state == CarriedState.UNDELIVERED and request.user.has_perm(CHANGE),
    }
    return render(request, "portal/staff_mail.html", context)


@require_POST
@staff_required(CHANGE)
def staff_mails_again(request: StaffRequest) -> HttpResponse:
    """Say which mails go again, and which of them may arrive twice; then let them go."""
    chosen = _chosen(request.POST)
    if not chosen.mails or not request.POST.get("confirmed"):
        return _ask(request, chosen, None)
    try:
        number = send_again(keys=chosen.keys, at=timezone.now(), by=request.user)
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect("staff-mails")
    done = ngettext(
        "%(number)d mail goes again from now on.",
        "%(number)d mails go again from now on.",
        number,
    )
    messages.success(request, done % {"number": number})
    return redirect("staff-mails")


@require_POST
@staff_required(CHANGE)
def staff_mails_settle(request: StaffRequest) -> HttpResponse:
    """Ask why mails need not be delivered, then take them for settled."""
    chosen = _chosen(request.POST)
    confirmed = bool(request.POST.get("confirmed"))
    form = SettleForm(request.POST if confirmed else None)
    if not chosen.mails or not confirmed or not form.is_valid():
        return _ask(request, chosen, form)
    try:
        number = settle(
            keys=chosen.keys, reason=form.cleaned_data["reason"], at=timezone.now(), by=request.user
        )
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect("staff-mails")
    done = ngettext("%(number)d mail is settled.", "%(number)d mails are settled.", number)
    messages.success(request, done % {"number": number})
    return redirect("staff-mails")


@dataclass(frozen=True)
class Chosen:
    """The mails that a form means, as they stand now, and how it says so again."""

    mails: list[StuckMail]
    fields: list[tuple[str, str]]

    @property
    def keys(self) -> list[str]:
        return [mail.key for mail in self.mails]


def _found(data: QueryDict) -> tuple[MailsFilter, Any]:
    form = MailsFilter(data)
    if not form.is_valid():
        return form, stuck("undelivered", now=timezone.now()).none()
    return form, stuck(**form.cleaned_data, now=timezone.now())


def _chosen(data: QueryDict) -> Chosen:
    """Everything undelivered that the filter finds, or the undelivered ones with a tick."""
    if data.get("everything"):
        form, found = _found(data)
        fields = [("everything", "1"), *((name, data.get(name, "")) for name in form.fields)]
        undelivered = form.cleaned_data.get("where") == "undelivered"
        return Chosen(read(found[:MOST]) if undelivered else [], fields)
    mails = undelivered_of(data.getlist("chosen")[:MOST])
    return Chosen(mails, [("chosen", mail.key) for mail in mails])


def _ask(request: StaffRequest, chosen: Chosen, form: SettleForm | None) -> HttpResponse:
    """The page that says what is about to be done; back to the list where nothing is."""
    if not chosen.mails:
        messages.error(request, _("None of these mails is undelivered any more; tick some."))
        return redirect("staff-mails")
    context = {
        "number": len(chosen.mails),
        "uncertain": sum(mail.uncertain for mail in chosen.mails),
        "mails": chosen.mails[:10],
        "more": max(0, len(chosen.mails) - 10),
        "fields": chosen.fields,
        "form": form,
    }
    return render(request, "portal/staff_mails_step.html", context)


def _name(mail: StuckMail) -> str:
    """The Message-ID, by which a mail server's log knows it."""
    if mail.kind == "account":
        return message_name(AccountLane().identity([AccountMail.objects.get(pk=mail.pk)]))
    if mail.kind == "news":
        return message_name(NewsLane().identity([NewsMail.objects.get(pk=mail.pk)]))
    return message_name(LinkLane().identity([OutboxEntry.objects.get(pk=mail.pk)]))


def _pieces(mail: StuckMail) -> list[Any]:
    """The news in a mail of news; empty for others, whose words may hold a key."""
    if mail.kind != "news":
        return []
    row = NewsMail.objects.get(pk=mail.pk)
    rows = NewsMail.objects.filter(together(row)).select_related("entry__agency").order_by("pk")
    entries = [each.entry for each in rows[:MOST_PIECES]]
    return list(zip(entries, told(entries), strict=True))

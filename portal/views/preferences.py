"""What comes by mail: chosen on a page of one's account, stopped by a link in a mail."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from agencies.views.private import kept_private
from portal.forms.preferences import MailForm
from portal.outbox.stopping import stop_of
from portal.preferences import choose_mail, modes_of, stop_mail
from portal.views.account.pages import PersonRequest


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def mail_preferences(request: PersonRequest) -> HttpResponse:
    """Choose for each topic whether its news come by mail, and the language of mails."""
    form = MailForm(
        request.POST if request.method == "POST" else None,
        modes=modes_of(request.user),
        language=request.user.mail_language,
    )
    if request.method == "POST" and form.is_valid():
        choose_mail(modes=form.modes, language=form.cleaned_data["language"], by=request.user)
        messages.success(request, _("Your choice is saved. It holds for what is said from now on."))
        return redirect("mail-preferences")
    return render(request, "portal/mail_preferences.html", {"form": form})


@csrf_exempt
@login_not_required
@kept_private
@require_http_methods(["GET", "HEAD", "POST"])
def mail_stop(request: HttpRequest, token: str) -> HttpResponse:
    """Stop mails by the link in one of them; only a POST does, as mail programs open links.

    A mail program posts without a person, a cookie or a form of ours (RFC 8058): the signed token
    is the right, and all it can do is this.
    """
    stop = stop_of(token)
    if stop is None:
        return render(request, "portal/mail_stop_unknown.html", status=404)
    stopped = request.method == "POST"
    if stopped and not stop_mail(stop):
        return render(request, "portal/mail_stop_unknown.html", status=404)
    labels = [topic.label for topic in stop.topics]
    return render(request, "portal/mail_stop.html", {"labels": labels, "stopped": stopped})

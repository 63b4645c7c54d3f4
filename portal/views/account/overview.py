"""A person's account at a glance; name, password, and where one is signed in."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal import account as accounts
from portal.forms.account import ChangePasswordForm, NameForm
from portal.second_factor import factor_of, is_obliged
from portal.views.account.pages import FormPage, PersonRequest, form_page, stay_signed_in


@never_cache
@require_safe
def account(request: PersonRequest) -> HttpResponse:
    """Name, language, password, second factor, and where one is signed in."""
    return _overview(request, NameForm(initial={"name": request.user.name}))


@never_cache
@require_POST
def change_name(request: PersonRequest) -> HttpResponse:
    """Give oneself another name."""
    form = NameForm(request.POST)
    if not form.is_valid():
        return _overview(request, form)
    accounts.rename(name=form.cleaned_data["name"], by=request.user)
    messages.success(request, _("Your name is changed."))
    return redirect("account")


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def change_password(request: PersonRequest) -> HttpResponse:
    """Give oneself another password; all other browsers are signed out."""
    page = FormPage(
        title=_("Change the password"),
        lead=_("All your other browsers are signed out then."),
        button=_("Change the password"),
        back=reverse("account"),
        back_label=_("Back to the account"),
    )
    form = ChangePasswordForm(request.POST or None, request=request, person=request.user)
    if not (request.method == "POST" and form.is_valid()):
        return form_page(request, page, form)
    accounts.change_password(
        password=form.new_password,
        keep=request.session.session_key,
        at=timezone.now(),
        by=request.user,
    )
    stay_signed_in(request, request.user)
    messages.success(request, _("The password is changed, and your other browsers are signed out."))
    return redirect("account")


@require_POST
def end_session(request: PersonRequest, handle: str) -> HttpResponse:
    """Sign one of one's other browsers out; what is nobody's or another's is not found."""
    if not accounts.end_session(handle=handle, keep=request.session.session_key, by=request.user):
        raise Http404
    messages.success(request, _("That browser is signed out."))
    return redirect("account")


@require_POST
def end_other_sessions(request: PersonRequest) -> HttpResponse:
    """Sign all of one's other browsers out."""
    ended = accounts.end_sessions(request.user, keep=request.session.session_key)
    messages.success(
        request,
        ngettext(
            "%(number)d other browser is signed out.",
            "%(number)d other browsers are signed out.",
            ended,
        )
        % {"number": ended},
    )
    return redirect("account")


def _overview(request: PersonRequest, form: NameForm) -> HttpResponse:
    sessions = accounts.own_sessions(
        request.user, current=request.session.session_key, now=timezone.now()
    )
    return render(
        request,
        "portal/account.html",
        {
            "form": form,
            "factor": factor_of(request.user),
            "obliged": is_obliged(request.user),
            "sessions": sessions,
        },
    )

"""The second factor: the door at sign-in, and changes of it."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from agencies.refusals import Refused
from portal import second_factor as factors
from portal.forms.account import OwnPasswordForm, RemoveFactorForm, SetUpForm, SignInCodeForm
from portal.models import User
from portal.views.account.pages import FormPage, PersonRequest, form_page, stay_signed_in

# Where a refusal is shown; the others stand above the form.
FIELD_OF = {"new_code": "code", "code": "current_code", "pause": "current_code"}
form_methods = require_http_methods(["GET", "HEAD", "POST"])


@login_not_required
@sensitive_post_parameters()
@never_cache
@form_methods
def sign_in_code(request: HttpRequest) -> HttpResponse:
    """Ask whoever gave the right password for a code; nobody else is asked anything."""
    person: User | None = getattr(request, "half_signed_in", None)
    if person is None:
        return redirect("sign-in")
    if factors.is_obliged(person) and not factors.has_device(person):
        return redirect(_with_next("set-up-second-factor", request))
    form = SignInCodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            factors.check_code(code=form.cleaned_data["code"], at=timezone.now(), by=person)
        except Refused as refused:
            form.add_error("code", str(refused))
        else:
            factors.let_in(request.session)
            return redirect(_wanted(request))
    return render(request, "portal/sign_in_code.html", {"form": form, "next": _wanted(request)})


@login_not_required
@sensitive_post_parameters()
@never_cache
@form_methods
def sign_in_set_up(request: HttpRequest) -> HttpResponse:
    """Let the platform's people set up their first device before they get in."""
    person: User | None = getattr(request, "half_signed_in", None)
    if person is None:
        return redirect("sign-in")
    if factors.has_device(person):
        return redirect(_with_next("sign-in-second-factor", request))
    return _set_up(request, person, onward=_wanted(request))


@sensitive_post_parameters()
@never_cache
@form_methods
def second_factor(request: PersonRequest) -> HttpResponse:
    """Set up one's device, or another in its place."""
    return _set_up(request, request.user, onward=reverse("account"))


@sensitive_post_parameters()
@never_cache
@form_methods
def remove_second_factor(request: PersonRequest) -> HttpResponse:
    """Do without a second factor from now on; all other browsers are signed out."""
    page = FormPage(
        title=_("Remove the second factor"),
        lead=_("From then on the password alone is enough. Your other browsers are signed out."),
        button=_("Remove the second factor"),
        back=reverse("account"),
        back_label=_("Back to the account"),
    )
    form = RemoveFactorForm(request.POST or None, request=request, person=request.user)
    if not (request.method == "POST" and form.is_valid()):
        return form_page(request, page, form)
    try:
        factors.remove(
            code=form.cleaned_data["code"],
            keep=request.session.session_key,
            at=timezone.now(),
            by=request.user,
        )
    except Refused as refused:
        form.add_error("code" if refused.rule in {"code", "pause"} else None, str(refused))
        return form_page(request, page, form)
    request.session.pop(factors.FACTOR_STATE, None)
    stay_signed_in(request, request.user)
    messages.success(request, _("The second factor is removed."))
    return redirect("account")


@sensitive_post_parameters()
@never_cache
@form_methods
def recovery_codes(request: PersonRequest) -> HttpResponse:
    """Make new recovery codes and show them, once."""
    page = FormPage(
        title=_("New recovery codes"),
        lead=_("You get ten new codes. The old ones stop working at once."),
        button=_("Make new codes"),
        back=reverse("account"),
        back_label=_("Back to the account"),
    )
    form = OwnPasswordForm(request.POST or None, request=request, person=request.user)
    if not (request.method == "POST" and form.is_valid()):
        return form_page(request, page, form)
    try:
        codes = factors.renew_codes(by=request.user)
    except Refused as refused:
        form.add_error(None, str(refused))
        return form_page(request, page, form)
    stay_signed_in(request, request.user)
    return _codes_page(request, codes, onward=reverse("account"))


def _set_up(request: HttpRequest, person: User, *, onward: str) -> HttpResponse:
    """The page with the key, or, after its form was accepted, the recovery codes."""
    replaces = factors.has_device(person)
    form = SetUpForm(request.POST or None, request=request, person=person, replaces=replaces)
    if request.method == "POST" and form.is_valid():
        try:
            codes = factors.set_up(
                key=form.secret,
                code=form.cleaned_data["code"],
                current_code=form.present_code,
                keep=request.session.session_key,
                at=timezone.now(),
                by=person,
            )
        except Refused as refused:
            form.add_error(FIELD_OF.get(refused.rule), str(refused))
        else:
            stay_signed_in(request, person)
            factors.let_in(request.session)
            return _codes_page(request, codes, onward=onward)
    context = {
        "form": form,
        "key": form.secret,
        "address": factors.address_of(form.secret, user=person),
        "replaces": replaces,
        "obliged": factors.is_obliged(person),
        "onward": onward,
    }
    return render(request, "portal/second_factor.html", context)


def _codes_page(request: HttpRequest, codes: list[str], *, onward: str) -> HttpResponse:
    """The codes, in the answer to the form: nothing keeps them to be read a second time."""
    return render(request, "portal/recovery_codes.html", {"codes": codes, "onward": onward})


def _wanted(request: HttpRequest) -> str:
    """Where the person was going, if that is one of our own addresses."""
    target = request.POST.get(REDIRECT_FIELD_NAME) or request.GET.get(REDIRECT_FIELD_NAME, "")
    ours = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return target if ours else resolve_url(settings.LOGIN_REDIRECT_URL)


def _with_next(name: str, request: HttpRequest) -> str:
    query = request.GET.urlencode()
    return f"{reverse(name)}?{query}" if query else reverse(name)

"""A forgotten password: ask for a link, set a new password behind it."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import logout
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import SetPasswordForm
from django.contrib.auth.views import INTERNAL_RESET_SESSION_TOKEN, PasswordResetConfirmView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from agencies.refusals import Refused
from portal.account import reset_password
from portal.account_mail import ask_reset
from portal.client_ip import client_ip
from portal.forms.account import ForgottenForm, NewPasswordForm
from portal.sessions import plain_address
from portal.views.account.pages import FormPage, ToldPage, form_page, told_page


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def forgotten(request: HttpRequest) -> HttpResponse:
    """Take the wish for a link; the answer is the same whether anybody has the address or not."""
    form = ForgottenForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        ask_reset(
            email=form.cleaned_data["email"],
            address=plain_address(client_ip(request)),
            at=timezone.now(),
        )
        return redirect("password-reset-sent")
    page = FormPage(
        title=_("Forgotten password"),
        lead=_("We send a link to the e-mail address of your account; with it you set a new one."),
        button=_("Send the link"),
        back=reverse("sign-in"),
        back_label=_("Back to sign-in"),
    )
    return form_page(request, page, form)


@login_not_required
@require_safe
def sent(request: HttpRequest) -> HttpResponse:
    """Tell what happens next, without telling whether the address has an account."""
    page = ToldPage(
        icon="envelope",
        title=_("Look into your mailbox"),
        text=_(
            "If this address has an account, a mail with a link is on its way. The link works once,"
            " within an hour. If nothing arrives within some minutes, look among the unwanted"
            " mails, check the address and ask again; at most three mails an hour are sent."
        ),
        url=reverse("sign-in"),
        label=_("Back to sign-in"),
    )
    return told_page(request, page)


@login_not_required
@require_safe
def complete(request: HttpRequest) -> HttpResponse:
    """Tell that the new password holds."""
    page = ToldPage(
        icon="check-circle",
        title=_("Your new password is set"),
        text=_("All your browsers are signed out. Sign in with the new password."),
        url=reverse("sign-in"),
        label=_("Go to sign-in"),
    )
    return told_page(request, page)


class SetNewPasswordView(PasswordResetConfirmView):
    """The page behind a mailed link; the link works once."""

    form_class = NewPasswordForm
    http_method_names = ["get", "head", "post", "options"]

    def form_valid(self, form: SetPasswordForm[Any]) -> HttpResponse:
        """Set the password and sign this browser out too, whoever was signed in."""
        token = self.request.session.get(INTERNAL_RESET_SESSION_TOKEN, "")
        try:
            reset_password(
                user_id=form.user.pk,
                token=token,
                password=form.cleaned_data["new_password1"],
                at=timezone.now(),
            )
        except Refused as refused:
            return _link_is_over(self.request, str(refused))
        logout(self.request)
        return redirect("password-reset-complete")

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        """The form, or, behind a link that does not work, where to get another."""
        if not self.validlink:
            return _link_is_over(
                self.request, _("This link was used already, or it is older than an hour.")
            )
        page = FormPage(
            title=_("Set a new password"),
            lead=_("All your browsers are signed out then."),
            button=_("Set the password"),
            back=reverse("sign-in"),
            back_label=_("Back to sign-in"),
        )
        return form_page(self.request, page, context["form"])


def _link_is_over(request: HttpRequest, why: str) -> HttpResponse:
    page = ToldPage(
        icon="link-45deg",
        title=_("This link does not work any more"),
        text=why + " " + _("Ask for another one; the old password still works."),
        url=reverse("password-reset"),
        label=_("Ask for another link"),
    )
    return told_page(request, page)

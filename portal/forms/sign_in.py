"""What people fill in to sign in."""

from __future__ import annotations

from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.utils.translation import gettext_lazy as _

from agencies.actions.plain_text import LONGEST_EMAIL, NOT_AN_ADDRESS


class SignInForm(AuthenticationForm):
    """E-mail address and password; one sentence for every way to be wrong.

    Whether an address has an account, or one that is switched off, is not told.
    """

    username = forms.EmailField(
        label=_("E-mail address"),
        max_length=LONGEST_EMAIL,
        widget=forms.EmailInput(
            attrs={"class": "form-control", "autofocus": True, "autocomplete": "username"}
        ),
        error_messages={"invalid": NOT_AN_ADDRESS},
    )
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        widget=forms.PasswordInput(
            attrs={"class": "form-control", "autocomplete": "current-password"}
        ),
    )
    error_messages = {
        "invalid_login": _(
            "E-mail address and password do not match. Check both; upper and lower case of the"
            " password count."
        ),
        "inactive": _(
            "E-mail address and password do not match. Check both; upper and lower case of the"
            " password count."
        ),
    }

    def clean_username(self) -> str:
        """One spelling per address, so that the throttle counts one person once."""
        username = str(self.cleaned_data["username"]).lower()
        if len(username) > LONGEST_EMAIL:
            raise forms.ValidationError(NOT_AN_ADDRESS, code="invalid")
        return username

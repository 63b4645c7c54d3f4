"""What people fill in about their own account."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth import authenticate
from django.contrib.auth.forms import SetPasswordForm
from django.core import signing
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from agencies.actions.plain_text import LONGEST_EMAIL, NOT_AN_ADDRESS, check_one_line, plain_email
from portal.models import User
from portal.second_factor import new_key

KEY_SALT = "portal.second_factor.key"
# How long a page with a new device's key may lie open.
KEY_SECONDS = 3600


class ForgottenForm(forms.Form):
    """The address to which the link for a new password goes, if it has an account."""

    email = forms.EmailField(
        label=_("E-mail address"),
        max_length=LONGEST_EMAIL,
        widget=forms.EmailInput(
            attrs={"class": "form-control", "autofocus": True, "autocomplete": "username"}
        ),
        error_messages={"invalid": NOT_AN_ADDRESS},
    )

    def clean_email(self) -> str:
        return plain_email(self.cleaned_data["email"])


class NewPasswordForm(SetPasswordForm):
    """A new password, twice."""

    new_password1 = forms.CharField(
        label=_("New password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"class": "form-control", "autocomplete": "new-password"}),
        help_text=_(
            "At least 8 characters, not only digits, not a common password and not like your name"
            " or e-mail address."
        ),
    )
    new_password2 = forms.CharField(
        label=_("New password once more"),
        strip=False,
        widget=forms.PasswordInput(attrs={"class": "form-control", "autocomplete": "new-password"}),
    )

    @property
    def new_password(self) -> str:
        """The password that was given and validated."""
        return str(self.cleaned_data["new_password1"])


class OwnPasswordForm(forms.Form):
    """Asks for the person's own password before something of the account changes.

    It is tried as at sign-in, so that the same throttle counts every wrong one.
    """

    password = forms.CharField(
        label=_("Your password"),
        strip=False,
        max_length=4096,
        widget=forms.PasswordInput(
            attrs={"class": "form-control", "autocomplete": "current-password"}
        ),
    )

    def __init__(self, *args: Any, request: HttpRequest, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request = request
        self.person = person

    def clean_password(self) -> str:
        password = str(self.cleaned_data["password"])
        found = authenticate(self.request, username=self.person.email, password=password)
        if found is None or found.pk != self.person.pk:
            raise forms.ValidationError(
                _("This is not your password. Upper and lower case count."), code="password"
            )
        # trying it may have stored it anew, with a stronger hash: the session's mark follows it
        self.person.password = found.password
        return password


class ChangePasswordForm(OwnPasswordForm, NewPasswordForm):
    """The present password and the one that takes its place."""

    field_order = ["password", "new_password1", "new_password2"]

    def __init__(self, data: Any = None, *, request: HttpRequest, person: User) -> None:
        super().__init__(data=data, request=request, person=person, user=person)


class NameForm(forms.Form):
    """The name under which others see a person."""

    name = forms.CharField(
        label=_("Name"),
        required=False,
        max_length=100,
        validators=[check_one_line],
        help_text=_("Members of your agencies and the platform's people see it."),
        widget=forms.TextInput(attrs={"class": "form-control", "autocomplete": "name"}),
    )


class CodeField(forms.CharField):
    """A code of the device or, where they count too, a recovery code."""

    def __init__(self, *, recovery: bool = True, **options: Any) -> None:
        attributes = {"class": "form-control code-input", "autocomplete": "one-time-code"}
        if not recovery:
            attributes["inputmode"] = "numeric"
        super().__init__(max_length=32, widget=forms.TextInput(attrs=attributes), **options)


class SignInCodeForm(forms.Form):
    """The second factor at sign-in."""

    code = CodeField(
        label=_("Code"),
        help_text=_("The six digits that your authenticator app shows now, or a recovery code"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].widget.attrs["autofocus"] = True


class RemoveFactorForm(OwnPasswordForm):
    """Password and code: both are needed to do without a second factor."""

    code = CodeField(
        label=_("Code"),
        help_text=_("The six digits that your authenticator app shows now, or a recovery code"),
    )


class SetUpForm(OwnPasswordForm):
    """A new device: its key, a code that shows it works, and the password.

    The key travels with the form, signed for this person, so that reading the page stores nothing.
    Where a device is there already, a code of it is asked for too.
    """

    key = forms.CharField(max_length=400, widget=forms.HiddenInput)
    code = CodeField(
        label=_("Code of the new device"),
        help_text=_("The six digits that the app shows after scanning"),
        recovery=False,
    )
    current_code = CodeField(
        label=_("Code of the present device"),
        help_text=_("Or a recovery code, if the device is lost"),
    )
    field_order = ["key", "code", "current_code", "password"]

    def __init__(self, *args: Any, replaces: bool, person: User, **kwargs: Any) -> None:
        super().__init__(*args, person=person, **kwargs)
        if not replaces:
            del self.fields["current_code"]
        sent = self._sent_key()
        self.secret = sent or new_key()
        self.is_late = self.is_bound and sent is None
        sealed = signing.dumps([person.pk, self.secret], salt=KEY_SALT)
        self.initial["key"] = sealed
        if self.is_late:
            self.data = {**{name: self.data[name] for name in self.data}, "key": sealed}

    def clean(self) -> dict[str, Any] | None:
        if self.is_late:
            raise forms.ValidationError(
                _("This page was open for more than an hour: scan the new QR code below."),
                code="key",
            )
        return super().clean()

    @property
    def present_code(self) -> str:
        """The code of the present device; empty where there is none."""
        return str(self.cleaned_data.get("current_code", ""))

    def _sent_key(self) -> str | None:
        """The key that came back with the form; None for another person's, or an old one."""
        sent = self.data.get("key", "") if self.is_bound else ""
        try:
            person, key = signing.loads(sent, salt=KEY_SALT, max_age=KEY_SECONDS)
        except (signing.BadSignature, ValueError):
            return None
        return str(key) if person == self.person.pk else None

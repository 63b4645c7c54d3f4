"""What members fill in about each other, and what an invited person fills in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django import forms
from django.contrib.auth import get_user_model, password_validation
from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agencies.actions.plain_text import LONGEST_EMAIL, NOT_AN_ADDRESS, check_one_line, plain_email
from agencies.enums import Role

# What each role means, in one sentence.
MAY: Final[Mapping[str, str | Promise]] = {
    Role.OWNER: gettext_lazy(
        "sees everything and acts for the agency: binds creators, appeals, invites and removes"
        " members"
    ),
    Role.VIEWER: gettext_lazy("sees everything, may download it as files, and changes nothing"),
}


def role_choices() -> list[tuple[str, str]]:
    """The roles, each with what it means, in the reader's language; the one that can do less first.

    Whoever does not look gives away nothing.
    """
    return [
        (role.value, _("%(role)s: %(may)s") % {"role": role.label, "may": MAY[role]})
        for role in (Role.VIEWER, Role.OWNER)
    ]


class RoleForm(forms.Form):
    """A role, explained."""

    role = forms.ChoiceField(
        label=gettext_lazy("Role"), choices=role_choices, widget=forms.RadioSelect
    )

    def clean_role(self) -> Role:
        return Role(self.cleaned_data["role"])


class AddressForm(forms.Form):
    """To whom an invitation goes."""

    email = forms.EmailField(
        label=gettext_lazy("E-mail address"),
        max_length=LONGEST_EMAIL,
        widget=forms.EmailInput(attrs={"class": "form-control", "autocomplete": "off"}),
        error_messages={
            "required": gettext_lazy("Enter the address that the invitation goes to."),
            "invalid": NOT_AN_ADDRESS,
        },
    )

    def clean_email(self) -> str:
        return plain_email(self.cleaned_data["email"])


class InviteForm(AddressForm, RoleForm):
    """To whom an invitation goes, and as what."""

    field_order = ["email", "role"]


class NewAccountForm(forms.Form):
    """Name and password of an invited person who has no account; the address is the invited one."""

    name = forms.CharField(
        label=gettext_lazy("Your name, as the other members see it"),
        max_length=get_user_model()._meta.get_field("name").max_length,
        validators=[check_one_line],
        widget=forms.TextInput(attrs={"class": "form-control", "autocomplete": "name"}),
        error_messages={"required": gettext_lazy("Enter your name.")},
    )
    password = forms.CharField(
        label=gettext_lazy("Password"),
        strip=False,
        help_text=gettext_lazy(
            "At least 8 characters, not only digits, none of the common ones, and unlike your name"
            " and address."
        ),
        widget=forms.PasswordInput(attrs={"class": "form-control", "autocomplete": "new-password"}),
    )
    repeated = forms.CharField(
        label=gettext_lazy("The same password again"),
        strip=False,
        widget=forms.PasswordInput(attrs={"class": "form-control", "autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, email: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.email = email

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        password, repeated = given.get("password"), given.get("repeated")
        if password and repeated and password != repeated:
            self.add_error("repeated", _("The two passwords are not the same."))
        if password:
            self._check(password, given.get("name", ""))
        return given

    def _check(self, password: str, name: str) -> None:
        person = get_user_model()(email=self.email, name=name)
        try:
            password_validation.validate_password(password, person)
        except ValidationError as weak:
            self.add_error("password", weak)

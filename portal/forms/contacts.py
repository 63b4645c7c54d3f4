"""The forms of contact people and of whom they look after."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from agencies.forms.codes import ReasonField
from portal.enums import ContactKind
from portal.models import ContactPerson, User
from portal.support.contact_lists import takers
from portal.support.contact_people import PersonFields


def _line(column: str) -> forms.CharField:
    field: Any = ContactPerson._meta.get_field(column)
    return forms.CharField(
        label=capfirst(field.verbose_name),
        required=not field.blank,
        max_length=field.max_length,
        widget=forms.TextInput(attrs={"class": "form-control", "autocomplete": "off"}),
    )


class PersonForm(forms.Form):
    """How agencies know a contact, and how many the person takes."""

    kind = forms.ChoiceField(
        label=_("Kind"),
        choices=ContactKind.choices,
        widget=forms.Select(attrs={"class": "form-select"}),
    )
    name = _line("name")
    phone = _line("phone")
    email = forms.EmailField(
        label=_("E-mail"),
        required=False,
        widget=forms.EmailInput(attrs={"class": "form-control", "autocomplete": "off"}),
    )
    wechat = _line("wechat")
    most = forms.IntegerField(
        label=_("Agencies at most"),
        min_value=1,
        max_value=100_000,
        initial=60,
        widget=forms.NumberInput(attrs={"class": "form-control"}),
    )
    is_active = forms.BooleanField(
        label=_("Takes agencies"),
        required=False,
        initial=True,
        widget=forms.CheckboxInput(attrs={"class": "form-check-input"}),
    )

    @property
    def said(self) -> PersonFields:
        """What is said of the person."""
        found = self.cleaned_data
        return PersonFields(
            kind=ContactKind(found["kind"]),
            name=found["name"],
            phone=found["phone"],
            email=found["email"],
            wechat=found["wechat"],
            most=found["most"],
            is_active=found["is_active"],
        )


class NewPersonForm(PersonForm):
    """The same for somebody new; `account` becomes the person's account."""

    account = forms.EmailField(
        label=_("E-mail of the account"),
        widget=forms.EmailInput(attrs={"class": "form-control", "autocomplete": "off"}),
        help_text=_("The person's own account at the desk."),
    )
    field_order = ["account"]

    def clean_account(self) -> User:
        email = self.cleaned_data["account"].lower()
        user = User.objects.filter(email=email).first()
        if user is None:
            raise forms.ValidationError(
                _("No account has the address %(email)s."), params={"email": email}
            )
        return user


class TakerChoice(forms.ModelChoiceField):
    """People by name, with how many agencies each has."""

    def label_from_instance(self, person: Any) -> str:
        return str(
            _("%(name)s: %(has)d of %(most)d agencies")
            % {"name": person.name, "has": person.has, "most": person.most}
        )


class ChangeContactForm(forms.Form):
    """Who looks after the agency from now on, and why."""

    reason = ReasonField()

    def __init__(self, *args: Any, kind: ContactKind, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"] = TakerChoice(
            label=_("New contact"),
            queryset=takers(kind),
            empty_label=_("Choose a person"),
            widget=forms.Select(attrs={"class": "form-select"}),
        )
        self.order_fields(["person", "reason"])


class HandOverForm(forms.Form):
    """Why all agencies of a person get somebody else."""

    reason = ReasonField()

"""What the account's pages have in common."""

from __future__ import annotations

from dataclasses import dataclass

from django import forms
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from portal.models import User


class PersonRequest(HttpRequest):
    """A request of somebody who is signed in."""

    user: User


@dataclass(frozen=True)
class FormPage:
    """What stands around a form: heading, lead, the button's label, and a way back."""

    title: str
    lead: str
    button: str
    back: str
    back_label: str


@dataclass(frozen=True)
class ToldPage:
    """A page that only tells something: icon, heading, text, and a way on."""

    icon: str
    title: str
    text: str
    url: str
    label: str


def form_page(request: HttpRequest, page: FormPage, form: forms.Form) -> HttpResponse:
    """The page with its form, empty or as it was refused."""
    return render(request, "portal/account_form.html", {"page": page, "form": form})


def told_page(request: HttpRequest, page: ToldPage) -> HttpResponse:
    """The page that tells."""
    return render(request, "portal/account_told.html", {"page": page})


def stay_signed_in(request: HttpRequest, user: User) -> None:
    """Give this browser a new session key, and the mark of the password as it is stored now.

    Where the session was ended meanwhile, it stays so.
    """
    request.session.cycle_key()
    if SESSION_KEY in request.session:
        request.session[HASH_SESSION_KEY] = user.get_session_auth_hash()

"""Consultations on new rules, as the public and the agencies read them and comment on them."""

from __future__ import annotations

from typing import Any, Final

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Page, Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from agencies.access import AgencyRequest, agency_required, owner_required
from agencies.enums import Role
from agencies.refusals import Refused
from agencies.views.lists import CountedPaginator
from scoring.consultation_comments import withdraw_comment, write_comment
from scoring.forms.consultations import CommentForm
from scoring.models import ConsultationComment
from scoring.queries.consultations import (
    Phase,
    Told,
    answered_comments,
    clauses_with_comments,
    consultations,
    own_comments,
    public_consultations,
    said,
)
from scoring.under_draft import months_under

PER_PAGE: Final = 20
WHOLE: Final = "whole"  # in addresses: the draft as a whole, whose anchor is empty


@login_not_required
@require_safe
def public_consultations_page(request: HttpRequest) -> HttpResponse:
    """What agencies are and were asked about, the newest first."""
    return _list(request, "public-consultation")


@require_safe
@agency_required
def consultations_page(request: AgencyRequest) -> HttpResponse:
    """The same beside the agency's other pages."""
    return _list(request, "consultation")


def _list(request: HttpRequest, target: str) -> HttpResponse:
    now = timezone.now()
    page = Paginator(public_consultations(now), PER_PAGE).get_page(request.GET.get("page"))
    listed = [Told(each, now) for each in page.object_list]
    context = {"page": page, "listed": listed, "target": target}
    return render(request, "scoring/consultations.html", context)


@login_not_required
@require_safe
def public_consultation(request: HttpRequest, pk: int) -> HttpResponse:
    """What is asked, what would change, what agencies said without their names, what came of it."""
    now = timezone.now()
    told = Told(get_object_or_404(public_consultations(now), pk=pk), now)
    context = {**_context(request, told), "own": None, "may_comment": False}
    here = reverse("public-consultation", args=[pk])
    return render(request, "scoring/public_consultation.html", {**context, "here": here})


@require_safe
@agency_required
def consultation(request: AgencyRequest, pk: int) -> HttpResponse:
    """The same, with the agency's own last months under the draft, and its own comments."""
    told = Told(get_object_or_404(consultations(), pk=pk), timezone.now())
    return _show(request, told, None)


def _show(request: AgencyRequest, told: Told, form: CommentForm | None) -> HttpResponse:
    if told.phase is Phase.ANNOUNCED:
        return render(request, "scoring/consultation_announced.html", {"told": told})
    form = form or CommentForm(
        titles=told.clause_titles, initial={"clause": request.GET.get("about", "")}
    )
    own = said(own_comments(told.consultation, request.agency), told)
    context = {
        **_context(request, told),
        "months": months_under(told.version.rulebook, request.agency),
        "own": own,
        "may_comment": told.takes_comments and request.membership.role == Role.OWNER,
        "here": reverse("consultation", args=[told.consultation.pk]),
        "form": form,
    }
    return render(request, "scoring/consultation.html", context)


def _context(request: HttpRequest, told: Told) -> dict[str, Any]:
    """What every reader of a consultation sees, with a page of its answered comments."""
    clause = chosen_clause(request)
    answered = answered_comments(told.consultation, None)
    counted = clauses_with_comments(told, answered, clause)
    rows = answered_comments(told.consultation, clause)
    page = page_of(request, rows, sum(each.count for each in counted if clause in (None, each.key)))
    return {
        "told": told,
        "full": request.GET.get("text") == "full",
        "clauses": counted,
        "chosen": clause,
        "page": page,
        "answered": said(page.object_list, told),
    }


def chosen_clause(request: HttpRequest) -> str | None:
    """The clause whose comments are wanted; None for all."""
    clause = request.GET.get("clause")
    return "" if clause == WHOLE else clause


def page_of(request: HttpRequest, rows: Any, counted: int) -> Page:
    """The page of comments that the address asks for; the nearest one where there is none."""
    return CountedPaginator(rows, PER_PAGE, counted=counted).get_page(request.GET.get("page"))


@require_POST
@agency_required
@owner_required
def write_comment_view(request: AgencyRequest, pk: int) -> HttpResponse:
    """Say something about a clause, while comments are taken."""
    now = timezone.now()
    told = Told(get_object_or_404(consultations(), pk=pk), now)
    form = CommentForm(request.POST, titles=told.clause_titles)
    if form.is_valid():
        try:
            write_comment(
                agency=request.agency,
                consultation_id=pk,
                clause=form.cleaned_data["clause"],
                text=form.cleaned_data["text"],
                at=now,
                by=request.user,
            )
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("Your comment reached the platform, which will answer it."))
            return redirect("consultation", pk)
    return _show(request, told, form)


@require_POST
@agency_required
@owner_required
def withdraw_comment_view(request: AgencyRequest, pk: int) -> HttpResponse:
    """Take a comment of the agency back, while that is possible."""
    comment = get_object_or_404(request.agency.comments, pk=pk)
    try:
        withdraw_comment(agency=request.agency, comment_id=pk, at=timezone.now(), by=request.user)
    except ConsultationComment.DoesNotExist:  # the same form, sent twice at once
        raise Http404 from None
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("The comment was taken back."))
    return redirect("consultation", comment.consultation_id)

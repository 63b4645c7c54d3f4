"""Consultations at the staff's desk: opened, answered, concluded."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from agencies.access import StaffRequest, looked, staff_required
from agencies.views.staff_decisions import taken
from scoring.consultation_comments import answer_comment
from scoring.enums import RulebookState
from scoring.forms.consultations import AnswerForm, CloseForm, OpenForm
from scoring.models import ConsultationComment, RulebookVersion
from scoring.queries.consultations import (
    Told,
    clauses_with_comments,
    comments_at_desk,
    consultations,
    consultations_at_desk,
    draft_changes,
    said,
)
from scoring.rulebook_life import close_consultation, open_consultation
from scoring.views.consultations import PER_PAGE, chosen_clause, page_of


@require_safe
@staff_required("scoring.view_consultation")
def staff_consultations(request: StaffRequest) -> HttpResponse:
    """All consultations, those to be concluded first."""
    looked(request, None, _("Consultations"))
    now = timezone.now()
    page = Paginator(consultations_at_desk(), PER_PAGE).get_page(request.GET.get("page"))
    listed = [Told(each, now) for each in page.object_list]
    return render(request, "scoring/staff_consultations.html", {"page": page, "listed": listed})


@require_safe
@staff_required("scoring.view_consultation")
def staff_consultation(request: StaffRequest, pk: int) -> HttpResponse:
    """One consultation: what agencies say, clause by clause, the unanswered first."""
    return _show(request, pk)


def _show(
    request: StaffRequest,
    pk: int,
    *,
    close_form: CloseForm | None = None,
    answer_form: AnswerForm | None = None,
    answered: int | None = None,
) -> HttpResponse:
    told = Told(get_object_or_404(consultations(), pk=pk), timezone.now())
    looked(request, None, _("Consultation on %(rules)s") % {"rules": told.title})
    clause = chosen_clause(request)
    counted = clauses_with_comments(told, comments_at_desk(told.consultation, None), clause)
    rows = comments_at_desk(told.consultation, clause)
    page = page_of(request, rows, sum(each.count for each in counted if clause in (None, each.key)))
    context = {
        "told": told,
        "here": reverse("staff-consultation", args=[pk]),
        "clauses": counted,
        "chosen": clause,
        "page": page,
        "comments": [
            (each, _form_of(each.comment, answer_form, answered))
            for each in said(page.object_list, told)
        ],
        "answered": answered,
        "unanswered": told.consultation.comments.filter(answered_at=None).count(),
        "form": close_form or CloseForm(auto_id="close_%s"),
    }
    return render(request, "scoring/staff_consultation.html", context)


def _form_of(
    comment: ConsultationComment, given: AnswerForm | None, answered: int | None
) -> AnswerForm:
    """The form of a comment's answer, as it was sent or with what is published."""
    if given is not None and comment.pk == answered:
        return given
    initial = {"answer_zh": comment.answer_zh, "answer_en": comment.answer_en}
    return AnswerForm(initial=initial, auto_id=f"answer-{comment.pk}-%s")


@require_http_methods(["GET", "HEAD", "POST"])
@staff_required("scoring.manage_rulebook")
def staff_consultation_open(request: StaffRequest, pk: int) -> HttpResponse:
    """Ask the agencies about a draft: when, and why."""
    version = get_object_or_404(RulebookVersion, pk=pk)
    if request.method != "POST" and version.state != RulebookState.DRAFT:
        return redirect("staff-rulebook", pk)  # which says where it is in its life
    now = timezone.now()
    form = OpenForm(request.POST) if request.method == "POST" else OpenForm()
    if request.method == "POST" and taken(
        form,
        lambda: open_consultation(
            version_id=pk,
            seen_sha256=request.POST.get("seen", ""),
            opens_at=form.opens_at(now),
            closes_at=form.closes_at(),
            reasons_zh=form.cleaned_data["reasons_zh"],
            reasons_en=form.cleaned_data["reasons_en"],
            at=now,
            by=request.user,
        ),
    ):
        messages.success(request, _("The consultation is announced and every agency is told."))
        version.refresh_from_db()
        return redirect("staff-consultation", version.consultation.pk)
    against, changed = draft_changes(version)
    context = {"version": version, "form": form, "against": against, "changes": changed}
    return render(request, "scoring/staff_consultation_open.html", context)


@require_POST
@staff_required("scoring.manage_rulebook")
def staff_comment_answer(request: StaffRequest, pk: int) -> HttpResponse:
    """Answer a comment; comment and answer are public from then on."""
    comment = get_object_or_404(ConsultationComment, pk=pk)
    form = AnswerForm(request.POST, auto_id=f"answer-{pk}-%s")
    if taken(
        form,
        lambda: answer_comment(
            comment_id=pk,
            answer_zh=form.cleaned_data["answer_zh"],
            answer_en=form.cleaned_data["answer_en"],
            at=timezone.now(),
            by=request.user,
        ),
    ):
        messages.success(request, _("The answer is published and the agency is told."))
        return redirect("staff-consultation", comment.consultation_id)
    return _show(request, comment.consultation_id, answer_form=form, answered=pk)


@require_POST
@staff_required("scoring.manage_rulebook")
def staff_consultation_close(request: StaffRequest, pk: int) -> HttpResponse:
    """Publish the closing summary."""
    get_object_or_404(consultations(), pk=pk)
    form = CloseForm(request.POST, auto_id="close_%s")
    if taken(
        form,
        lambda: close_consultation(
            consultation_id=pk,
            summary_zh=form.cleaned_data["summary_zh"],
            summary_en=form.cleaned_data["summary_en"],
            at=timezone.now(),
            by=request.user,
        ),
    ):
        messages.success(request, _("The summary is published and every agency is told."))
        return redirect("staff-consultation", pk)
    return _show(request, pk, close_form=form)

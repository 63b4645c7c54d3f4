"""An agency's questions: asked, read, written in again, closed, rated."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from agencies.access import AgencyRequest, agency_required
from agencies.refusals import Refused
from agencies.views.downloads import download
from agencies.views.missing import missing_is_404
from agencies.views.private import kept_private
from portal.enums import QuestionState
from portal.forms.help import AskForm, RateForm, SubjectForm, WriteForm
from portal.models import Question
from portal.support.articles import search_articles
from portal.support.asking import LONGEST_SUBJECT, ask, close_own, follow_up, is_ratable, rate
from portal.support.clauses import clause_choices, clause_titles
from portal.support.context import checked_about, clause_of, particulars
from portal.support.own_questions import own_files, thread_of
from portal.support.targets import due_at
from portal.views.help import rules_address


@require_http_methods(["GET", "HEAD", "POST"])
@agency_required(open_to_removed=True)
def ask_view(request: AgencyRequest) -> HttpResponse:
    """Ask in two steps: one line first, with the public answers that fit, then the whole question.

    The address says what page it is asked from (`page`, `month`, `indicator`, `violation`,
    `creator`, `clause`), and `subject` leads to the second step. htmx gets the answers alone.
    """
    if request.method == "POST":
        return _asked(request)
    subject = request.GET.get("subject", "").replace("\x00", "")[:LONGEST_SUBJECT].strip()
    about = checked_about(request.agency, request.GET.dict(), at=timezone.now())
    clause = request.GET.get("clause", "") or clause_of(about)
    if request.htmx:  # type: ignore[attr-defined] # set by its middleware
        context = _answers(subject, clause)
        response = render(request, "portal/_help_answers.html", context)
    elif subject:
        initial = {"request_key": uuid.uuid4(), "subject": subject, "clause": clause, **about}
        form = AskForm(initial=initial, clauses=clause_choices(timezone.now()))
        response = _second_step(request, form, about)
    else:
        sent = "subject" in request.GET
        context = {
            **_answers("", clause),
            "form": SubjectForm(request.GET if sent else None),
            "about": about | ({"clause": clause} if clause else {}),
            "particulars": particulars(about),
        }
        response = render(request, "portal/help_ask.html", context)
    patch_vary_headers(response, ["HX-Request"])
    return response


def _asked(request: AgencyRequest) -> HttpResponse:
    now = timezone.now()
    form = AskForm(request.POST, request.FILES, clauses=clause_choices(now))
    if form.is_valid():
        try:
            made = ask(agency=request.agency, by=request.user, at=now, **form.entries())
        except Refused as refused:
            form.refuse(refused)
        else:
            messages.success(
                request, _("Your question has been sent. The platform answers on this page.")
            )
            return redirect("question", made.pk)
    about = checked_about(request.agency, request.POST.dict(), at=now)
    return _second_step(request, form, about)


def _second_step(request: AgencyRequest, form: AskForm, about: dict[str, str]) -> HttpResponse:
    subject = str(form["subject"].value() or "")
    context = {
        **_answers(subject, str(form["clause"].value() or "")),
        "form": form,
        "particulars": particulars(about),
        "due": due_at(request.agency, timezone.now()),
    }
    return render(request, "portal/help_ask_whole.html", context)


def _answers(subject: str, clause: str) -> dict[str, Any]:
    language = get_language() or ""
    return {"words": subject, "answers": search_articles(subject, language, clause=clause)}


@require_safe
@agency_required(open_to_removed=True)
def question(request: AgencyRequest, pk: int) -> HttpResponse:
    """One of the agency's questions with all that was said in it."""
    return _thread(request, pk)


@require_POST
@agency_required(open_to_removed=True)
def write_again(request: AgencyRequest, pk: int) -> HttpResponse:
    """Write again; an answered or closed question is reopened by it."""
    form = WriteForm(request.POST, request.FILES)
    if not form.is_valid():
        return _thread(request, pk, write=form)
    try:
        with missing_is_404():
            written = follow_up(
                agency=request.agency,
                question_id=pk,
                text=form.cleaned_data["text"],
                files=form.files_read(),
                request_key=form.cleaned_data["request_key"],
                at=timezone.now(),
                by=request.user,
            )
    except Refused as refused:
        form.refuse(refused)
        return _thread(request, pk, write=form)
    messages.success(request, _("Your message has been sent; the platform is to answer again."))
    return redirect("question", written.pk)


@require_POST
@agency_required(open_to_removed=True)
def close(request: AgencyRequest, pk: int) -> HttpResponse:
    """Close a question that needs nothing more."""
    try:
        with missing_is_404():
            close_own(agency=request.agency, question_id=pk, at=timezone.now(), by=request.user)
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("The question is closed. Write in it to open it again."))
    return redirect("question", pk)


@require_POST
@agency_required(open_to_removed=True)
def rate_view(request: AgencyRequest, pk: int) -> HttpResponse:
    """Say how well a question was answered."""
    form = RateForm(request.POST)
    if not form.is_valid():
        return _thread(request, pk, rating=form)
    try:
        with missing_is_404():
            rate(
                agency=request.agency,
                question_id=pk,
                at=timezone.now(),
                by=request.user,
                **form.cleaned_data,
            )
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("Thank you: whoever runs the support reads this."))
    return redirect("question", pk)


@require_safe
@agency_required(open_to_removed=True)
@kept_private
def question_file(request: AgencyRequest, pk: int) -> HttpResponse:
    """A file of one of the agency's own questions, to be saved: never shown inside the portal."""
    file = get_object_or_404(own_files(request.agency), pk=pk)
    return download(file)


def _thread(
    request: AgencyRequest,
    pk: int,
    *,
    write: WriteForm | None = None,
    rating: RateForm | None = None,
) -> HttpResponse:
    try:
        thread = thread_of(request.agency, pk)
    except Question.DoesNotExist as missing:
        raise Http404 from missing
    now, found = timezone.now(), thread.question
    titles = clause_titles(now) if found.clause else {}
    context: dict[str, Any] = {
        "question": found,
        "thread": thread,
        "particulars": particulars(found.about),
        "clause_title": titles.get(found.clause, ""),
        "clause_url": f"{rules_address(request)}#{found.clause}",
        "overdue": found.due_at is not None and found.due_at < now,
        "write": write or WriteForm(initial={"request_key": uuid.uuid4()}),
        "closable": found.state in {QuestionState.OPEN, QuestionState.ANSWERED},
        "rating": None,
    }
    if is_ratable(found):
        given = {"rating": found.rating, "text": found.rating_text}
        context["rating"] = rating or RateForm(initial=given if found.rating else None)
    return render(request, "portal/question.html", context)

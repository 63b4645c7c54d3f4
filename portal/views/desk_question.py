"""One question at the desk: reading it, answering, handing over, merging, closing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from agencies.access import StaffRequest, looked, staff_required
from agencies.refusals import Refused
from agencies.views.downloads import download
from agencies.views.staff_decisions import taken
from portal.forms.desk import (
    AnswerForm,
    AssignForm,
    ClauseForm,
    CloseForm,
    DraftForm,
    NoteForm,
    shown_anew,
)
from portal.models import Question, QuestionFile
from portal.support import answering
from portal.support.clauses import clause_choices
from portal.support.drafts import Draft, of_canned, of_why
from portal.support.inbox import answerers
from portal.support.question_page import (
    MOST_OTHERS,
    QuestionPage,
    other_questions,
    question_page,
)
from portal.views.desk import ANSWER, VIEW
from scoring.months import first_day


@require_safe
@staff_required(VIEW)
def staff_question(request: StaffRequest, pk: int) -> HttpResponse:
    """A question with its thread, the agency's figures and what may be done; perhaps a draft."""
    return _show(request, pk)


@require_POST
@staff_required(ANSWER)
def staff_question_answer(request: StaffRequest, pk: int) -> HttpResponse:
    """Send an answer."""
    form = AnswerForm(request.POST, request.FILES)
    return _step(
        request,
        pk,
        form,
        lambda at: answering.answer(
            question_id=pk,
            text=form.cleaned_data["text"],
            files=form.new_files(),
            request_key=form.cleaned_data["request_key"],
            at=at,
            by=request.user,
            close=form.cleaned_data["close"],
            seen=form.cleaned_data["seen"],
            merged=form.cleaned_data["merged"],
        ),
        success=_("The answer is sent and the agency is told."),
        name="answer_form",
    )


@require_POST
@staff_required(ANSWER)
def staff_question_note(request: StaffRequest, pk: int) -> HttpResponse:
    """Keep an internal note."""
    form = NoteForm(request.POST, auto_id="note_%s")
    return _step(
        request,
        pk,
        form,
        lambda at: answering.note(
            question_id=pk,
            text=form.cleaned_data["text"],
            request_key=form.cleaned_data["request_key"],
            at=at,
            by=request.user,
        ),
        success=_("The note is kept; agencies never read it."),
        name="note_form",
    )


@require_POST
@staff_required(ANSWER)
def staff_question_assign(request: StaffRequest, pk: int) -> HttpResponse:
    """Give the question to somebody, or take it."""
    people = {person.pk: person for person in answerers()}
    form = AssignForm(request.POST, auto_id="assign_%s", people=people.values())
    return _step(
        request,
        pk,
        form,
        lambda at: answering.assign(
            question_id=pk,
            to=people[form.cleaned_data["to"]],
            note=form.cleaned_data["note"],
            at=at,
            by=request.user,
            was=form.cleaned_data["was"],
        ),
        success=_("The question is handed over."),
        name="assign_form",
    )


@require_POST
@staff_required(ANSWER)
def staff_question_release(request: StaffRequest, pk: int) -> HttpResponse:
    """Put the question back into the inbox of all."""
    return _step(
        request,
        pk,
        forms.Form(request.POST),
        lambda at: answering.release(question_id=pk, at=at, by=request.user),
        success=_("The question is back in the inbox of all."),
        name="release_form",
    )


@require_POST
@staff_required(ANSWER)
def staff_question_clause(request: StaffRequest, pk: int) -> HttpResponse:
    """Say which clause of the rules the question is about."""
    form = ClauseForm(request.POST, auto_id="clause_%s", clauses=clause_choices(timezone.now()))
    return _step(
        request,
        pk,
        form,
        lambda at: answering.reclass(
            question_id=pk, clause=form.cleaned_data["clause"], at=at, by=request.user
        ),
        success=_("The clause is noted."),
        name="clause_form",
    )


@require_POST
@staff_required(ANSWER)
def staff_question_close(request: StaffRequest, pk: int) -> HttpResponse:
    """Close the question for a reason that the agency reads."""
    form = CloseForm(request.POST, auto_id="close_%s")
    get_object_or_404(Question, pk=pk)
    return _step(
        request,
        pk,
        form,
        lambda at: answering.close_many(
            question_ids=[pk],
            reason=form.cleaned_data["reason"],
            at=at,
            by=request.user,
            seen=form.cleaned_data["seen"],
        ),
        success=_("The question is closed and the agency is told."),
        name="close_form",
    )


@require_http_methods(["GET", "HEAD", "POST"])
@staff_required(ANSWER)
def staff_question_merge(request: StaffRequest, pk: int) -> HttpResponse:
    """Make the question part of another of its agency: choose it, see both, then do it."""
    question = get_object_or_404(Question.objects.select_related("agency"), pk=pk)
    into = _into(request, question)
    refused = ""
    if request.method == "POST" and into is not None:
        try:
            answering.merge(question_id=pk, into_id=into.pk, at=timezone.now(), by=request.user)
        except Refused as reason:
            refused = str(reason)
        else:
            messages.success(request, _("The questions are one now."))
            return redirect("staff-question", into.pk)
    looked(request, question, _("Merging %(question)s") % {"question": question})
    context = {
        "question": question,
        "into": into,
        "both": [question, into],
        "others": other_questions(question),
        "most": MOST_OTHERS,
        "refused": refused or _unmergeable(question, into),
    }
    return render(request, "portal/staff_question_merge.html", context)


def _into(request: StaffRequest, question: Question) -> Question | None:
    """The question of the same agency that the address or the form names; 404 for any other."""
    given = request.POST if request.method == "POST" else request.GET
    number = given.get("into", "")
    if not number:
        return None
    if not number.isdecimal() or len(number) > 18:
        raise Http404
    return get_object_or_404(Question, pk=int(number), agency=question.agency_id)


def _unmergeable(question: Question, into: Question | None) -> str:
    """Why the two cannot become one, "" where they can."""
    if into is None:
        return ""
    try:
        answering.refuse_unmergeable(question, into)
    except Refused as reason:
        return str(reason)
    return ""


@require_safe
@staff_required(VIEW)
def staff_question_file(request: StaffRequest, pk: int) -> HttpResponse:
    """A file of a question, to be saved: it is never shown inside the portal."""
    file = get_object_or_404(QuestionFile.objects.select_related("message__question"), pk=pk)
    question = file.message.question
    looked(request, question, f"{question}: {file.name}")
    return download(file)


def _step(
    request: StaffRequest,
    pk: int,
    form: forms.Form,
    step: Callable[[datetime], object],
    *,
    success: str,
    name: str,
) -> HttpResponse:
    """Take a step and lead back to the question; a refused one shows the page with the reason."""
    try:
        done = taken(form, lambda: step(timezone.now()))
    except Question.DoesNotExist as missing:
        raise Http404 from missing
    if done:
        messages.success(request, success)
        return redirect("staff-question", pk)
    return _show(request, pk, refused=form, **{name: form})


def _show(
    request: StaffRequest, pk: int, *, refused: forms.Form | None = None, **given: forms.Form
) -> HttpResponse:
    """The page of a question; `given` are forms to be shown again, by their names there."""
    now = timezone.now()
    try:
        page = question_page(pk, reader=request.user, at=now)
    except Question.DoesNotExist as missing:
        raise Http404 from missing
    looked(request, page.question)
    draft_form, draft = _drafted(request, page)
    for form in given.values():
        shown_anew(form, seen=page.newest, merged=page.merged, was=page.question.assignee_id or 0)
    context = {
        "page": page,
        "question": page.question,
        "may_answer": page.takes_answer and request.user.has_perm(ANSWER),
        "may_note": not page.of_reader and request.user.has_perm(ANSWER),
        "late": page.question.due_at is not None and page.question.due_at < now,
        "draft_form": draft_form,
        "draft": draft,
        "refused": refused,
        **_forms(page, draft, request.user.pk),
        **given,
    }
    return render(request, "portal/staff_question.html", context)


def _forms(page: QuestionPage, draft: Draft | None, reader: int) -> dict[str, forms.Form]:
    question = page.question
    seen = {"seen": page.newest}
    keeps = page.contact or (page.people[0] if page.people else None)
    return {
        "answer_form": AnswerForm(
            initial={**seen, "merged": page.merged, "text": draft.text if draft else ""}
        ),
        "note_form": NoteForm(auto_id="note_%s"),
        "assign_form": AssignForm(
            auto_id="assign_%s",
            people=[each for each in page.people if each.pk != question.assignee_id],
            initial={"was": question.assignee_id or 0, "to": keeps.pk if keeps else reader},
        ),
        "clause_form": ClauseForm(
            auto_id="clause_%s", clauses=page.choices, initial={"clause": question.clause}
        ),
        "close_form": CloseForm(auto_id="close_%s", initial=seen),
    }


def _drafted(request: StaffRequest, page: QuestionPage) -> tuple[DraftForm, Draft | None]:
    """The picker of prepared answers, and the text that the address asks for, if it asks for one.

    A prepared answer with the agency's figures, or why the level is what it is.
    """
    now, question = timezone.now(), page.question
    language = request.GET.get("language", "")
    if language not in dict(settings.LANGUAGES):
        language = page.language
    asked = {"canned": request.GET.get("canned", ""), "language": language}
    idle = DraftForm(initial=asked, auto_id="draft_%s")
    if request.method == "POST" or not page.takes_answer:
        return idle, None
    if request.GET.get("why"):
        month = _month(request.GET.get("month", ""))
        return idle, of_why(question.agency, month=month, language=language, now=now)
    if not asked["canned"]:
        return idle, None
    form = DraftForm(asked, auto_id="draft_%s")
    if not form.is_valid():
        return form, None
    canned = form.cleaned_data["canned"]
    return form, of_canned(canned, question, language=language, now=now)


def _month(text: str) -> date | None:
    try:
        return first_day(text)
    except ValueError:
        return None

"""The inbox of questions: the list, what comes by phone, closing many at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from agencies.access import StaffRequest, looked, staff_required
from agencies.exports import csv_response
from agencies.models import Agency
from agencies.refusals import Refused
from agencies.views.lists import paged, wants_file
from agencies.views.staff_decisions import taken
from portal.filters.desk import QuestionFilter
from portal.forms.desk import CallForm, CloseForm, shown_anew
from portal.models import Question
from portal.support.answering import close_many, closing, refuse_many
from portal.support.calls import take_call
from portal.support.clauses import clause_choices
from portal.support.inbox import inbox, rules_in_force, waiting_figures
from portal.support.targets import service_hours
from portal.tables.desk import QuestionTable

VIEW, ANSWER = "portal.view_question", "portal.answer_question"
COLUMNS = (
    *("question", "agency_code", "agency_name", "level", "stage", "subject", "clause", "state"),
    *("channel", "asked_at", "due_at", "looked_after_by", "first_answered_at"),
    *("first_answer_minutes", "first_answer_late", "closed_at", "close_reason", "rating"),
)
FIELDS = (
    *("pk", "agency__code", "agency__name", "level", "stage", "subject", "clause", "state"),
    *("channel", "asked_at", "due_at", "assignee__email", "first_answered_at"),
    *("first_answer_minutes", "first_answer_late", "closed_at", "close_reason", "rating"),
)
MOST_FOUND = 20
LONGEST_SEARCH = 100


@require_safe
@staff_required(VIEW)
def staff_questions(request: StaffRequest) -> HttpResponse:
    """The inbox by what is due first, with filters in the address; also as CSV."""
    now = timezone.now()
    rules = rules_in_force(now)
    clauses = clause_choices(now)
    chosen = QuestionFilter(
        request.GET,
        queryset=inbox(rules),
        user=request.user,
        levels=[level.key for level in reversed(rules.levels)] if rules else [],
        clauses=clauses,
    )
    looked(request, None, _("Questions"))
    if wants_file(request, chosen):
        return csv_response("questions.csv", COLUMNS, _rows(chosen.found))
    table = QuestionTable(
        chosen.found,
        clauses={key: title for _section, group in clauses for key, title in group},
        hours=service_hours(),
        now=now,
        may_close=request.user.has_perm(ANSWER),
    )
    context = {
        "filter": chosen,
        "table": paged(table, request),
        "figures": waiting_figures(request.user, now),
    }
    return render(request, "portal/staff_questions.html", context)


def _rows(questions: QuerySet[Any]) -> Iterator[tuple[object, ...]]:
    return questions.values_list(*FIELDS).iterator(chunk_size=2_000)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_required(ANSWER)
def staff_questions_close(request: StaffRequest) -> HttpResponse:
    """Close the chosen questions for one reason: first what it will do, then doing it."""
    ids = _picked(request.POST if request.method == "POST" else request.GET)
    try:
        refuse_many(ids)
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect("staff-questions")
    plan = closing(ids)
    form = CloseForm(request.POST or None, initial={"seen": plan.seen})
    if request.method == "POST" and taken(form, lambda: _close(request, ids, form)):
        return redirect("staff-questions")
    shown_anew(form, seen=plan.seen)
    looked(request, None, _("Closing questions"))
    return render(request, "portal/staff_questions_close.html", {"plan": plan, "form": form})


def _close(request: StaffRequest, ids: list[int], form: CloseForm) -> None:
    closed = len(
        close_many(
            question_ids=ids,
            reason=form.cleaned_data["reason"],
            at=timezone.now(),
            by=request.user,
            seen=form.cleaned_data["seen"],
        )
    )
    messages.success(
        request,
        ngettext(
            "%(number)d question is closed and its agency is told.",
            "%(number)d questions are closed and their agencies are told.",
            closed,
        )
        % {"number": closed},
    )
    if passed := len(set(ids)) - closed:
        messages.info(
            request,
            ngettext(
                "%(number)d question was passed over: it was closed, or somebody wrote meanwhile.",
                "%(number)d questions were passed over: closed already, or somebody wrote"
                " meanwhile.",
                passed,
            )
            % {"number": passed},
        )


def _picked(given: QueryDict) -> list[int]:
    """The numbers of the chosen questions; what is none is left out."""
    # more digits than a number of the database has are nobody's
    found = [int(each) for each in given.getlist("pick") if each.isdecimal() and len(each) < 19]
    return sorted(set(found))


@require_http_methods(["GET", "HEAD", "POST"])
@staff_required(ANSWER)
def staff_call(request: StaffRequest) -> HttpResponse:
    """Enter a question that came by phone: first whose it is, then what was said."""
    wanted = request.GET.get("agency", "").strip()[:LONGEST_SEARCH].replace("\x00", "")
    agency = Agency.objects.filter(code=wanted).first() if wanted else None
    if agency is None:
        return _choose(request, wanted)
    form = CallForm(request.POST or None, clauses=clause_choices(timezone.now()))
    entered: list[Question] = []
    if request.method == "POST" and taken(
        form, lambda: entered.append(_take(request, agency, form))
    ):
        messages.success(request, _("The call is entered; the agency can read it."))
        return redirect("staff-question", entered[0].pk)
    looked(request, agency, _("A call of %(agency)s") % {"agency": agency})
    context = {"agency": agency, "form": form, "waiting": _open_of(agency)}
    return render(request, "portal/staff_call.html", context)


def _choose(request: StaffRequest, wanted: str) -> HttpResponse:
    """The agencies that fit what was typed."""
    found: list[Agency] | None = None
    if wanted:
        fitting = Agency.objects.filter(Q(code__istartswith=wanted) | Q(name__icontains=wanted))
        found = list(fitting.order_by("code")[:MOST_FOUND])
        looked(request, None, _("Agencies: %(text)s") % {"text": wanted})
    context = {"wanted": wanted, "found": found, "most": MOST_FOUND}
    return render(request, "portal/staff_call_agency.html", context)


def _take(request: StaffRequest, agency: Agency, form: CallForm) -> Question:
    given = form.cleaned_data
    names = ("caller", "caller_check", "subject", "text", "clause", "said", "close", "keep")
    return take_call(
        agency=agency,
        request_key=given["request_key"],
        at=timezone.now(),
        by=request.user,
        **{name: given[name] for name in names},
    )


def _open_of(agency: Agency) -> QuerySet[Question]:
    """What the agency asked and still waits for: the caller may mean one of these."""
    return Question.objects.waiting().filter(agency=agency).order_by("due_at")[:MOST_FOUND]

"""Prepared answers of the desk, and public answers for every agency."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from agencies.access import StaffRequest, looked, staff_required
from agencies.models import Agency
from agencies.queries.changes import changes_of
from agencies.refusals import Refused
from agencies.views.lists import PER_PAGE
from agencies.views.staff_decisions import taken
from portal.filters.texts import ArticleFilter, CannedFilter
from portal.forms.texts import ArticleForm, CannedForm
from portal.models import CannedAnswer, HelpArticle, Question
from portal.support.clauses import clause_choices, titled
from portal.support.fills import PLACEHOLDERS, filled, fills
from portal.support.texts import (
    draft_from,
    publish_article,
    withdraw_article,
    write_article,
    write_canned,
)

WRITE = "portal.manage_help"
# Digits of the largest number that the database gives.
LONGEST_NUMBER = 19


@require_safe
@staff_required("portal.view_cannedanswer")
def staff_canned_answers(request: StaffRequest) -> HttpResponse:
    """The prepared answers by name."""
    clauses = clause_choices(timezone.now())
    found = CannedAnswer.objects.select_related("written_by").order_by("name", "pk")
    chosen = CannedFilter(request.GET, queryset=found, user=request.user, clauses=clauses)
    page = Paginator(chosen.found, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "filter": chosen,
        "page": page,
        "lines": titled(page.object_list, clauses),
        "may_write": request.user.has_perm(WRITE),
    }
    return render(request, "portal/staff_canned.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_required(WRITE)
def staff_canned_new(request: StaffRequest) -> HttpResponse:
    """Write a prepared answer."""
    return _canned(request, None)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_required(WRITE)
def staff_canned_answer(request: StaffRequest, pk: int) -> HttpResponse:
    """Change a prepared answer."""
    return _canned(request, get_object_or_404(CannedAnswer, pk=pk))


@require_safe
@staff_required("portal.view_helparticle")
def staff_help_articles(request: StaffRequest) -> HttpResponse:
    """The public answers by clause and title."""
    clauses = clause_choices(timezone.now())
    found = HelpArticle.objects.select_related("written_by").order_by("-changed_at", "pk")
    chosen = ArticleFilter(request.GET, queryset=found, user=request.user, clauses=clauses)
    page = Paginator(chosen.found, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "filter": chosen,
        "page": page,
        "lines": titled(page.object_list, clauses),
        "may_write": request.user.has_perm(WRITE),
    }
    return render(request, "portal/staff_help_articles.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_required(WRITE)
def staff_help_article_new(request: StaffRequest) -> HttpResponse:
    """Write a public answer, from a question or a clause if one is named in the address."""
    return _article(request, None, _question(request))


@require_http_methods(["GET", "HEAD", "POST"])
@staff_required(WRITE)
def staff_help_article(request: StaffRequest, pk: int) -> HttpResponse:
    """Change a public answer."""
    article = get_object_or_404(HelpArticle.objects.select_related("question__agency"), pk=pk)
    return _article(request, article, article.question)


@require_POST
@staff_required(WRITE)
def staff_help_article_publish(request: StaffRequest, pk: int) -> HttpResponse:
    """Show a public answer to every agency, or hide it again (`shown=0`)."""
    get_object_or_404(HelpArticle, pk=pk)
    shown = request.POST.get("shown") == "1"
    step = publish_article if shown else withdraw_article
    try:
        step(article_id=pk, at=timezone.now(), by=request.user)
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect("staff-help-article", pk)
    told = _("Every agency can find it now.") if shown else _("Agencies find it no longer.")
    messages.success(request, told)
    return redirect("staff-help-article", pk)


def _canned(request: StaffRequest, answer: CannedAnswer | None) -> HttpResponse:
    clauses = clause_choices(timezone.now())
    names = ("name", "clause", "text_zh", "text_en", "is_active")
    initial = {name: getattr(answer, name) for name in names} if answer else {}
    form = CannedForm(request.POST or None, clauses=clauses, initial=initial)
    preview: list[tuple[str, str]] = []
    if request.method == "POST" and "preview" in request.POST:
        preview = _preview(request, form)
    elif request.method == "POST" and taken(
        form,
        lambda: write_canned(answer=answer, **form.said, at=timezone.now(), by=request.user),
    ):
        messages.success(request, _("The prepared answer is saved."))
        return redirect("staff-canned-answers")
    context = {
        "form": form,
        "answer": answer,
        "preview": preview,
        "placeholders": PLACEHOLDERS,
        "changes": changes_of(answer) if answer else [],
    }
    return render(request, "portal/staff_canned_answer.html", context)


def _preview(request: StaffRequest, form: CannedForm) -> list[tuple[str, str]]:
    """The text in both languages with the figures of the agency; nothing where it is refused."""
    if not form.is_valid():
        return []
    agency: Agency | None = form.cleaned_data["preview_for"]
    if agency is None:
        form.add_error("preview_for", _("Name the agency whose figures are to be filled in."))
        return []
    looked(request, agency, _("Figures of %(agency)s for a prepared answer") % {"agency": agency})
    said, now = form.said, timezone.now()
    return [
        (
            language,
            filled(
                text, fills(agency, clause=said["clause"], language=language, now=now, text=text)
            ),
        )
        for language, text in (("zh-hans", said["text_zh"]), ("en", said["text_en"]))
    ]


def _question(request: StaffRequest) -> Question | None:
    asked = request.GET.get("question", "")
    if not asked:
        return None
    if not (
        asked.isdecimal()
        and len(asked) <= LONGEST_NUMBER
        and request.user.has_perm("portal.view_question")
    ):
        raise Http404
    return get_object_or_404(Question.objects.select_related("agency"), pk=int(asked))


def _article(
    request: StaffRequest, article: HelpArticle | None, question: Question | None
) -> HttpResponse:
    names = ("clause", "title_zh", "title_en", "text_zh", "text_en")
    if article is not None:
        initial = {name: getattr(article, name) for name in names}
    else:
        initial = draft_from(question) if question else {"clause": request.GET.get("clause", "")}
    form = ArticleForm(
        request.POST or None, clauses=clause_choices(timezone.now()), initial=initial
    )
    kept: list[HelpArticle] = []
    if request.method == "POST" and taken(
        form,
        lambda: kept.append(
            write_article(
                article=article, question=question, **form.said, at=timezone.now(), by=request.user
            )
        ),
    ):
        messages.success(request, _("The public answer is saved."))
        return redirect("staff-help-article", kept[0].pk)
    if question is not None:
        looked(request, question)
    context = {
        "form": form,
        "article": article,
        "question": question,
        "changes": changes_of(article) if article else [],
    }
    return render(request, "portal/staff_help_article.html", context)

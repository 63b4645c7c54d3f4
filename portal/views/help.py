"""Help: public answers first, then an agency's own questions."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from agencies.access import AgencyRequest, agency_required, closed
from portal.enums import QuestionState
from portal.support.articles import (
    FOUND,
    in_language,
    published_articles,
    search_articles,
)
from portal.support.clauses import clause_titles
from portal.support.contacts import contacts_of
from portal.support.own_questions import counts_of, questions_of

PER_PAGE = 10
LONGEST_QUERY = 200


@require_safe
@agency_required(open_to_removed=True)
def help_page(request: AgencyRequest) -> HttpResponse:
    """Search what was answered, and see what became of one's own questions; htmx gets the answers.

    `?q=` are the words, `?state=` and `?page=` choose among the own questions. For removed agencies
    too: customer service is for everyone (S, docs/rules.md §5).
    """
    words = request.GET.get("q", "").replace("\x00", "")[:LONGEST_QUERY].strip()
    language = get_language() or ""
    if words:
        answers = search_articles(words, language)
    else:
        answers = [in_language(each, language) for each in published_articles()[:FOUND]]
    context: dict[str, Any] = {"words": words, "answers": answers}
    if request.htmx:  # type: ignore[attr-defined] # set by its middleware
        response = render(request, "portal/_help_answers.html", context)
    else:
        response = render(request, "portal/help.html", context | _own(request))
    patch_vary_headers(response, ["HX-Request"])
    return response


def _own(request: AgencyRequest) -> dict[str, Any]:
    state = request.GET.get("state", "")
    counts = counts_of(request.agency)
    state = state if state in QuestionState.values else ""
    own = Paginator(questions_of(request.agency, state), PER_PAGE)
    own.count = counts[state] if state else sum(counts.values())
    return {
        "state": state,
        "states": [each for each in QuestionState if counts[each]],
        "asked": sum(counts.values()),
        "page": own.get_page(request.GET.get("page")),
        "contacts": contacts_of(request.agency),
        "now": timezone.now(),
    }


@require_safe
@agency_required(open_to_removed=True)
def article(request: AgencyRequest, pk: int) -> HttpResponse:
    """An answer that every agency may read."""
    found = get_object_or_404(published_articles(), pk=pk)
    titles = clause_titles(timezone.now()) if found.clause else {}
    context = {
        "answer": in_language(found, get_language() or ""),
        "changed_at": found.changed_at,
        "clause_title": titles.get(found.clause, ""),
        "rules_url": rules_address(request),
    }
    return render(request, "portal/help_article.html", context)


def rules_address(request: AgencyRequest) -> str:
    """Where this person reads the rules: to whom the workplace is closed, the public page."""
    return reverse("public-rules" if closed(request) else "rules")

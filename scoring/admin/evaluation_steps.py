"""The two steps people take in the admin: ask for a month's evaluation, publish a computed one."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.validators import RegexValidator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods
from redis.exceptions import RedisError

from scoring.admin.gate import finding_sentence, gate_report
from scoring.enums import EvaluationState
from scoring.evaluation.actions import (
    EvaluationRefused,
    GateHeld,
    publish,
    request_evaluation,
)
from scoring.jobs import ring
from scoring.models import Evaluation
from scoring.months import first_day

if TYPE_CHECKING:
    from portal.models import User

_DETAIL = "admin:scoring_evaluation_change"


def may_ask(request: HttpRequest) -> bool:
    """Whether this person may ask for an evaluation."""
    return request.user.has_perm("scoring.add_evaluation")


def may_publish(request: HttpRequest) -> bool:
    """Whether this person may publish one."""
    return request.user.has_perm("scoring.publish_evaluation")


def person(request: HttpRequest) -> User:
    """Who asks; the site lets nobody in who is not signed in."""
    return cast("User", request.user)


class AskForm(forms.Form):
    """Which month, and why again where it was published before."""

    month = forms.CharField(
        label=_("Data month"),
        max_length=7,
        validators=[RegexValidator(r"^\d{4}-\d{2}$", _("Write the month as 2026-10."))],
        widget=forms.TextInput({"placeholder": "2026-10", "inputmode": "numeric"}),
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        required=False,
        help_text=_("Needed where the month is published: it becomes part of the new revision."),
    )

    def clean_month(self) -> date:
        try:
            return first_day(self.cleaned_data["month"])
        except ValueError:
            raise ValidationError(_("A year has the months 01 to 12.")) from None


@require_http_methods(["GET", "POST"])
def ask_view(request: HttpRequest, model_admin: Any) -> HttpResponse:
    """Ask for the evaluation of a month; a worker computes it."""
    if not may_ask(request):
        raise PermissionDenied
    form = AskForm(request.POST or None)
    if form.is_valid():
        try:
            asked = request_evaluation(
                month=form.cleaned_data["month"],
                at=timezone.now(),
                by=person(request),
                reason=form.cleaned_data["reason"],
            )
        except EvaluationRefused as refused:
            form.add_error(None, str(refused))
        else:
            _ring(request, asked)
            return redirect(_DETAIL, asked.pk)
    context = {"title": gettext("Ask for an evaluation"), "form": form}
    return _page(request, model_admin, "ask", context)


def _ring(request: HttpRequest, asked: Evaluation) -> None:
    """Call a worker where there is something to compute, and say what becomes of the request."""
    if asked.state not in (EvaluationState.REQUESTED, EvaluationState.RUNNING):
        sentence = gettext(
            "%(evaluation)s has the result already: nothing changed since. Give a reason to "
            "compute the month all the same."
        )
        messages.info(request, sentence % {"evaluation": asked})
        return
    try:
        ring(asked)
    except RedisError:
        sentence = gettext(
            "%(evaluation)s is asked for. The queue does not answer now; it is computed when the "
            "queue is back."
        )
        messages.warning(request, sentence % {"evaluation": asked})
    else:
        messages.success(request, gettext("%(evaluation)s is asked for.") % {"evaluation": asked})


@require_http_methods(["GET", "POST"])
def publish_view(request: HttpRequest, pk: int, model_admin: Any) -> HttpResponse:
    """Show what a publication would say, and publish it once confirmed.

    What is confirmed is the result that was shown: the form carries its digest.
    """
    if not may_publish(request):
        raise PermissionDenied
    evaluation = get_object_or_404(Evaluation.objects.select_related("rulebook"), pk=pk)
    if evaluation.state != EvaluationState.COMPUTED:
        _say_why_not(request, evaluation)
        return redirect(_DETAIL, pk)
    if request.method == "POST":
        return _publish(request, evaluation)
    context = {
        "title": gettext("Publish %(evaluation)s") % {"evaluation": evaluation},
        "evaluation": evaluation,
        "gate": gate_report(evaluation),
    }
    return _page(request, model_admin, "publish", context)


def _publish(request: HttpRequest, evaluation: Evaluation) -> HttpResponse:
    if request.POST.get("digest") != evaluation.result_digest:
        messages.error(
            request,
            gettext(
                "The result was computed again after this page was opened. Look at the new one, "
                "then confirm."
            ),
        )
        return redirect("admin:scoring_evaluation_publish", evaluation.pk)
    now = timezone.now()
    try:
        published = publish(evaluation_id=evaluation.pk, at=now, by=person(request))
    except GateHeld as held:
        messages.error(request, gettext("The gate holds the publication."))
        for finding in held.findings:
            messages.error(request, finding_sentence(finding))
    except EvaluationRefused as refused:
        messages.error(request, str(refused))
    else:
        if published.published_at == now:
            sentence = gettext("%(evaluation)s is published.")
            messages.success(request, sentence % {"evaluation": evaluation})
        else:
            _say_why_not(request, published)
    return redirect(_DETAIL, evaluation.pk)


def _say_why_not(request: HttpRequest, evaluation: Evaluation) -> None:
    if evaluation.state == EvaluationState.PUBLISHED:
        sentence = gettext("%(evaluation)s is already published.")
    elif evaluation.state == EvaluationState.SUPERSEDED:
        sentence = gettext("%(evaluation)s was replaced by a newer revision.")
    elif evaluation.state == EvaluationState.FAILED:
        sentence = gettext("%(evaluation)s failed: there is no result to publish.")
    else:
        sentence = gettext("%(evaluation)s is not computed yet.")
    messages.warning(request, sentence % {"evaluation": evaluation})


def _page(
    request: HttpRequest, model_admin: Any, name: str, context: dict[str, Any]
) -> TemplateResponse:
    site = model_admin.admin_site
    return TemplateResponse(
        request,
        f"admin/scoring/evaluation/{name}.html",
        {**site.each_context(request), "opts": model_admin.opts, **context},
    )

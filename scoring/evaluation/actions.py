"""Asking for an evaluation, and publishing one."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import structlog
from django.db import IntegrityError, models, transaction
from django.db.models import Max
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from agencies.enums import FileKind
from agencies.imports.frame import lock_imports
from agencies.models import Agency
from scoring.enums import Cause, EvaluationState
from scoring.evaluation.freeze import current_inputs
from scoring.evaluation.gate import describe, gate_report
from scoring.evaluation.results import drop_contributions
from scoring.evaluation.staleness import (
    cause_of,
    mark_month_after,
    marks_since_frozen,
    newest_mark,
    take_mark_off,
)
from scoring.evaluation.standing import write_standings
from scoring.evaluation.states import move
from scoring.models import Evaluation, EvaluationEvent, RulebookVersion
from scoring.models.evaluation import OPEN
from scoring.months import current_month, last_day
from scoring.signals import evaluation_published

if TYPE_CHECKING:
    from portal.models import User

# What the log says of a revision that gave the published result once more; pages put it in words.
UNCHANGED = "unchanged"
log = structlog.get_logger()


class EvaluationRefused(ValueError):
    """Why an evaluation cannot be asked for or published, as a sentence for the asker."""


class GateHeld(EvaluationRefused):
    """The sanity gate holds the publication; `findings` says why."""

    def __init__(self, findings: list[dict[str, object]]) -> None:
        self.findings = findings
        super().__init__(" ".join(describe(finding) for finding in findings))


def request_evaluation(
    *,
    month: date,
    at: datetime,
    by: User | None = None,
    reason: str = "",
    publish: bool = False,
    cause: Cause | None = None,
) -> Evaluation:
    """Ask for a month's evaluation; the row that will be computed, or that already answers.

    1. The month must be over, have an agency in scope and a rulebook in force.
    2. One that is already asked for or running is joined.
    3. One that is computed or published is returned as it is while its inputs are unchanged and
       no reason for another one is given; otherwise a new revision is asked for, which supersedes
       it (a published one when the new one is published). One that was marked and turns out to be
       unchanged bears no mark any more.
    4. The new one says why: by the `cause`, or by what changed since the result that agencies see
       and the one that is replaced were frozen (`staleness.cause_of`). A month's first one is
       routine. The `reason` is what a person wrote.

    Raises EvaluationRefused. Must be called outside a transaction (it compares snapshots).
    """
    _check_month(month, at)
    newest = (
        Evaluation.objects.of_month(month)
        .filter(state__in=[*OPEN, EvaluationState.PUBLISHED])
        .first()
    )
    if newest is not None and _still_answers(newest, reason):
        newest.refresh_from_db()
        if publish and newest.state in OPEN:
            Evaluation.objects.filter(pk=newest.pk).update(publish_when_computed=True)
            newest.refresh_from_db()
        return newest
    why = cause or _cause(month, newest)
    try:
        return _new_revision(month, newest, at=at, by=by, reason=reason, publish=publish, cause=why)
    except IntegrityError:  # somebody asked at the same moment: theirs is as good
        return Evaluation.objects.of_month(month).filter(state__in=OPEN).get()


def _check_month(month: date, at: datetime) -> None:
    if month >= current_month(at):
        raise EvaluationRefused(
            _(
                "%(month)s is not over yet: it can be evaluated from the first day of the next"
                " month on."
            )
            % {"month": date_format(month, "YEAR_MONTH_FORMAT")}
        )
    if not Agency.objects.in_scope(month, last_day(month)).exists():
        raise EvaluationRefused(
            _("No agency had joined by the end of %(month)s: import the agencies first.")
            % {"month": date_format(month, "YEAR_MONTH_FORMAT")}
        )
    try:
        RulebookVersion.objects.for_month(month)
    except RulebookVersion.DoesNotExist:
        raise EvaluationRefused(
            _("No rulebook is in force for %(month)s: put one in force first.")
            % {"month": date_format(month, "YEAR_MONTH_FORMAT")}
        ) from None


def _still_answers(evaluation: Evaluation, reason: str) -> bool:
    if evaluation.state in (EvaluationState.REQUESTED, EvaluationState.RUNNING):
        return True
    if reason:
        return False
    seen = newest_mark(evaluation)
    if current_inputs(evaluation.month).digest != evaluation.inputs_digest:
        return False
    take_mark_off(evaluation.pk, seen=seen)
    return True


def _cause(month: date, newest: Evaluation | None) -> Cause:
    """Why the month is computed again; ROUTINE where it is the first time."""
    if newest is None:
        return Cause.ROUTINE
    replaced = {newest, *Evaluation.objects.published().filter(month=month)}
    return cause_of(mark for each in replaced for mark in marks_since_frozen(each))


@transaction.atomic
def _new_revision(
    month: date,
    newest: Evaluation | None,
    *,
    at: datetime,
    by: User | None,
    reason: str,
    publish: bool,
    cause: Cause,
) -> Evaluation:
    list(_alive(month))  # who is just marking them has committed before this one reads
    if newest is not None and newest.state == EvaluationState.COMPUTED:
        supersede(newest, at=at, by=by, reason=reason)
    last = Evaluation.objects.filter(month=month).aggregate(last=Max("revision"))["last"] or 0
    evaluation = Evaluation.objects.create(
        month=month,
        revision=last + 1,
        cause=cause,
        reason=reason,
        publish_when_computed=publish,
        requested_at=at,
        requested_by=by,
    )
    EvaluationEvent.objects.create(
        evaluation=evaluation,
        to_state=EvaluationState.REQUESTED,
        at=at,
        actor=by,
        reason=reason,
    )
    return Evaluation.objects.get(pk=evaluation.pk)


def _alive(month: date) -> models.QuerySet[Evaluation]:
    """The open and published revisions of a month under their locks, in the order of marking."""
    alive = Evaluation.objects.filter(month=month, state__in=[*OPEN, EvaluationState.PUBLISHED])
    return alive.order_by("id").select_for_update()


def supersede(
    evaluation: Evaluation, *, at: datetime, by: User | None = None, reason: str = ""
) -> None:
    """Set a computed or published revision aside; its contributions go, its assessments stay."""
    if move(evaluation, "supersede", at=at, by=by, reason=reason):
        drop_contributions(evaluation)


@transaction.atomic
def set_aside_unchanged(*, evaluation_id: int, at: datetime) -> bool:
    """Set a revision aside that gives the published result once more; whether it was (D, §2).

    1. Only one that an appeal asked for by itself: what a person asked for waits for a person.
    2. Not where inputs changed since it was frozen, nor where places on boards are concerned,
       which a publication makes again.
    3. The published revision answers its marks from then on; nobody is told of anything.

    Locks the evaluations of the month.
    """
    month = Evaluation.objects.values_list("month", flat=True).get(pk=evaluation_id)
    found = {each.pk: each for each in _alive(month)}
    evaluation = found.pop(evaluation_id, None)
    published = next(iter(found.values()), None)
    if (
        evaluation is None
        or published is None
        or not came_by_itself(evaluation)
        or evaluation.state != EvaluationState.COMPUTED
        or evaluation.stale_since is not None
        or evaluation.result_digest != published.result_digest
        or any(mark.about.get("boards") for mark in marks_since_frozen(published))
    ):
        return False
    supersede(evaluation, at=at, reason=UNCHANGED)
    Evaluation.objects.filter(pk=published.pk).update(stale_since=None)
    return True


def came_by_itself(evaluation: Evaluation) -> bool:
    """Whether nobody asked for a correction: an appeal did."""
    asked = evaluation.requested_by_id is not None or evaluation.reason != ""
    return evaluation.cause == Cause.APPEAL and not asked


@transaction.atomic
def publish(
    *, evaluation_id: int, at: datetime, by: User | None = None, release_reason: str = ""
) -> Evaluation:
    """Publish a computed evaluation: levels on agencies, boards, news; all in one transaction.

    1. One publication at a time, and imports that lock agencies are kept out: they mark
       evaluations afterwards, and two orders would be a deadlock. Then the month's rows are locked;
       one that is published already is left alone.
    2. The gate is asked again; what it holds needs a `release_reason`, which is recorded.
    3. An earlier published revision of the month is superseded.
    4. Agencies get stage, level and binding rules of the newest published month.
    5. The month after is marked where it holds a level by what is another level now.

    Raises EvaluationRefused, or GateHeld with the findings.
    """
    evaluation = _alone(evaluation_id)
    if evaluation.state == EvaluationState.PUBLISHED:
        return evaluation
    gate = _passed(evaluation, release_reason)
    for earlier in Evaluation.objects.published().filter(month=evaluation.month):
        supersede(earlier, at=at, by=by, reason=evaluation.reason)
    published = move(
        evaluation,
        "publish",
        at=at,
        by=by,
        reason=release_reason,
        gate=gate,
        published_at=at,
        published_by=by,
        release_reason=release_reason if not gate["passed"] else "",
    )
    if not published:
        raise EvaluationRefused(
            _("%(evaluation)s was changed by somebody else: look again.")
            % {"evaluation": evaluation}
        )
    write_standings()
    mark_month_after(evaluation, at=at)
    evaluation_published.send(sender=Evaluation, evaluation=evaluation, at=at)
    return evaluation


def _alone(evaluation_id: int) -> Evaluation:
    """The evaluation, with everything locked that its publication changes or must not change."""
    lock_imports(FileKind.VIOLATIONS)
    lock_imports(FileKind.AGENCIES)
    # conduct locks agencies, then the months that it marks; so does this
    list(Agency.objects.select_for_update(no_key=True).order_by("id").values_list("id"))
    # all of the month in the order of marking, which for imports of facts locks no agencies
    list(_alive(Evaluation.objects.values_list("month", flat=True).get(pk=evaluation_id)))
    return Evaluation.objects.select_for_update().get(pk=evaluation_id)


def _passed(evaluation: Evaluation, release_reason: str) -> dict[str, Any]:
    """The gate's report on an evaluation that may be published; raises EvaluationRefused."""
    if evaluation.state != EvaluationState.COMPUTED:
        raise EvaluationRefused(
            _("%(evaluation)s is “%(state)s”: only a computed evaluation can be published.")
            % {"evaluation": evaluation, "state": evaluation.get_state_display()}
        )
    gate = gate_report(evaluation)
    if not gate["passed"] and not release_reason:
        raise GateHeld(gate["findings"])
    return gate


def publish_if_sound(*, evaluation_id: int, at: datetime) -> bool:
    """Publish unless the gate holds it or an earlier month is on its way; whether it is now.

    1. Boards and growth look back at the month before, so months are published in their order.
    2. What gives the published result once more is set aside instead.
    3. What is out of date already is left to `scoring.due`, which asks for it again: nobody is told
       of a result that the next minute corrects.
    """
    if set_aside_unchanged(evaluation_id=evaluation_id, at=at):
        return False
    evaluation = Evaluation.objects.get(pk=evaluation_id)
    if evaluation.stale_since is not None:
        return False
    if Evaluation.objects.filter(
        month__lt=evaluation.month,
        publish_when_computed=True,
        state__in=[EvaluationState.REQUESTED, EvaluationState.RUNNING],
    ).exists():
        return False
    try:
        publish(evaluation_id=evaluation_id, at=at)
    except GateHeld as held:
        log.warning("evaluation_held", evaluation=evaluation_id, findings=held.findings)
        return False
    return True

"""Releasing what the gate holds: one person proposes, another confirms (D, docs/rules.md §2)."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from agencies.refusals import Refused
from scoring.enums import EvaluationState, ReleaseState
from scoring.evaluation.actions import EvaluationRefused, publish
from scoring.evaluation.gate import findings_mark, gate_report
from scoring.models import Evaluation, GateRelease

if TYPE_CHECKING:
    from portal.models import User


@transaction.atomic
def propose_release(*, evaluation_id: int, reason: str, at: datetime, by: User) -> GateRelease:
    """Propose to publish what the gate holds, with a reason; another person confirms it.

    1. The evaluation must be computed, and the gate, asked again, must hold it.
    2. One proposal at a time; it is for the very result that stands now.

    Locks the evaluation. Raises Refused.
    """
    evaluation = Evaluation.objects.select_for_update().get(pk=evaluation_id)
    if evaluation.state != EvaluationState.COMPUTED:
        raise _not_computed(evaluation)
    if not reason.strip():
        raise Refused(_("A release needs its reason."), rule="reason")
    waiting = (
        evaluation.releases.filter(state=ReleaseState.PROPOSED)
        .select_related("proposed_by")
        .first()
    )
    if waiting is not None:
        raise Refused(
            _("%(person)s has proposed a release already: decide on that one first.")
            % {"person": waiting.proposed_by},
            rule="proposed",
        )
    if gate_report(evaluation)["passed"]:
        raise _not_held(evaluation)
    return GateRelease.objects.create(
        evaluation=evaluation,
        result_digest=evaluation.result_digest,
        reason=reason.strip(),
        proposed_by=by,
        proposed_at=at,
    )


@transaction.atomic
def confirm_release(*, release_id: int, seen: str, at: datetime, by: User) -> Evaluation:
    """Publish what another person proposed to release, with that person's reason.

    1. Who proposed it may not confirm it.
    2. The evaluation must still be computed, held, and have the result that was proposed.
    3. The gate, asked again, must find what this person has seen: `seen` is its `findings_mark`.

    Locks the proposal, then what a publication locks. Raises Refused.
    """
    release = _open(release_id)
    if release.proposed_by_id == by.pk:
        raise Refused(
            _("You proposed this release: another person must confirm it."), rule="two_people"
        )
    evaluation = release.evaluation
    if evaluation.state != EvaluationState.COMPUTED:
        raise _not_computed(evaluation)
    try:
        published = publish(
            evaluation_id=evaluation.pk, at=at, by=by, release_reason=release.reason
        )
    except EvaluationRefused as refused:
        raise Refused(str(refused), rule="publication") from None
    if published.gate["passed"]:
        raise _not_held(evaluation)
    if published.result_digest != release.result_digest or published.published_at != at:
        raise Refused(
            _("The result is not the one that was proposed: look at it, then propose it anew."),
            rule="result",
        )
    if findings_mark(published.gate) != seen:
        raise Refused(
            _("The gate finds something else than this page showed: look again, then confirm."),
            rule="findings",
        )
    _decide(release, ReleaseState.CONFIRMED, at=at, by=by)
    return published


@transaction.atomic
def decline_release(*, release_id: int, note: str, at: datetime, by: User) -> GateRelease:
    """Say no to somebody's proposal, in words; the evaluation stays as it is.

    Who proposed it withdraws it instead. Locks the proposal. Raises Refused.
    """
    release = _open(release_id)
    if release.proposed_by_id == by.pk:
        raise Refused(_("You proposed this release: you can withdraw it."), rule="two_people")
    if not note.strip():
        raise Refused(_("Say why the release is declined."), rule="reason")
    return _decide(release, ReleaseState.DECLINED, at=at, by=by, note=note.strip())


@transaction.atomic
def withdraw_release(*, release_id: int, at: datetime, by: User) -> GateRelease:
    """Take one's own proposal back. Locks the proposal. Raises Refused."""
    release = _open(release_id)
    if release.proposed_by_id != by.pk:
        raise Refused(
            _("Only %(person)s can withdraw this proposal.") % {"person": release.proposed_by},
            rule="own",
        )
    return _decide(release, ReleaseState.WITHDRAWN, at=at, by=by)


def _open(release_id: int) -> GateRelease:
    """The proposal, locked; Refused where somebody has decided on it."""
    release = (
        GateRelease.objects.select_for_update(of=("self",))
        .select_related("evaluation", "proposed_by", "decided_by")
        .get(pk=release_id)
    )
    if release.state != ReleaseState.PROPOSED:
        raise Refused(
            _("%(person)s has decided on this proposal already: it is “%(state)s”.")
            % {"person": release.decided_by, "state": release.get_state_display()},
            rule="decided",
        )
    return release


def _decide(
    release: GateRelease, state: ReleaseState, *, at: datetime, by: User, note: str = ""
) -> GateRelease:
    release.state, release.decided_at, release.decided_by, release.note = state, at, by, note
    release.save(update_fields=["state", "decided_at", "decided_by", "note"])
    return release


def _not_computed(evaluation: Evaluation) -> Refused:
    return Refused(
        _("%(evaluation)s is “%(state)s”: only a computed revision can be released.")
        % {"evaluation": evaluation, "state": evaluation.get_state_display()},
        rule="state",
    )


def _not_held(evaluation: Evaluation) -> Refused:
    return Refused(
        _("The gate does not hold %(evaluation)s: publish it without a release.")
        % {"evaluation": evaluation},
        rule="not_held",
    )

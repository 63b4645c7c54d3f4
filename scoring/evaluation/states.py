"""The states of an evaluation and the only way between them."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction

from scoring.enums import EvaluationState as S
from scoring.models import Evaluation, EvaluationEvent

if TYPE_CHECKING:
    from portal.models import User

TRANSITIONS: dict[str, set[tuple[str, str]]] = {
    "claim": {(S.REQUESTED, S.RUNNING)},
    "take_over": {(S.RUNNING, S.RUNNING)},
    "complete": {(S.RUNNING, S.COMPUTED)},
    "retry": {(S.RUNNING, S.REQUESTED)},
    "fail": {(S.RUNNING, S.FAILED)},
    "publish": {(S.COMPUTED, S.PUBLISHED)},
    "supersede": {(S.COMPUTED, S.SUPERSEDED), (S.PUBLISHED, S.SUPERSEDED)},
}


@transaction.atomic
def move(
    evaluation: Evaluation,
    transition: str,
    *,
    at: datetime,
    by: User | None = None,
    reason: str = "",
    **changes: Any,
) -> bool:
    """Make a transition by compare-and-swap; False when somebody else was faster.

    1. The row must still be in the state and at the attempt that `evaluation` was read with.
    2. `changes` are written in the same statement; the transition is logged in the same
       transaction; on success `evaluation` is refreshed.
    """
    from_state = evaluation.state
    (to_state,) = {to for frm, to in TRANSITIONS[transition] if frm == from_state}
    moved = Evaluation.objects.filter(
        pk=evaluation.pk, state=from_state, attempt=evaluation.attempt
    ).update(state=to_state, **changes)
    if not moved:
        return False
    evaluation.refresh_from_db()
    EvaluationEvent.objects.create(
        evaluation=evaluation,
        from_state=from_state,
        to_state=to_state,
        attempt=evaluation.attempt,
        at=at,
        actor=by,
        reason=reason[:500],
    )
    return True

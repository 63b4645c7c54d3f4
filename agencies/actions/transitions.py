"""The states of conduct and the only ways between them, each step written down."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import models, transaction

from agencies.enums import BindingRequestState as R
from agencies.enums import News, NoticeState, PenaltyState, Subject, ViolationState
from agencies.enums import UnbindingState as U
from agencies.models import (
    Agency,
    BindingRequest,
    ConductEvent,
    Creator,
    Penalty,
    PublicNotice,
    Unbinding,
    Violation,
)
from agencies.signals import agency_news

if TYPE_CHECKING:
    from portal.models import User

V, P = ViolationState, PenaltyState

TRANSITIONS: dict[type[models.Model], dict[str, frozenset[tuple[str, str]]]] = {
    Violation: {
        "issue": frozenset({(V.DRAFT, V.ISSUED)}),
        "appeal": frozenset({(V.ISSUED, V.APPEALED)}),
        "uphold": frozenset({(V.APPEALED, V.UPHELD)}),
        "revoke": frozenset({(V.ISSUED, V.REVOKED), (V.APPEALED, V.REVOKED)}),
    },
    Penalty: {
        "impose": frozenset({(P.PLANNED, P.ACTIVE)}),
        "propose": frozenset({(P.PLANNED, P.PROPOSED)}),
        "confirm": frozenset({(P.PROPOSED, P.ACTIVE)}),
        "decline": frozenset({(P.PROPOSED, P.DECLINED)}),
        "expire": frozenset({(P.ACTIVE, P.EXPIRED)}),
        "lift": frozenset({(P.PROPOSED, P.LIFTED), (P.ACTIVE, P.LIFTED), (P.EXPIRED, P.LIFTED)}),
    },
    BindingRequest: {
        "confirm": frozenset({(R.ASKED, R.CONFIRMED)}),
        "decline": frozenset({(R.ASKED, R.DECLINED)}),
        "expire": frozenset({(R.ASKED, R.EXPIRED)}),
        "withdraw": frozenset({(R.ASKED, R.WITHDRAWN)}),
    },
    Unbinding: {
        "agree": frozenset({(U.ASKED, U.ENDED), (U.OBJECTED, U.ENDED), (U.CALLED_IN, U.ENDED)}),
        "fall_silent": frozenset({(U.ASKED, U.ENDED)}),
        "object": frozenset({(U.ASKED, U.OBJECTED)}),
        "call_in": frozenset({(U.OBJECTED, U.CALLED_IN)}),
        "end": frozenset({(U.CALLED_IN, U.ENDED)}),
        "keep": frozenset({(U.CALLED_IN, U.KEPT)}),
        "withdraw": frozenset({(U.ASKED, U.WITHDRAWN), (U.OBJECTED, U.WITHDRAWN)}),
        # the binding ended otherwise: by a transfer, an import, a removal
        "lapse": frozenset({(U.ASKED, U.ENDED), (U.OBJECTED, U.ENDED), (U.CALLED_IN, U.ENDED)}),
    },
    PublicNotice: {"publish": frozenset({(NoticeState.DRAFT, NoticeState.PUBLISHED)})},
}
SUBJECTS = {
    Violation: Subject.VIOLATION,
    Penalty: Subject.PENALTY,
    BindingRequest: Subject.BINDING_REQUEST,
    Unbinding: Subject.UNBINDING,
    PublicNotice: Subject.NOTICE,
}


@transaction.atomic
def move(
    row: Any,
    transition: str,
    *,
    agency_id: int | None,
    at: datetime,
    by: User | None = None,
    reason: str = "",
    about: dict[str, Any] | None = None,
    creator: Creator | None = None,
    **changes: Any,
) -> bool:
    """Make a transition by compare-and-swap; False when the row is not in a state for it.

    1. `changes` are written in the same statement; the step is logged in the same transaction,
       unless it concerns no agency (`agency_id` None).
    2. On success `row` is refreshed. `row.state` must be as it was read: whoever was slower gets
       False, also where the transition does not start from that state.
    """
    model = type(row)
    from_state = row.state
    to_state = dict(TRANSITIONS[model][transition]).get(from_state)
    if to_state is None:
        return False
    moved = model._default_manager.filter(pk=row.pk, state=from_state).update(
        state=to_state, **changes
    )
    if not moved:
        return False
    row.refresh_from_db()
    if agency_id is not None:
        record(
            SUBJECTS[model],
            row.pk,
            transition,
            agency_id=agency_id,
            at=at,
            by=by,
            reason=reason,
            about=about,
            creator=creator,
            from_state=from_state,
            to_state=to_state,
        )
    return True


def record(
    subject: Subject,
    subject_id: int,
    verb: str,
    *,
    agency_id: int,
    at: datetime,
    by: User | None = None,
    reason: str = "",
    about: dict[str, Any] | None = None,
    creator: Creator | None = None,
    from_state: str = "",
    to_state: str = "",
) -> None:
    """Write one line of the conduct log."""
    ConductEvent.objects.create(
        subject=subject,
        subject_id=subject_id,
        verb=verb,
        agency_id=agency_id,
        creator=creator,
        from_state=from_state,
        to_state=to_state,
        reason=reason[:2000],
        about=about or {},
        actor=by,
        at=at,
    )


def tell(agency_id: int, news: News, *, at: datetime, **about: Any) -> None:
    """Let the agency know; `about` holds plain values for the sentence (see `agency_news`)."""
    agency_news.send(sender=Agency, agency_id=agency_id, news=news, about=about, at=at)

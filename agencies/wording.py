"""What the steps of conduct are called."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

if TYPE_CHECKING:
    from agencies.models import ConductEvent

STEP_NAMES: Final = {
    "draft": pgettext_lazy("step of a case", "drafted"),
    "amend": pgettext_lazy("step of a case", "draft changed"),
    "discard": pgettext_lazy("step of a case", "draft discarded"),
    "issue": pgettext_lazy("step of a case", "issued"),
    "appeal": pgettext_lazy("step of a case", "appealed"),
    "uphold": pgettext_lazy("step of a case", "upheld"),
    "revoke": pgettext_lazy("step of a case", "revoked"),
    "group": pgettext_lazy("step of a case", "joined to an incident"),
    "add_evidence": pgettext_lazy("step of a case", "evidence added"),
    "remove_evidence": pgettext_lazy("step of a case", "evidence removed"),
    "impose": pgettext_lazy("step of a case", "put in force"),
    "propose": pgettext_lazy("step of a case", "proposed"),
    "confirm": pgettext_lazy("step of a case", "confirmed"),
    "decline": pgettext_lazy("step of a case", "not confirmed"),
    "expire": pgettext_lazy("step of a case", "expired"),
    "lift": pgettext_lazy("step of a case", "lifted"),
    "file": pgettext_lazy("step of a case", "filed"),
    "decide": pgettext_lazy("step of a case", "decided"),
    "award": pgettext_lazy("step of a case", "awarded"),
}
NOBODY: Final = gettext_lazy("fell due by itself")


@dataclass(frozen=True)
class Step:
    """One step as people read it: when, who, what, and the reason where one was given."""

    at: datetime
    who: str
    what: str
    reason: str


def told_steps(events: Iterable[ConductEvent]) -> list[Step]:
    """Steps of a case in the reader's language, in the order given."""
    return [
        Step(
            at=event.at,
            who=str(event.actor or NOBODY),
            what=_("%(subject)s: %(step)s")
            % {
                "subject": event.get_subject_display(),
                "step": STEP_NAMES.get(event.verb, event.verb),
            },
            reason=event.reason,
        )
        for event in events
    ]

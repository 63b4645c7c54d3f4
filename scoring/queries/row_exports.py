"""What a member reads about the file of rows behind a score."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from agencies.models import Agency
from scoring.enums import EvaluationState, ExportState
from scoring.models import Evaluation, RowExport
from scoring.months import first_day

# What `RowExport.error` says where the reason is known; anything else is for the operators.
REPLACED: Final = "replaced"
NO_ROOM: Final = "no room"

_SENTENCES: Final[dict[str, Promise]] = {
    REPLACED: _(
        "A newer revision of this month was published while the file was being made. Ask for the"
        " rows of the new one."
    ),
    NO_ROOM: _(
        "The platform's disk has no room for the file at the moment. Ask again later; the"
        " platform's operators can see it too."
    ),
}
_NOT_MADE: Final = _(
    "The file could not be made, although it was tried several times. Nothing of the score has"
    " changed. Ask again; the platform's operators can see what went wrong."
)


@dataclass(frozen=True)
class RowsState:
    """Where a file of rows stands; `export` is None where none was asked for.

    `state` is "none" or one of `ExportState`; `retried` says that a first try failed.
    """

    month: date
    export: RowExport | None
    state: str

    @property
    def pending(self) -> bool:
        return self.state in (ExportState.ASKED, ExportState.RUNNING)

    @property
    def retried(self) -> bool:
        return self.pending and self.export is not None and self.export.error != ""

    @property
    def mark(self) -> str:
        """Changes whenever there is something new to say."""
        return f"{self.state}-{self.export.attempt if self.export else 0}"

    @property
    def sentence(self) -> Promise:
        """Why there is no file, and what to do, after a failure."""
        return _SENTENCES.get(self.export.error if self.export else "", _NOT_MADE)


def rows_state(agency: Agency, evaluation: Evaluation, *, now: datetime) -> RowsState:
    """The newest request for the rows of an evaluation; one query.

    A file over its time counts as expired before reconcile has seen it.
    """
    export = RowExport.objects.filter(agency=agency, evaluation=evaluation).order_by("-id").first()
    if export is None:
        return RowsState(evaluation.month, None, "none")
    over = export.expires_at is not None and export.expires_at <= now
    state = ExportState.EXPIRED if export.state == ExportState.READY and over else export.state
    return RowsState(evaluation.month, export, state)


def scored_evaluation(agency: Agency, month_text: str) -> Evaluation | None:
    """The published evaluation of that month (YYYY-MM) if the agency has a score in it."""
    try:
        month = first_day(month_text)
    except ValueError:
        return None
    return Evaluation.objects.filter(
        month=month,
        state=EvaluationState.PUBLISHED,
        assessments__agency=agency,
        assessments__total__isnull=False,
    ).first()

"""What an agency saw of its months: the revisions that were published once, and corrections."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from agencies.enums import Stage
from agencies.models import Agency
from scoring.enums import Cause, EvaluationState
from scoring.models import Assessment
from scoring.queries.months import NoSuchMonth, pick_month


@dataclass(frozen=True)
class Seen:
    """A revision of a month that was published once, with the agency's result in short.

    `current` is the one that counts; `total` is None for a novice, `level` empty without one.
    """

    month: date
    revision: int
    cause: str
    published_at: datetime
    current: bool
    stage: str
    level: str
    total: Decimal | None

    @classmethod
    def of(cls, assessment: Assessment) -> Seen:
        """An assessment that brings its evaluation, published once, along."""
        evaluation = assessment.evaluation
        if evaluation.published_at is None:
            raise ValueError(f"{evaluation} was never published.")
        return cls(
            month=evaluation.month,
            revision=evaluation.revision,
            cause=evaluation.cause,
            published_at=evaluation.published_at,
            current=evaluation.state == EvaluationState.PUBLISHED,
            stage=assessment.stage,
            level=assessment.level,
            total=assessment.total,
        )

    @property
    def label(self) -> str | Promise:
        """The level, or the stage where there is none."""
        return self.level or Stage(self.stage).label

    @property
    def why(self) -> str | Promise:
        """Why it was computed, for agencies; "" where that is nothing to tell."""
        return "" if self.cause == Cause.ROUTINE else Cause(self.cause).label


@dataclass(frozen=True)
class Correction:
    """What a page says of a month with more than one published revision.

    `shown` is the one on the page, `newest` the one that counts. `before` was seen before the
    shown one, `after` replaced it; None at either end. `others` are all but the shown one, the
    newest first.
    """

    shown: Seen
    newest: Seen
    before: Seen | None
    after: Seen | None
    others: tuple[Seen, ...]

    @property
    def old(self) -> bool:
        """Whether the shown one counts no more."""
        return self.after is not None

    @property
    def same(self) -> bool:
        """Whether stage, level and total are those of the revision before."""
        earlier, now = self.before, self.shown
        return earlier is not None and (earlier.stage, earlier.level, earlier.total) == (
            now.stage,
            now.level,
            now.total,
        )


@dataclass(frozen=True)
class Chosen:
    """The revision that a page shows, and the months it offers, the newest first.

    `corrected` are those of the months that were corrected; `correction` is None where the shown
    month was not.
    """

    shown: Seen
    months: tuple[date, ...]
    corrected: tuple[date, ...]
    correction: Correction | None


def seen_by(agency: Agency) -> tuple[Seen, ...]:
    """Every revision that the agency saw a result in, the newest month and revision first.

    One query. Revisions that were computed and never published are nobody's to see.
    """
    rows = (
        Assessment.objects.filter(agency=agency, evaluation__published_at__isnull=False)
        .order_by("-evaluation__month", "-evaluation__revision")
        .values_list(
            "evaluation__month",
            "evaluation__revision",
            "evaluation__cause",
            "evaluation__published_at",
            "evaluation__state",
            "stage",
            "level",
            "total",
        )
    )
    return tuple(
        Seen(month, revision, cause, at, state == EvaluationState.PUBLISHED, stage, level, total)
        for month, revision, cause, at, state, stage, level, total in rows
        if at is not None
    )


def choose(seen: Sequence[Seen], month_text: str, revision_text: str = "") -> Chosen | None:
    """The revision that `?month=` and `?revision=` ask for; None without any result.

    1. Without a month the newest one, without a revision the one that counts.
    2. Months are those with a result that counts.

    Raises NoSuchMonth where the agency saw no such month or revision.
    """
    months = [each.month for each in seen if each.current]
    if not months:
        return None
    month = pick_month(month_text, months)
    revisions = [each for each in seen if each.month == month]
    shown = _pick(revisions, revision_text)
    return Chosen(
        shown=shown,
        months=tuple(months),
        corrected=corrected_months(seen),
        correction=correction_of(revisions, shown),
    )


def corrected_months(seen: Iterable[Seen]) -> tuple[date, ...]:
    """The months whose result that counts replaced one that was published before."""
    replaced = {each.month for each in seen if not each.current}
    return tuple(each.month for each in seen if each.current and each.month in replaced)


def correction_of(revisions: Sequence[Seen], shown: Seen) -> Correction | None:
    """What is to say of one of a month's revisions, the newest first; None of the only one."""
    if len(revisions) < 2:
        return None
    at = revisions.index(shown)
    return Correction(
        shown=shown,
        newest=revisions[0],
        before=revisions[at + 1] if at + 1 < len(revisions) else None,
        after=revisions[at - 1] if at else None,
        others=tuple(each for each in revisions if each != shown),
    )


def _pick(revisions: Sequence[Seen], text: str) -> Seen:
    """The revision of that number; the one that counts where none is asked for."""
    for each in revisions:
        if each.current if not text else str(each.revision) == text:
            return each
    raise NoSuchMonth(
        _("This month has no published revision “%(revision)s” with a result of yours.")
        % {"revision": text[:20]}
    )

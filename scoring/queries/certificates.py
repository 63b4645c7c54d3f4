"""Which certificate an agency has, and what anybody may learn of one by its code."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from typing import Final

from django.db.models import Min, OuterRef, Subquery
from django.utils import timezone

from agencies.enums import Stage
from agencies.models import Agency, Title
from agencies.queries.titles import titles_borne
from scoring.models import Assessment, Certificate, Evaluation
from scoring.months import next_month, publication_due

# Crockford's base 32: no I, L, O, U, so that nothing is mistaken when it is read out.
ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_LENGTH: Final = 16
GROUP: Final = 4
_LOOKALIKES: Final = str.maketrans("OIL", "011")
_LONGEST_INPUT: Final = 100


class Reason(Enum):
    """Why a certificate proves nothing any more."""

    NEWER_MONTH = "newer_month"
    CORRECTED = "corrected"
    LEFT = "left"


@dataclass(frozen=True)
class Ending:
    """A reason and the platform day from which it holds."""

    reason: Reason
    on: date


@dataclass(frozen=True)
class Checked:
    """A certificate that exists, and whether it still holds.

    `due_at` is when the next month's result is due, which ends it; `overdue` says that this time
    has passed without a publication: until that comes, the certificate holds.
    """

    certificate: Certificate
    due_at: datetime
    overdue: bool
    endings: tuple[Ending, ...]

    @property
    def valid(self) -> bool:
        return not self.endings

    @property
    def since(self) -> date | None:
        """The day on which it ended; None while it is valid."""
        return min((each.on for each in self.endings), default=None)


class Obstacle(Enum):
    """Why there is no certificate to be had."""

    NO_RESULT = "no_result"
    NOT_IN_RESULT = "not_in_result"
    NOVICE = "novice"
    OBSERVATION = "observation"


@dataclass(frozen=True)
class OwnCertificate:
    """The certificate of an agency for the newest published month, or why there is none.

    Without a certificate and without an obstacle, an owner may issue it.
    """

    evaluation: Evaluation | None
    level: str
    obstacle: Obstacle | None
    checked: Checked | None
    titles: tuple[Title, ...]


def grouped(code: str) -> str:
    """A code as people read it: XXXX-XXXX-XXXX-XXXX."""
    return "-".join(code[start : start + GROUP] for start in range(0, len(code), GROUP))


def read_code(text: str) -> str | None:
    """The code that somebody typed; None for what cannot be one.

    Small letters, blanks and dashes do not matter; O is read as 0, I and L as 1.
    """
    if len(text) > _LONGEST_INPUT:
        return None
    code = re.sub(r"[\s‐-―−-]", "", text).upper().translate(_LOOKALIKES)
    known = len(code) == CODE_LENGTH and all(each in ALPHABET for each in code)
    return code if known else None


def checked_certificate(text: str, *, now: datetime) -> Checked | None:
    """The certificate of a code with its validity; None for an unknown or malformed code.

    At most three queries. D, docs/rules.md §5.
    """
    code = read_code(text)
    if code is None:
        return None
    found = Certificate.objects.select_related("agency", "evaluation").filter(code=code).first()
    return None if found is None else _checked(found, now)


def own_certificate(agency: Agency, *, now: datetime) -> OwnCertificate:
    """The agency's certificate for the newest published month, and what stands on it.

    1. It is the newest one of that month that still holds: one issued before a correction that
       left the level as it was still does.
    2. Titles are none while honours are cancelled (S, docs/rules.md §5).

    At most seven queries.
    """
    newest = newest_evaluation()
    if newest is None:
        return OwnCertificate(None, "", Obstacle.NO_RESULT, None, ())
    result = Assessment.objects.filter(evaluation=newest, agency=agency).only("stage", "level")
    assessment = result.first()
    if assessment is None or assessment.stage != Stage.ASSESSED:
        return OwnCertificate(newest, "", obstacle_of(assessment), None, ())
    certificate = (
        Certificate.objects.filter(
            agency=agency, evaluation__month=newest.month, level=assessment.level
        )
        .select_related("agency", "evaluation")
        .order_by("-id")
        .first()
    )
    return OwnCertificate(
        evaluation=newest,
        level=assessment.level,
        obstacle=None,
        checked=_checked(certificate, now) if certificate else None,
        titles=tuple(titles_borne(agency, today=timezone.localdate(now))),
    )


def newest_evaluation() -> Evaluation | None:
    """The published evaluation of the newest month."""
    return Evaluation.objects.published().order_by("-month").first()


def obstacle_of(assessment: Assessment | None) -> Obstacle:
    """Why a result without a level, or no result, gives no certificate."""
    if assessment is None:
        return Obstacle.NOT_IN_RESULT
    return Obstacle.NOVICE if assessment.stage == Stage.NOVICE else Obstacle.OBSERVATION


def _checked(certificate: Certificate, now: datetime) -> Checked:
    due_at = publication_due(next_month(certificate.evaluation.month))
    return Checked(certificate, due_at, now >= due_at, _endings(certificate, now))


def _endings(certificate: Certificate, now: datetime) -> tuple[Ending, ...]:
    """Everything that ended the certificate, the earliest first.

    1. A result of a later month was published, whether or not it was corrected since.
    2. The month was corrected, and the result that now counts has another level or none.
    3. The agency left the platform.
    """
    found = []
    month = certificate.evaluation.month
    later = Evaluation.objects.filter(month__gt=month).aggregate(first=Min("published_at"))
    if later["first"] is not None:
        found.append(Ending(Reason.NEWER_MONTH, timezone.localdate(later["first"])))
    corrected = _corrected_at(certificate)
    if corrected is not None:
        found.append(Ending(Reason.CORRECTED, timezone.localdate(corrected)))
    left = certificate.agency.removed_on
    if left is not None and left <= timezone.localdate(now):
        found.append(Ending(Reason.LEFT, left))
    return tuple(sorted(found, key=lambda each: each.on))


def _corrected_at(certificate: Certificate) -> datetime | None:
    """Since when the month's published result has had another level without a break."""
    level = Assessment.objects.filter(
        evaluation=OuterRef("pk"), agency=certificate.agency_id
    ).values("level")
    revisions = (
        Evaluation.objects.filter(
            month=certificate.evaluation.month,
            revision__gt=certificate.evaluation.revision,
            published_at__isnull=False,
        )
        .annotate(level=Subquery(level))
        .order_by("-revision")
        .values_list("level", "published_at")
    )
    since = None
    for found, published_at in revisions:
        if found == certificate.level:
            break
        since = published_at
    return since

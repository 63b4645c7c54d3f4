"""Issuing an agency's certificate (D, docs/rules.md §5)."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import TYPE_CHECKING, Final

from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agencies.enums import Role, Stage
from agencies.models import Agency, Membership
from agencies.refusals import Refused
from scoring.models import Assessment, Certificate
from scoring.queries.certificates import (
    ALPHABET,
    CODE_LENGTH,
    Obstacle,
    newest_evaluation,
    obstacle_of,
)

if TYPE_CHECKING:
    from portal.models import User

OBSTACLES: Final[dict[Obstacle, Promise]] = {
    Obstacle.NO_RESULT: gettext_lazy(
        "No result has been published yet: a certificate can be issued once there is one."
    ),
    Obstacle.NOT_IN_RESULT: gettext_lazy(
        "The newest published month has no result of this agency: a certificate can be issued with"
        " its first level."
    ),
    Obstacle.NOVICE: gettext_lazy(
        "The agency is in the novice stage and has no level to certify yet. Home says when its"
        " first result is due."
    ),
    Obstacle.OBSERVATION: gettext_lazy(
        "The agency is in the observation stage and has no level to certify. Home says which floor"
        " is missed."
    ),
}


@transaction.atomic
def issue_certificate(*, agency: Agency, at: datetime, by: User) -> Certificate:
    """The certificate of the agency's level in the newest published month (D, docs/rules.md §5).

    1. An owner of the agency issues it; asked again for the same result, it is the same one.
    2. There is none without a level in that month, and none for a removed agency.
    3. It keeps name and level as they are now; its code has 80 random bits.

    Locks the agency, so that neither a publication nor a removal comes between. Raises Refused with
    "owner", "removed" or the obstacle's value.
    """
    agency = Agency.objects.select_for_update(no_key=True).get(pk=agency.pk)
    if not Membership.objects.filter(agency=agency, user=by, role=Role.OWNER).exists():
        raise Refused(_("Only an owner of the agency issues its certificate."), rule="owner")
    if left := agency.left_by(timezone.localdate(at)):
        raise Refused(
            _("The agency left the platform on %(day)s: there is no level to certify.")
            % {"day": date_format(left)},
            rule="removed",
        )
    assessment = _levelled(agency)
    certificate, _created = Certificate.objects.get_or_create(
        agency=agency,
        evaluation=assessment.evaluation,
        defaults={
            "code": "".join(secrets.choice(ALPHABET) for _place in range(CODE_LENGTH)),
            "name": agency.name,
            "level": assessment.level,
            "issued_at": at,
            "issued_by": by,
        },
    )
    return certificate


def _levelled(agency: Agency) -> Assessment:
    """The agency's result of the newest published month, which has a level; raises Refused."""
    newest = newest_evaluation()
    if newest is None:
        obstacle = Obstacle.NO_RESULT
    else:
        found = Assessment.objects.filter(evaluation=newest, agency=agency)
        assessment = found.select_related("evaluation").first()
        if assessment is not None and assessment.stage == Stage.ASSESSED:
            return assessment
        obstacle = obstacle_of(assessment)
    raise Refused(str(OBSTACLES[obstacle]), rule=obstacle.value)

"""Lifting a balance: awards by people, and the way back that time gives."""

from __future__ import annotations

from datetime import date, datetime

from django.db import connection, transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from agencies.credit_rules import balance_on, next_restore, room
from agencies.enums import EntryKind
from agencies.ledger.append import append, lock
from agencies.ledger.limits import caps
from agencies.ledger.lines import lines_by_agency, lines_of
from agencies.models import Agency, CreditEntry
from agencies.policy import conduct_policy
from agencies.refusals import Refused

# Whose last deduction and last restore are long enough ago, and who has points to get back.
# Removed agencies and those at the cap are left out: they would be asked about every minute.
DUE = """
WITH cut AS (
    SELECT adjusts_id, sum(points) AS points FROM agencies_creditentry
    WHERE adjusts_id IS NOT NULL GROUP BY adjusts_id
), taken AS (
    SELECT agency_id, -sum(points) AS points, max(effective_on) AS last
    FROM agencies_creditentry AS line
    WHERE kind = 'deduction' AND NOT EXISTS (
        SELECT FROM agencies_creditentry AS reversal WHERE reversal.reverses_id = line.id
    )
    GROUP BY agency_id
), given AS (
    SELECT agency_id, sum(line.points + coalesce(cut.points, 0)) AS points,
        max(effective_on) FILTER (WHERE line.points + coalesce(cut.points, 0) > 0) AS last
    FROM agencies_creditentry AS line LEFT JOIN cut ON cut.adjusts_id = line.id
    WHERE kind = 'restore'
    GROUP BY agency_id
)
SELECT agency.id
FROM taken
JOIN agencies_agency AS agency ON agency.id = taken.agency_id
LEFT JOIN given ON given.agency_id = taken.agency_id
WHERE (agency.removed_on IS NULL OR agency.removed_on > %(today)s)
    AND taken.points > coalesce(given.points, 0)
    AND greatest(taken.last, given.last) <= %(since)s
    AND %(cap)s > (
        SELECT sum(points) FROM agencies_creditentry AS line WHERE line.agency_id = agency.id
    )
ORDER BY agency.id
"""


@transaction.atomic
def restore_due(*, today: date, at: datetime) -> list[tuple[int, int, int]]:
    """Post the way back that is due today: (agency id, points, balance) (D, docs/rules.md §7).

    1. Due, and how much: `agencies.credit_rules.next_restore` under the policy of today; removed
       agencies get nothing.
    2. Effective today, never back-dated: whoever was due long ago gets one restore, not several.
    3. Once per window, however often and however many at once: the candidates are found in one
       statement, locked in the order of their ids, and asked again under the lock.
    """
    policy = conduct_policy(today)
    due: list[tuple[int, int, int]] = []
    ids = _candidates(today, clean_days=policy.restore_clean_days, cap=policy.cap)
    if not ids:
        return due
    lock(ids)
    still_here = Agency.objects.filter(id__in=ids).exclude(removed_on__lte=today)
    ledgers = lines_by_agency(still_here.values_list("id", flat=True).order_by())
    for agency_id, lines in sorted(ledgers.items()):
        coming = next_restore(
            lines, policy.restore_clean_days, policy.restore_points, policy.cap, today
        )
        if coming is not None and coming[0] == today:
            balance = balance_on(lines, today)
            due.append((agency_id, coming[1], balance + coming[1]))
    append(
        [
            CreditEntry(
                agency_id=agency_id,
                kind=EntryKind.RESTORE,
                points=points,
                effective_on=today,
                created_at=at,
            )
            for agency_id, points, _balance in due
        ]
    )
    return due


def _candidates(today: date, *, clean_days: int, cap: int) -> list[int]:
    since = date.fromordinal(today.toordinal() - clean_days)
    with connection.cursor() as cursor:
        cursor.execute(DUE, {"today": today, "since": since, "cap": cap})
        return [agency_id for (agency_id,) in cursor.fetchall()]


@transaction.atomic
def award(
    *, agency_id: int, points: int, on: date, reason: str, at: datetime, by_id: int | None
) -> CreditEntry:
    """Lift an agency's credit on a day, at most to the cap (P, docs/rules.md §7).

    1. It gives what lies below the cap of that day and of every later line, if that is less than
       `points`.
    2. Refused: without points or reason, to a removed agency, before it joined, in the future,
       the same reason twice on one day, and where nothing fits below the cap.

    Locks the agency. The ledger keeps 500 characters of `reason`.
    """
    lock([agency_id])
    agency = Agency.objects.get(pk=agency_id)
    reason = reason.strip()[:500]
    _refuse_unfounded(agency, points=points, on=on, reason=reason, at=at)
    lines = lines_of(agency_id)
    cap_on = caps({on, *(line.day for line in lines if line.day > on)})
    applied = min(points, room(lines, cap_on, on))
    if applied <= 0:
        raise Refused(
            _(
                "Nothing was awarded: on %(day)s or later the credit is already at the cap"
                " of %(cap)s."
            )
            % {"day": date_format(on), "cap": cap_on(on)},
            rule="cap",
        )
    entry = CreditEntry(
        agency_id=agency_id,
        kind=EntryKind.AWARD,
        points=applied,
        effective_on=on,
        reason=reason,
        actor_id=by_id,
        created_at=at,
    )
    append([entry])
    return entry


def _refuse_unfounded(agency: Agency, *, points: int, on: date, reason: str, at: datetime) -> None:
    today = timezone.localdate(at)
    if points <= 0:
        raise Refused(_("An award gives at least one point."), rule="points")
    if not reason:
        raise Refused(_("Say what the award is for."), rule="reason")
    if left := agency.left_by(today):
        raise Refused(
            _("The agency was removed on %(day)s: it gets no awards.") % {"day": date_format(left)},
            rule="removed",
        )
    if on > today:
        raise Refused(_("An award counts from today or an earlier day."), rule="future", until=on)
    if on < agency.joined_on:
        raise Refused(
            _("The agency joined on %(day)s: choose that day or a later one.")
            % {"day": date_format(agency.joined_on)},
            rule="joined",
            until=agency.joined_on,
        )
    if CreditEntry.objects.filter(
        agency=agency, kind=EntryKind.AWARD, effective_on=on, reason=reason
    ).exists():
        raise Refused(
            _("This award was already given on %(day)s for the same reason.")
            % {"day": date_format(on)},
            rule="once",
        )

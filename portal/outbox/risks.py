"""News of what puts a level at risk, once a day after new facts (ours, D)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from time import monotonic
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from agencies.enums import News
from agencies.ledger.lines import lines_by_agency
from agencies.models import Agency
from portal.models import OutboxEntry, RiskRound
from portal.outbox.once import tell_once
from scoring.models import Assessment, Evaluation, ProjectionRun, RulebookVersion
from scoring.months import last_day
from scoring.queries import level_move, standing_of
from scoring.queries.credit_outlook import CreditOutlook, credit_outlook
from scoring.queries.pace import Pace, pace_of
from scoring.queries.projection import Projected, projections_of
from scoring.queries.risks import Risk, RiskKind, risks_of

# What costs the level if nothing changes; being near a threshold is shown at home only.
TOLD: Final = frozenset(
    {RiskKind.CREDIT_LOW, RiskKind.SERVICE_LOW, RiskKind.LEVEL_FALL, RiskKind.LEVEL_HELD}
)
AGENCIES_AT_ONCE: Final = 500
# So long a run may look; the next one goes on.
SECONDS: Final = 20


def tell_risks(now: datetime) -> list[str]:
    """Tell agencies with a level what would cost it; a sentence where any were told.

    1. At most one look at all agencies a platform day, and none without newer facts than those of
       the last. It goes on in slices of some seconds; what a slice found and how far it came are
       kept in one transaction, and two processes take turns.
    2. An agency is told each risk of a month once, however often it is found.
    3. The marks are those of the home page, by the same functions; told are those whose threshold
       is crossed by what is known (credit, service power, total) and a level that only an open
       appeal holds.
    """
    _begin(timezone.localdate(now))
    until = monotonic() + SECONDS
    found = 0
    while monotonic() < until:
        count = _slice(now)
        if count is None:
            break
        found += count
    return [f"Told agencies of {found} risks."] if found else []


def _begin(today: date) -> None:
    """Begin the round of a day, if there are facts that no round has seen."""
    run = ProjectionRun.objects.order_by("-id").first()
    if run is None:
        return
    last = RiskRound.objects.order_by("-day").first()
    seen = last is not None and (run.month, run.data_through) <= (last.month, last.data_through)
    if seen or (last is not None and last.day >= today):
        return
    RiskRound.objects.get_or_create(
        day=today, defaults={"month": run.month, "data_through": run.data_through}
    )


@transaction.atomic
def _slice(now: datetime) -> int | None:
    """Look at the next agencies of the newest round; None where it is over, or another looks."""
    rounds = RiskRound.objects.select_for_update(skip_locked=True, no_key=True).order_by("-day")
    going = rounds.filter(is_done=False).first()
    if going is None:
        return None
    later = Agency.objects.filter(pk__gt=going.through).exclude(level="")
    agencies = list(later.order_by("pk")[:AGENCIES_AT_ONCE])
    entries = [
        _entry(agency, risk, now)
        for agency, risks in _at_risk(agencies, timezone.localdate(now))
        for risk in risks
        if risk.kind in TOLD and risk.month is not None
    ]
    told = tell_once(entries)
    over = len(agencies) < AGENCIES_AT_ONCE
    through = agencies[-1].pk if agencies else going.through
    RiskRound.objects.filter(pk=going.pk).update(through=through, is_done=over)
    return told


def _at_risk(agencies: Sequence[Agency], today: date) -> Iterator[tuple[Agency, tuple[Risk, ...]]]:
    """The marks of those that may have any. Five queries, and one for each of these.

    The result of an agency is read only where the month to come, its credit or new rules may give
    it less than its level: of most agencies it is not.
    """
    staying = [agency for agency in agencies if not agency.is_removed(today)]
    lines = lines_by_agency(agency.pk for agency in staying)
    projections = projections_of(staying, lines=lines, today=today)
    version = RulebookVersion.objects.for_month(today)
    rulebook = version.rulebook
    unsafe = _held_or_under_new_rules(staying, version)
    for agency in staying:
        own = lines.get(agency.pk, [])
        projected = projections.get(agency.pk)
        floor, end = rulebook.stages.credit_floor, last_day(today)
        credit = credit_outlook(own, rulebook.credit, floor=floor, today=today, end=end)
        pace = None
        if projected is not None:
            month = credit_outlook(
                own,
                projected.rulebook.credit,
                floor=projected.rulebook.stages.credit_floor,
                today=today,
                end=last_day(projected.month),
            )
            pace = pace_of(projected, credit=month.at_end)
        if agency.pk not in unsafe and _is_safe(agency, projected, pace, credit):
            continue
        risks = risks_of(
            standing=standing_of(agency),
            projected=projected,
            pace=pace,
            credit=credit,
            rulebook=rulebook,
        )
        yield agency, risks


def _is_safe(
    agency: Agency,
    projected: Projected | None,
    pace: Pace | None,
    credit: CreditOutlook,
) -> bool:
    """Whether neither credit nor the month to come can cost the level, as far as known."""
    if min(credit.today, credit.at_end) < credit.floor:
        return False
    if projected is None:
        return True
    if projected.hold is not None or projected.credit < projected.rulebook.stages.credit_floor:
        return False
    coming = pace.level if pace else projected.level if projected.complete else agency.level
    move = level_move(projected.rulebook, coming, agency.level)
    return move is not None and move >= 0


def _held_or_under_new_rules(agencies: Sequence[Agency], version: RulebookVersion) -> set[int]:
    """Whose newest result is held by an appeal; all, where other rules count now. Two queries."""
    newest = Evaluation.objects.published().order_by("-month").first()
    if newest is None:
        return set()
    if newest.rulebook_id != version.pk:
        return {agency.pk for agency in agencies}
    held = Assessment.objects.filter(evaluation=newest, agency__in=agencies, held=True)
    return set(held.values_list("agency_id", flat=True))


def _entry(agency: Agency, risk: Risk, now: datetime) -> OutboxEntry:
    month = risk.month.isoformat() if risk.month else ""
    about: dict[str, Any] = {
        "month": month,
        "risk": risk.name,
        "value": _plain(risk.value),
        "threshold": _plain(risk.threshold),
        "level": risk.level or agency.level,
        "to_level": risk.to_level,
        "rules": risk.rules,
        "cases": list(risk.cases),
    }
    if risk.day is not None:
        about |= {"day": risk.day.isoformat(), "foreseen": risk.foreseen}
    kept = {key: value for key, value in about.items() if value not in ("", [])}
    return OutboxEntry(
        agency=agency,
        news=News.AT_RISK,
        at=now,
        about=kept,
        once=f"risk:{month[:7]}:{risk.name}",
    )


def _plain(value: Decimal) -> str:
    """Points with their decimals, whole numbers without."""
    return f"{value:.0f}" if value == value.to_integral_value() else f"{value:f}"

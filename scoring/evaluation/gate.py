"""The sanity gate: what must be looked at by a person before a month is published."""

from __future__ import annotations

import json
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from hashlib import sha256
from typing import Any

from django.db.models import Count

from agencies.enums import Stage
from scoring.evaluation.comparison import compared, movers, platform_sums
from scoring.models import Assessment, Dispute, Evaluation
from scoring.months import last_day, previous_month

MISSING_DAYS, JUMPS, DISPUTES = "missing_days", "jumps", "disputes"
NO_LEVEL = ("", Stage.NOVICE, Stage.OBSERVATION)


def gate_report(evaluation: Evaluation) -> dict[str, Any]:
    """What a computed evaluation would change, and what holds its publication (D, section 2).

    1. A day of the month without facts holds it.
    2. More than the rulebook's share of agencies moving by more than one level against last
       month's published result holds it; agencies with a level in both months are compared.
    3. An accepted dispute of the month whose data are not corrected yet holds it.

    The report has `passed`, `findings` (each with a `code`), `stages`, `levels` and `moves`; for
    reading, and None where there is nothing to compare with, `last_month` (with `movers` and the
    platform's `sums`) and `correction`, against the published revision of the same month.
    """
    last_month = _against_last_month(evaluation)
    moves = _moves(last_month)
    findings = [
        *_missing_days(evaluation),
        *_jumps(evaluation, moves),
        *_disputes(evaluation),
    ]
    results = Assessment.objects.filter(evaluation=evaluation).order_by()
    return {
        "passed": not findings,
        "findings": findings,
        "stages": dict(results.values_list("stage").annotate(Count("id")).order_by("stage")),
        "levels": dict(
            results.filter(stage=Stage.ASSESSED)
            .values_list("level")
            .annotate(Count("id"))
            .order_by("level")
        ),
        "moves": [{"from": old, "to": new, "agencies": count} for old, new, count in moves],
        "last_month": last_month,
        "correction": _correction(evaluation),
    }


def findings_mark(gate: dict[str, Any]) -> str:
    """Stands for the findings of a report: changes with every one of them."""
    said = json.dumps(gate.get("findings", []), sort_keys=True)
    return sha256(said.encode()).hexdigest()[:16]


def describe(finding: dict[str, Any]) -> str:
    """A finding as an English sentence, for commands and logs."""
    if finding["code"] == MISSING_DAYS:
        days = finding["days"]
        count = "1 day has" if len(days) == 1 else f"{len(days)} days have"
        return f"{count} no facts: {_shortened(days)}. Import them and evaluate again."
    if finding["code"] == DISPUTES:
        disputes = finding["disputes"]
        count = (
            "1 accepted dispute waits" if disputes == 1 else f"{disputes} accepted disputes wait"
        )
        return f"{count} for the correction of the data. Correct them and evaluate again."
    return (
        f"{finding['moved']} of {finding['compared']} agencies move by more than one level"
        f" ({finding['share']} of them; {finding['allowed']} is allowed). Look at the moves before"
        " releasing."
    )


def _shortened(days: list[str], most: int = 5) -> str:
    return ", ".join(days[:most]) + (", …" if len(days) > most else "")


def _missing_days(evaluation: Evaluation) -> list[dict[str, Any]]:
    present = set(evaluation.parts.filter(rows__gt=0).values_list("day", flat=True))
    first, last = evaluation.month, last_day(evaluation.month)
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    missing: list[date] = [day for day in days if day not in present]
    if not missing:
        return []
    return [{"code": MISSING_DAYS, "days": [day.isoformat() for day in missing]}]


def _jumps(evaluation: Evaluation, moves: list[tuple[str, str, int]]) -> list[dict[str, Any]]:
    compared = sum(count for *_, count in moves)
    moved = sum(count for old, new, count in moves if abs(_place(new) - _place(old)) > 1)
    allowed = evaluation.rules.gate.max_jump_share
    if not compared or Decimal(moved) <= allowed * compared:
        return []
    share = (Decimal(moved) / compared).quantize(Decimal("0.0001"), ROUND_HALF_UP)
    return [
        {
            "code": JUMPS,
            "moved": moved,
            "compared": compared,
            "share": str(share),
            "allowed": str(allowed),
        }
    ]


def _place(level: str) -> int:
    """Levels are V1 to V9 in every rulebook, also those that only last month's one has."""
    return int(level.removeprefix("V"))


def _disputes(evaluation: Evaluation) -> list[dict[str, Any]]:
    waiting = Dispute.objects.awaiting_correction(evaluation.month).count()
    return [{"code": DISPUTES, "disputes": waiting}] if waiting else []


def _against_last_month(evaluation: Evaluation) -> dict[str, Any] | None:
    before = Evaluation.objects.published().filter(month=previous_month(evaluation.month)).first()
    if before is None:
        return None
    return {
        **compared(evaluation, before),
        "movers": movers(evaluation, before),
        "sums": platform_sums(evaluation, before),
    }


def _moves(last_month: dict[str, Any] | None) -> list[tuple[str, str, int]]:
    """From level to level, for agencies with a level in both months."""
    if last_month is None:
        return []
    return [
        (step["from"], step["to"], step["agencies"])
        for step in last_month["migration"]
        if step["from"] not in NO_LEVEL and step["to"] not in NO_LEVEL
    ]


def _correction(evaluation: Evaluation) -> dict[str, Any] | None:
    published = Evaluation.objects.published().filter(month=evaluation.month)
    before = published.exclude(pk=evaluation.pk).first()
    return None if before is None else compared(evaluation, before)

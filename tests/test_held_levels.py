"""Appeals filed between months: every held level agrees with an exact reference.

The reference (tests/reference) was written from the rules alone; it reads the same files and is
told which appeals were open.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path

import pytest
from django.core.management import call_command
from django.utils import timezone

from agencies.actions.appeals import decide_appeal, file_appeal
from agencies.models import Violation
from scoring.models import Assessment, RulebookVersion
from tests.factories import MembershipFactory
from tests.factories.appeals import hold_falls
from tests.factories.staff import operator
from tests.reference import Platform, assess, assess_months, boards, percentiles
from tests.reference.assess import Result, fixed
from tests.reference.holds import write_holds
from tests.reference.rules import RULES

pytestmark = pytest.mark.django_db(transaction=True)
MONTHS = ["2026-04", "2026-05", "2026-06"]
TODAY = date(2026, 11, 22)
HOLDING = {**RULES, "appeals": {"hold_fall": True}}
HELD = {
    "hold-equal": "V3",
    "hold-lower-before": "V2",
    "hold-higher-before": "V3",
    "hold-floor": "V3",
    "hold-all": "V3",
}


def test_every_held_level_agrees_with_the_exact_reference(tmp_path: Path) -> None:
    for path in write_holds(tmp_path / "holds"):
        kind = path.stem.split("-")[0].split("_")[0]
        call_command(f"import_{kind}", str(path), stdout=io.StringIO())
    hold_falls(RulebookVersion.objects.get())
    _evaluate("2026-04")
    cases = list(Violation.objects.filter(reference__endswith="/appeal"))
    _appeal(cases, at=_noon(date(2026, 6, 2)))
    _evaluate("2026-05")
    decided = [case for case in cases if case.reference == "hold-decided/appeal"]
    _uphold(decided, at=_noon(date(2026, 6, 9)))
    _evaluate("2026-06")

    platform = Platform.read(tmp_path / "holds")
    names = {case.reference for case in cases}
    platform.open_appeals = {
        "2026-05": names,
        "2026-06": names - {"hold-decided/appeal"},
    }
    expected = assess_months(platform, HOLDING, MONTHS)
    assert _held(expected["2026-05"]) == {**HELD, "hold-decided": "V3"}
    assert _held(expected["2026-06"]) == {**HELD, "hold-late": "V3"}
    for before, month in zip([None, *MONTHS], MONTHS, strict=False):
        rows = assess(platform, HOLDING, month, TODAY, expected[before] if before else None)
        assert _exported("export_assessments", month) == rows
        _appeals_and_percentiles_agree(month, expected[month])
    for (board, month), rows in boards(platform, HOLDING, MONTHS).items():
        assert _exported("export_board", board, month) == rows


def _appeals_and_percentiles_agree(month: str, results: list[Result]) -> None:
    ranks = percentiles(results)
    stored = Assessment.objects.filter(evaluation__month=f"{month}-01").select_related("agency")
    found = {assessment.agency.code: assessment for assessment in stored}
    assert found.keys() == {result.code for result in results}
    for result in results:
        kept = found[result.code]
        assert (kept.contested, kept.level_before, kept.held) == (
            result.contested,
            result.before,
            result.held,
        )
        if result.stage == "assessed":
            for key, indicator in kept.indicators.items():
                wanted = ranks[key][result.code]
                assert indicator["percentile"] == (None if wanted is None else fixed(wanted, 1))


def _held(results: list[Result]) -> dict[str, str]:
    return {result.code: result.level for result in results if result.held}


def _evaluate(month: str) -> None:
    call_command("evaluate", month, "--publish", "--now", stdout=io.StringIO())


def _exported(command: str, *arguments: str) -> list[dict[str, str]]:
    out = io.StringIO()
    call_command(command, *arguments, stdout=out)
    return list(csv.DictReader(io.StringIO(out.getvalue())))


def _noon(day: date) -> datetime:
    return timezone.make_aware(datetime(day.year, day.month, day.day, 12))


def _appeal(cases: Iterable[Violation], *, at: datetime) -> None:
    for case in cases:
        owner = MembershipFactory.create(agency=case.agency).user
        file_appeal(agency=case.agency, violation_ids=[case.pk], text="事实不符", at=at, by=owner)


def _uphold(cases: Iterable[Violation], *, at: datetime) -> None:
    for case in cases:
        case.refresh_from_db()
        decide_appeal(
            appeal_id=case.appeal_id or 0,
            verdicts={case.pk: "uphold"},
            reason="复核维持",
            at=at,
            by=operator(),
        )

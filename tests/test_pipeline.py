"""Files in, levels and boards out: every exported field agrees with an exact reference.

The reference (tests/reference) was written from the rules alone; it reads the same files.
"""

from __future__ import annotations

import csv
import io
from datetime import date
from pathlib import Path

import pytest
from django.core.management import call_command

from scoring.models import Assessment
from tests.reference import Platform, assess, assess_exactly, boards, percentiles
from tests.reference.edges import write_edges
from tests.reference.rules import RULES

pytestmark = pytest.mark.django_db(transaction=True)
MONTHS = ["2026-04", "2026-05", "2026-06"]
TODAY = date(2026, 11, 22)


def _exported(command: str, *arguments: str) -> list[dict[str, str]]:
    out = io.StringIO()
    call_command(command, *arguments, stdout=out)
    return list(csv.DictReader(io.StringIO(out.getvalue())))


def _import(files: list[Path]) -> list[str]:
    """Import in the order given; what each command printed."""
    printed = []
    for path in files:
        kind = path.stem.split("-")[0].split("_")[0]
        out = io.StringIO()
        call_command(f"import_{kind}", str(path), stdout=out)
        printed.append(out.getvalue())
    return printed


def _records(path: Path) -> int:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return sum(1 for _ in csv.DictReader(file))


def test_every_field_agrees_with_the_exact_reference(tmp_path: Path) -> None:
    files = write_edges(tmp_path / "edges")
    for path, printed in zip(files, _import(files), strict=True):
        assert printed.splitlines()[-1].endswith(f"accepted {_records(path)}, rejected 0"), path
    for month in MONTHS:
        call_command("evaluate", month, "--publish", "--now", stdout=io.StringIO())
    platform = Platform.read(tmp_path / "edges")

    for month in MONTHS:
        assert _exported("export_assessments", month) == assess(platform, RULES, month, TODAY)
    for (board, month), rows in boards(platform, RULES, MONTHS).items():
        assert _exported("export_board", board, month) == rows
    for month in MONTHS:
        _percentiles_agree(platform, month)
    call_command("verify_ledger", stdout=io.StringIO())


def _percentiles_agree(platform: Platform, month: str) -> None:
    expected = percentiles(assess_exactly(platform, RULES, month))
    found = Assessment.objects.filter(
        evaluation__month=f"{month}-01", stage="assessed"
    ).select_related("agency")
    for assessment in found:
        for key, indicator in assessment.indicators.items():
            wanted = expected[key][assessment.agency.code]
            printed = None if wanted is None else f"{float(wanted):.1f}"
            assert indicator["percentile"] == printed, (assessment.agency.code, key)

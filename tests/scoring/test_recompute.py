"""The program beside the rows: alone, it comes to the total of the page."""

from __future__ import annotations

import csv
import subprocess
import sys
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pgtrigger
import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from agencies.models import Binding
from scoring.evaluation.actions import publish
from scoring.models import Assessment, RulebookVersion
from scoring.points import indicator_points
from scoring.receipts import recompute
from scoring.rulebook import INDICATOR_KEYS, Indicator, parse
from tests.factories.facts import deliver_facts
from tests.scoring.conftest import computed
from tests.scoring.rows import BACK, JULY, NOW, a_month, exported, july

DEFAULT = settings.BASE_DIR / "scoring" / "rulebooks" / "default.toml"


def recomputed(*paths: Path) -> subprocess.CompletedProcess[str]:
    """Run the program as a stranger does: alone, without anything installed."""
    return subprocess.run(
        [sys.executable, "-I", "-S", recompute.__file__, *map(str, paths)],
        capture_output=True,
        text=True,
        check=False,
        encoding="utf-8",
    )


def shown(result: Assessment) -> list[tuple[str, ...]]:
    """What the page shows: value and points of each indicator, the dimensions, the total."""
    found = result.indicators
    lines = [
        (key, found[key]["value"] or "no value", found[key]["points"]) for key in INDICATOR_KEYS
    ]
    names = ("operating", "growth", "service", "bonus", "total")
    return [*lines, *((name, str(getattr(result, name))) for name in names)]


def printed(output: str) -> list[tuple[str, ...]]:
    """The same from what the program printed, without the maxima."""
    lines = [line.replace("no value", "no_value").split() for line in output.splitlines()]
    return [tuple(cell.replace("no_value", "no value") for cell in line[:3]) for line in lines]


@pytest.mark.django_db(transaction=True)
def test_it_prints_what_the_page_shows_for_every_agency(tmp_path: Path) -> None:
    month = a_month()
    stored = RulebookVersion.objects.get()
    stored.text = stored.text.replace("[bonus]\ncap = 100", '[bonus]\ncap = "2.5"')
    with pgtrigger.ignore("scoring.RulebookVersion:rulebook_text_kept"):
        stored.save()
    evaluation = publish(evaluation_id=computed(JULY).pk, at=NOW, release_reason="a test")
    rulebook = tmp_path / "rulebook.toml"
    rulebook.write_text(stored.text, encoding="utf-8")
    for agency in (month.own, month.other, month.empty):
        result = evaluation.assessments.get(agency=agency)
        ran = recomputed(exported(agency, evaluation), rulebook)
        assert ran.stderr == ""
        assert printed(ran.stdout) == shown(result)
        assert ran.stdout.endswith(f"\ntotal {result.total}\n")
    own = evaluation.assessments.get(agency=month.own)
    assert Decimal(own.indicators["worry_free_orders"]["points"]) > Decimal("2.50") == own.bonus
    assert evaluation.assessments.get(agency=month.empty).indicators["reputation"]["value"] is None


@pytest.mark.django_db(transaction=True)
def test_what_changes_after_the_publication_does_not_change_the_rows() -> None:
    month = a_month()
    evaluation = publish(evaluation_id=computed(JULY).pk, at=NOW, release_reason="a test")
    before = exported(month.own, evaluation).read_bytes()
    evaluation.row_exports.all().delete()
    deliver_facts({(month.mover, july(1)): {"settled_cents": 1}})
    Binding.objects.filter(creator=month.mover, bound_from=BACK).delete()
    Binding.objects.filter(creator=month.quiet).update(bound_until=july(2))
    assert exported(month.own, evaluation).read_bytes() == before


CURVES = parse(DEFAULT.read_text(encoding="utf-8")).indicators
VALUES = st.decimals(0, 200_000_000, places=6, allow_nan=False, allow_infinity=False)


@given(st.sampled_from(CURVES), VALUES)
def test_its_points_are_ours(indicator: Indicator, value: Decimal) -> None:
    knots = [[Fraction(knot.value), Fraction(knot.points)] for knot in indicator.knots]
    points = recompute.points_for(Fraction(value), knots)
    assert recompute.written(points, 2) == str(indicator_points(indicator, value))


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ("", "has no column creator_id, day, counts, settled_amount"),
        ("HEADA,2026-07-32,yes,1,1,1,1,1,1,,\n", "line 2: '2026-07-32' is not a day."),
        ("HEADA,2026-07-01,maybe,1,1,1,1,1,1,,\n", "line 2: counts is 'maybe', not yes or no."),
        ("HEADA,2026-07-01,yes,1e3,1,1,1,1,1,,\n", "settled_amount: '1e3' is not a number."),
        ("HEADA,2026-07-01,yes,1,1\n", "line 2: it has not as many cells as the header."),
        ("HEADA,2026-07-01,yes,1,1,1,1,1,1,,,,\n", "line 2: it has not as many cells"),
        (2 * "HEADA,2026-07-01,no,,,,,,,,\n", "line 3: the creator has this day twice."),
        (
            "HEADA,2026-07-01,no,,,,,,,,\nA,2026-08-01,no,,,,,,,,\n",
            "has days of more than one month.",
        ),
        ("\udcff", "A file is damaged"),
        (
            f"HEADA,2026-07-01,yes,1{'0' * 30},1,1,1,1,1,,\nA,2026-07-02,yes,1,1,1,1,1,1,,\n",
            "has amounts too long to be summed exactly.",
        ),
    ],
)
def test_it_says_what_is_wrong_with_the_rows(tmp_path: Path, rows: str, sentence: str) -> None:
    head = ",".join(recompute.COLUMNS) + "\n"
    text = rows.replace("HEAD", head, 1).replace("HEAD", "")
    path = tmp_path / "rows.csv"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    ran = recomputed(path, DEFAULT)
    assert (ran.returncode, ran.stdout) == (1, "")
    assert sentence in ran.stderr
    assert "Traceback" not in ran.stderr


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("a = [", "rules.toml is not a rulebook: "),
        ("version = '1'", "is not a rulebook: it lacks indicators, knots or cap."),
        ("indicators = 3", "is not a rulebook: it lacks indicators, knots or cap."),
    ],
)
def test_it_says_what_is_wrong_with_the_rulebook(tmp_path: Path, text: str, sentence: str) -> None:
    rows, rules = tmp_path / "rows.csv", tmp_path / "rules.toml"
    rows.write_text(",".join(recompute.COLUMNS) + "\n", encoding="utf-8")
    rules.write_text(text, encoding="utf-8")
    ran = recomputed(rows, rules)
    assert (ran.returncode, ran.stdout) == (1, "")
    assert sentence in ran.stderr


def test_it_says_how_it_is_called_and_what_is_not_there(tmp_path: Path) -> None:
    assert recomputed().stderr == "Usage: python3 recompute.py ROWS.csv RULEBOOK.toml\n"
    missing = recomputed(tmp_path / "no.csv", tmp_path / "no.toml")
    assert missing.returncode == 1
    assert "cannot be read: No such file or directory." in missing.stderr


def test_days_before_the_month_s_last_do_not_make_an_l5_creator(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    days = [JULY + timedelta(days=n) for n in range(31)]
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        sheet = csv.writer(file)
        sheet.writerow(recompute.COLUMNS)
        for own_id, last in (("stays", 31), ("leaves", 30)):
            for day in reversed(days):
                counts = "yes" if day.day <= last else "no"
                level = {1: 7, 2: 5}.get(day.day, "") if counts == "yes" else ""
                figures = [1, 1, 1, 1, 1, 1, level, ""] if counts == "yes" else [""] * 8
                sheet.writerow([own_id, day, counts, *figures])
    sums = recompute.sums_of(*recompute.read_rows(str(path)))
    assert (sums["l5_creators"], sums["creator_days"], sums["showcase_creators"]) == (1, 61, 2)

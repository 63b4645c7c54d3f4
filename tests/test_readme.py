"""What README.md and docs/ say is so: the worked example is computed, the lists are complete."""

from __future__ import annotations

import re
from dataclasses import asdict
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import ibis
import pyarrow as pa
import pytest
from django.core.management import get_commands

from portal.demo.people import PASSWORD, demo_people
from portal.demo.situations import SITUATIONS
from scoring.indicators import agency_totals
from scoring.points import (
    Score,
    Totals,
    indicator_values,
    is_novice,
    level_for,
    score,
    stage_of,
)
from scoring.rulebook import DIMENSIONS, INDICATOR_KEYS, Indicator, Rulebook, parse
from scoring.rulebook_versions import DEFAULT

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
RULES = (ROOT / "docs/rules.md").read_text(encoding="utf-8")
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
ROOMS = ("agencies", "scoring", "rankings", "portal")
XINGHE = 1
JOINED_ON, MONTH, CREDIT = date(2025, 10, 20), date(2026, 4, 1), 120
SHARES = {"showcase_share", "good_goods_share"}
QUOTIENTS = {*SHARES, "live_minutes_per_creator_day", "reputation"}


def table(text: str, *header: str) -> list[list[str]]:
    """The cells of the one table whose header begins with these columns."""
    found = []
    lines = text.splitlines()
    for place, line in enumerate(lines):
        if cells(line)[: len(header)] == list(header):
            rows = []
            for row in lines[place + 2 :]:
                if not row.startswith("|"):
                    break
                rows.append(cells(row))
            found.append(rows)
    assert len(found) == 1, f"there are {len(found)} tables with the header {header}"
    return found[0]


def cells(line: str) -> list[str]:
    return [cell.strip().strip("`") for cell in re.split(r"(?<!\\)\|", line.strip()[1:-1])]


def number(text: str) -> Decimal:
    return Decimal(text.replace(",", ""))


def half_up(exact: Fraction, decimals: int) -> Decimal:
    scaled = exact * 10**decimals
    return Decimal((2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)).scaleb(
        -decimals
    )


def computed(formula: str) -> Fraction:
    """The exact value of a formula of the README: decimals, + − × ÷ and parentheses."""
    assert re.fullmatch(r"[0-9.+−×÷() ]+", formula), formula
    exact = re.sub(r"[0-9.]+", lambda found: f"Fraction('{found[0]}')", formula)
    python = exact.replace("−", "-").replace("×", "*").replace("÷", "/")
    return Fraction(eval(python, {"Fraction": Fraction}))


@pytest.fixture(scope="module")
def rulebook() -> Rulebook:
    return parse(DEFAULT.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def totals() -> Totals:
    """The sums of the example's two creators, by the expression that the worker runs."""
    both = [contribution(row) for row in table(README, "creator", "bound days")[:2]]
    found = agency_totals(ibis.memtable(pa.Table.from_pylist(both))).to_pyarrow().to_pylist()
    assert len(found) == 1
    assert found[0].pop("agency") == XINGHE
    return Totals(**found[0])


@pytest.fixture(scope="module")
def scored(rulebook: Rulebook, totals: Totals) -> Score:
    return score(rulebook, indicator_values(totals))


def contribution(row: list[str]) -> dict[str, object]:
    _, days, last, settled, showcase, goods, orders, worry_free, minutes, level, mark = row
    return {
        "agency": XINGHE,
        "bound_days": int(days),
        "bound_on_last_day": last == "yes",
        "settled_cents": int(number(settled) * 100),
        "showcase_cents": int(number(showcase) * 100),
        "good_goods_cents": int(number(goods) * 100),
        "settled_orders": int(number(orders)),
        "worry_free_orders": int(number(worry_free)),
        "live_minutes": int(number(minutes)),
        "level": int(level),
        "reputation": int(number(mark) * 100),
    }


def example() -> dict[str, list[str]]:
    return {row[0]: row[1:] for row in table(README, "indicator", "value")}


def test_the_examples_sums_are_those_of_its_creators(totals: Totals) -> None:
    _, days, _, settled, showcase, goods, orders, worry_free, minutes, *_ = table(
        README, "creator", "bound days"
    )[2]
    shown = {
        "creator_days": int(days),
        "settled_cents": int(number(settled) * 100),
        "showcase_cents": int(number(showcase) * 100),
        "good_goods_cents": int(number(goods) * 100),
        "settled_orders": int(number(orders)),
        "worry_free_orders": int(number(worry_free)),
        "live_minutes": int(number(minutes)),
    }
    assert {name: asdict(totals)[name] for name in shown} == shown


def test_the_example_shows_the_nine_indicators_with_their_values(totals: Totals) -> None:
    shown = {key: row[0].rpartition("= ")[2] for key, row in example().items()}
    assert tuple(shown) == INDICATOR_KEYS
    assert shown == {key: str(value) for key, value in indicator_values(totals).items()}


def test_the_examples_quotients_are_worked_out_right() -> None:
    worked = {key: row[0].split(" = ") for key, row in example().items() if " = " in row[0]}
    assert set(worked) == QUOTIENTS
    for key, (formula, value) in worked.items():
        assert str(half_up(computed(formula), 6 if key in SHARES else 4)) == value


@pytest.mark.parametrize("key", INDICATOR_KEYS)
def test_the_examples_points_lie_on_the_line_between_two_knots(
    key: str, rulebook: Rulebook, scored: Score
) -> None:
    shown, formula, points = example()[key]
    value = shown.rpartition("= ")[2]
    assert formula == between(rulebook.indicator(key), value)
    assert str(half_up(computed(formula), 2)) == points == str(scored.points[key])


def between(indicator: Indicator, value: str) -> str:
    """The interpolation as the README writes it."""
    at = max(n for n, knot in enumerate(indicator.knots) if knot.value <= Decimal(value))
    low, high = indicator.knots[at], indicator.knots[at + 1]
    return (
        f"{low.points} + ({value} − {low.value}) ÷ ({high.value} − {low.value})"
        f" × ({high.points} − {low.points})"
    )


def test_the_examples_dimensions_and_total_are_sums_of_rounded_points(scored: Score) -> None:
    rows = table(README, "dimension", "sum of points")
    assert [row[0].split()[0] for row in rows] == [
        "operating",
        "growth",
        "service",
        "bonus",
        "total",
    ]
    for name, formula, points in rows:
        assert str(half_up(computed(formula), 2)) == points
        assert points == str(getattr(scored, name.split()[0]))


def test_the_examples_stage_and_level(rulebook: Rulebook, scored: Score) -> None:
    stages, level = rulebook.stages, level_for(rulebook, scored.total)
    following = rulebook.levels[rulebook.levels.index(level) + 1]
    assert not is_novice(rulebook, joined_on=JOINED_ON, month=MONTH)
    stage = stage_of(
        rulebook, joined_on=JOINED_ON, month=MONTH, service=scored.service, credit=CREDIT
    )
    assert stage == "assessed"
    prose = " ".join(README.split())
    assert f"{MONTH:%B %Y}: agency *Xinghe* joined on {JOINED_ON.day} {JOINED_ON:%B %Y}" in prose
    assert f"it has {CREDIT} credit points" in prose
    assert f"({scored.service} ≥ {stages.service_floor})" in prose
    assert f"({CREDIT} ≥ {stages.credit_floor}): the agency is assessed" in prose
    assert f"{scored.total} is at least {level.min_total} and below {following.min_total}" in prose
    assert f"its level is **{level.key}**" in prose


def test_the_people_to_sign_in_as_are_the_demos() -> None:
    people = demo_people({situation.name: situation.name for situation in SITUATIONS})
    introduced = [[person.email, person.what] for person in people if person.introduced]
    assert table(README, "sign in as") == introduced
    assert f"share the password `{PASSWORD}`" in README


def test_every_setting_is_listed() -> None:
    source = (ROOT / "portal/settings.py").read_text(encoding="utf-8")
    read = set(re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', source))
    assert {row[0] for row in table(README, "name", "default")} == read


def test_the_settings_to_copy_are_settings() -> None:
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    known = {row[0] for row in table(README, "name", "default")}
    assert set(re.findall(r"^(?:# )?([A-Z_]+)=", example, re.MULTILINE)) == known - {"DEBUG"}


def test_every_command_is_listed() -> None:
    listed = {row[0].split()[0] for row in table(README, "manage.py", "does")}
    assert listed == {name for name, app in get_commands().items() if app in ROOMS}


def test_the_default_knots_and_levels_of_the_rules_are_the_rulebooks(rulebook: Rulebook) -> None:
    curves = {
        each.key: ", ".join(f"{knot.value}→{knot.points}" for knot in each.knots)
        for each in rulebook.indicators
    }
    assert dict(table(RULES, "key", "knots (D)")) == curves
    levels = ", ".join(f"{level.key} from {level.min_total}" for level in rulebook.levels)
    assert f"of 1100: {levels}." in RULES
    most = re.findall(r"^\| (\w+)(?: power)? \S+, ([0-9]+) \|", RULES, re.MULTILINE)
    assert most == [(name, str(rulebook.dimension_max(name))) for name in DIMENSIONS]
    kinds = {row[0].split()[0].strip("`"): int(row[1]) for row in table(RULES, "kind")}
    assert kinds == {kind.kind: kind.points for kind in rulebook.violations}


def test_the_rules_keep_their_section_numbers() -> None:
    sections = re.findall(r"^## ([0-9]+)\. ", RULES, re.MULTILINE)
    assert sections == [str(n) for n in range(1, 13)]


def test_every_signal_is_listed() -> None:
    page = (ROOT / "docs/signals.md").read_text(encoding="utf-8")
    code = "".join(path.read_text(encoding="utf-8") for path in sources())
    signals = re.findall(r"^(\w+) = Signal\(\)", code, re.MULTILINE)
    receivers = re.findall(r"^@receiver\([^\n]*\)\ndef (\w+)", code, re.MULTILINE)
    assert signals
    assert receivers
    assert [name for name in [*signals, *receivers] if f"`{name}`" not in page] == []


def test_every_page_that_the_code_cites_exists() -> None:
    cited = {
        (page, path.relative_to(ROOT).as_posix())
        for path in sources()
        for page in re.findall(r"docs/[\w/-]+\.md", path.read_text(encoding="utf-8"))
    }
    assert cited
    assert {(page, where) for page, where in cited if not (ROOT / page).is_file()} == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_path_that_a_page_names_exists(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    named = re.findall(r"`((?:agencies|scoring|rankings|portal|tests|docs)/[\w./-]*)`", text)
    broken = [path for path in named if not (ROOT / path).exists()]
    for target, anchor in re.findall(r"(?<!!)\[[^]]*\]\((?!http)([^)#]*)#?([^)]*)\)", text):
        linked = page.parent / target
        if not linked.exists() or (anchor and anchor not in anchors(linked)):
            broken.append(f"{target}#{anchor}")
    assert broken == []


@pytest.mark.parametrize("page", sorted((ROOT / "docs/adr").glob("*.md")), ids=lambda p: p.name)
def test_a_decision_fits_on_one_page(page: Path) -> None:
    lines = page.read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 40
    headings = [line for line in lines if line.startswith("#")]
    assert headings[0].startswith(f"# {int(page.name[:4])}. ")
    assert headings[1:] == ["## Context", "## Decision", "## Consequence"]


def anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", text.lower()).replace(" ", "-") for text in headings}


def sources() -> list[Path]:
    return sorted(path for room in (*ROOMS, "tests") for path in (ROOT / room).rglob("*.py"))

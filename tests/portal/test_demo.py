"""The demo platform: its files are sound, and its levels are those of a believable platform."""

import csv
import hashlib
import os
import re
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from portal.demo import DemoPlatform, DemoSize, write_platform
from portal.demo.names import CATEGORIES
from portal.demo.situations import SITUATIONS
from portal.demo.timeline import Timeline, timeline
from scoring.points import Score, Totals, indicator_values, level_for, score, stage_of
from scoring.rulebook import Rulebook, parse

ROOT = Path(__file__).resolve().parents[2]
TODAY = date(2026, 11, 22)
TINY = DemoSize(agencies=40, creators=500, months=2)

# Houses that everybody in the trade knows: an invented platform must not borrow their names.
FAMOUS = (
    "无忧",
    "遥望",
    "谦寻",
    "美腕",
    "美ONE",
    "三只羊",
    "交个朋友",
    "东方甄选",
    "蜂群",
    "古麦",
    "大禹",
    "如涵",
    "辛选",
    "微念",
    "洋葱",
    "贝壳",
    "麦田",
    "泰洋",
    "川禾",
    "宸帆",
    "缇苏",
    "构美",
    "纳斯",
    "薇龙",
    "橙果",
    "青藤",
    "新片场",
    "二咖",
)


@dataclass
class CreatorMonth:
    """What a creator brought to one agency in a month; level and reputation are the latest."""

    cents: int = 0
    showcase: int = 0
    good_goods: int = 0
    orders: int = 0
    worry_free: int = 0
    live: int = 0
    level: int | None = None
    reputation: int | None = None


@dataclass(frozen=True)
class Outcome:
    """An agency's month, computed from the files alone."""

    stage: str
    level: int | None
    credit: int
    score: Score


@dataclass
class Reading:
    """The files of a platform, read without any code of the import."""

    platform: DemoPlatform
    rulebook: Rulebook
    joined: dict[str, date] = field(default_factory=dict)
    spans: dict[str, list[tuple[str, date, date]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for row in rows(self.platform.agencies):
            self.joined[row["agency_code"]] = date.fromisoformat(row["joined_on"])
        ends: dict[tuple[str, str, date], date] = {}
        for path in self.platform.bindings:
            for row in rows(path):
                since = date.fromisoformat(row["bound_from"])
                until = date.fromisoformat(row["bound_until"] or "9999-12-31")
                ends[row["creator_id"], row["agency_code"], since] = until
        for (creator, agency, since), until in ends.items():
            self.spans.setdefault(creator, []).append((agency, since, until))

    def credit(self, agency: str, day: date) -> int:
        """The balance at the end of a day, without ways back."""
        asked = sum(
            int(row["points"])
            for row in rows(self.platform.violations)
            if row["agency_code"] == agency and date.fromisoformat(row["decided_on"]) <= day
        )
        return self.rulebook.credit.opening - asked

    def bound_to(self, creator: str, day: date) -> str | None:
        """The agency of a creator's day."""
        for agency, since, until in self.spans.get(creator, ()):
            if since <= day < until:
                return agency
        return None

    def outcomes(self, key: str) -> dict[str, Outcome]:
        """Every agency that had joined by the end of the month."""
        first = date.fromisoformat(f"{key}-01")
        last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        sums = self._sums(key)
        bound = self._bound(first, last)
        results = {}
        for agency, joined in self.joined.items():
            if joined > last:
                continue
            seniors = sum(
                1
                for creator, month in sums[agency].items()
                if (month.level or 0) >= 5 and self.bound_to(creator, last) == agency
            )
            totals = totals_of(list(sums[agency].values()), bound[agency], seniors)
            points = score(self.rulebook, indicator_values(totals))
            credit = self.credit(agency, last)
            stage = stage_of(
                self.rulebook, joined_on=joined, month=first, service=points.service, credit=credit
            )
            level = int(level_for(self.rulebook, points.total).key[1:])
            results[agency] = Outcome(stage, level if stage == "assessed" else None, credit, points)
        return results

    def _sums(self, key: str) -> defaultdict[str, defaultdict[str, CreatorMonth]]:
        sums: defaultdict[str, defaultdict[str, CreatorMonth]] = defaultdict(
            lambda: defaultdict(CreatorMonth)
        )
        path = next(path for path in self.platform.facts if key in path.name)
        days: dict[str, date] = {}
        for row in rows(path):
            day = days.setdefault(row["day"], date.fromisoformat(row["day"]))
            agency = self.bound_to(row["creator_id"], day)
            if agency is None:
                continue
            month = sums[agency][row["creator_id"]]
            month.cents += cents(row["settled_amount"])
            month.showcase += cents(row["showcase_amount"])
            month.good_goods += cents(row["good_goods_amount"])
            month.orders += int(row["settled_orders"])
            month.worry_free += int(row["worry_free_orders"])
            month.live += int(row["live_minutes"])
            if row["creator_level"]:
                month.level = int(row["creator_level"])
            if row["reputation"]:
                month.reputation = cents(row["reputation"])
        return sums

    def _bound(self, first: date, last: date) -> Counter[str]:
        bound: Counter[str] = Counter()
        for spans in self.spans.values():
            for agency, since, until in spans:
                days = (min(until, last + timedelta(days=1)) - max(since, first)).days
                bound[agency] += max(days, 0)
        return bound


def rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as source:
        yield from csv.DictReader(source)


def cents(text: str) -> int:
    return int(text.replace(".", ""))


def totals_of(months: list[CreatorMonth], creator_days: int, seniors: int) -> Totals:
    rated = [month for month in months if month.reputation is not None]
    return Totals(
        settled_cents=sum(month.cents for month in months),
        showcase_cents=sum(month.showcase for month in months),
        good_goods_cents=sum(month.good_goods for month in months),
        settled_orders=sum(month.orders for month in months),
        worry_free_orders=sum(month.worry_free for month in months),
        live_minutes=sum(month.live for month in months),
        creator_days=creator_days,
        l5_creators=seniors,
        showcase_creators=sum(month.showcase > 0 for month in months),
        reputation_points=sum((month.reputation or 0) * month.orders for month in rated),
        reputation_orders=sum(month.orders for month in rated),
    )


def stage_shares(outcomes: dict[str, Outcome]) -> dict[str, int]:
    """Per mille of the agencies in scope."""
    stages = Counter(outcome.stage for outcome in outcomes.values())
    return {stage: 1000 * number // len(outcomes) for stage, number in stages.items()}


def level_shares(outcomes: dict[str, Outcome]) -> dict[int, int]:
    """Per mille of the assessed agencies."""
    levels = Counter(outcome.level for outcome in outcomes.values() if outcome.level)
    return {level: 1000 * number // levels.total() for level, number in sorted(levels.items())}


def moves(before: dict[str, Outcome], after: dict[str, Outcome]) -> list[int]:
    """The change of level of every agency that has one in both months."""
    return [
        now.level - then.level
        for agency, now in after.items()
        if (then := before.get(agency)) and now.level and then.level
    ]


@pytest.fixture(scope="module")
def rulebook() -> Rulebook:
    return parse((ROOT / "scoring/rulebooks/default.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory, rulebook: Rulebook) -> Reading:
    platform = write_platform(tmp_path_factory.mktemp("tiny"), size=TINY, today=TODAY)
    return Reading(platform, rulebook)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory, rulebook: Rulebook) -> Reading:
    platform = write_platform(tmp_path_factory.mktemp("small"), size="small", today=TODAY)
    return Reading(platform, rulebook)


@pytest.fixture(scope="module")
def two_months(small: Reading) -> tuple[dict[str, Outcome], dict[str, Outcome]]:
    """The outcomes of the last two full months of the small platform."""
    before, after = small.platform.months[-2:]
    return small.outcomes(before), small.outcomes(after)


def digest(platform: DemoPlatform) -> str:
    """One digest of all files, names and bytes."""
    total = hashlib.sha256()
    for path in files(platform):
        total.update(path.name.encode() + b"\0" + path.read_bytes())
    return total.hexdigest()


def files(platform: DemoPlatform) -> list[Path]:
    return [
        platform.agencies,
        platform.creators,
        *platform.bindings,
        platform.violations,
        *platform.facts,
    ]


def header(path: Path) -> str:
    with path.open(encoding="utf-8") as source:
        return source.readline().strip()


# --- calendar ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("today", "delivered"),
    [("2026-11-01", 0), ("2026-11-02", 1), ("2026-11-16", 15), ("2026-11-30", 15)],
)
def test_current_month_is_delivered_to_yesterday_and_to_the_15th_at_most(
    today: str, delivered: int
) -> None:
    assert timeline(date.fromisoformat(today), 3).current.days == delivered


def test_months_count_back_over_the_turn_of_the_year() -> None:
    line: Timeline = timeline(date(2028, 3, 9), 4)
    assert [month.key for month in line.months] == ["2027-12", "2028-01", "2028-02", "2028-03"]
    assert [month.days for month in line.full] == [31, 31, 29]


def test_one_month_is_refused_for_it_has_no_level() -> None:
    with pytest.raises(ValueError, match="2 months or more"):
        timeline(TODAY, 1)


def test_first_day_of_a_month_brings_no_file_for_it(tmp_path: Path) -> None:
    platform = write_platform(tmp_path, size=TINY, today=date(2026, 12, 1))
    assert [path.name for path in platform.facts] == ["facts-2026-11.csv"]
    assert platform.months == ["2026-11"]
    assert platform.current_month == "2026-12"


def test_a_size_without_room_for_the_situations_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="agencies or more"):
        write_platform(tmp_path, size=DemoSize(12, 100, 2), today=TODAY)
    with pytest.raises(ValueError, match="more than 30"):
        write_platform(tmp_path, size=DemoSize(40, 30, 2), today=TODAY)


# --- determinism ------------------------------------------------------------------------------


def test_same_seed_and_day_give_the_same_bytes_in_another_process(
    tiny: Reading, tmp_path: Path
) -> None:
    code = (
        "import sys; from datetime import date; from pathlib import Path;"
        "from portal.demo import DemoSize, write_platform;"
        f"write_platform(Path(sys.argv[1]), size=DemoSize({TINY.agencies}, {TINY.creators}, "
        f"{TINY.months}), today=date({TODAY.year}, {TODAY.month}, {TODAY.day}))"
    )
    subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": "4711", "TZ": "America/Los_Angeles", "LC_ALL": "C"},
        check=True,
    )
    for path in files(tiny.platform):
        assert (tmp_path / path.name).read_bytes() == path.read_bytes(), path.name


def test_another_seed_gives_another_platform(tiny: Reading, tmp_path: Path) -> None:
    other = write_platform(tmp_path, size=TINY, today=TODAY, seed=1)
    assert digest(other) != digest(tiny.platform)


# --- files ------------------------------------------------------------------------------------


def test_columns_are_those_of_the_contract(tiny: Reading) -> None:
    platform = tiny.platform
    assert header(platform.agencies) == (
        "agency_code,name,joined_on,city,category,contact_email,contact_phone,uscc"
    )
    assert header(platform.creators) == "creator_id,nickname,followers,contact"
    assert {header(path) for path in platform.bindings} == {
        "agency_code,creator_id,bound_from,bound_until"
    }
    assert header(platform.violations) == (
        "agency_code,kind,occurred_on,decided_on,points,summary,reference"
    )
    assert {header(path) for path in platform.facts} == {
        "creator_id,day,settled_amount,showcase_amount,good_goods_amount,settled_orders,"
        "worry_free_orders,live_minutes,creator_level,reputation,followers"
    }


def test_small_platform_has_its_size(small: Reading) -> None:
    assert len(small.joined) == 300
    assert sum(1 for _ in rows(small.platform.creators)) == 6_000
    assert small.platform.months == [f"2026-{month:02d}" for month in range(5, 11)]
    assert small.platform.current_month == "2026-11"
    assert set(small.platform.situations) == {situation.name for situation in SITUATIONS}


def test_agencies_are_invented_and_told_apart(small: Reading) -> None:
    agencies = list(rows(small.platform.agencies))
    assert len({row["name"] for row in agencies}) == len(agencies)
    assert [row["agency_code"] for row in agencies] == sorted(small.joined)
    for row in agencies:
        assert not any(famous in row["name"] for famous in FAMOUS), row["name"]
        assert row["name"].startswith(row["city"])
        assert row["category"] in CATEGORIES
        assert re.fullmatch(r"(ag\d+@example\.com)?", row["contact_email"])
        assert re.fullmatch(r"(400-000-\d{4})?", row["contact_phone"])
        assert re.fullmatch(r"([0-9A-HJ-NPQRTUWXY]{18})?", row["uscc"])
        assert date.fromisoformat(row["joined_on"]) < TODAY


def test_facts_are_sorted_whole_and_within_the_contract(tiny: Reading) -> None:
    creators = {row["creator_id"] for row in rows(tiny.platform.creators)}
    wanted = [date(2026, 10, 1) + timedelta(days=number) for number in range(46)]
    seen: dict[str, None] = {}
    keys: list[tuple[str, str]] = []
    refunds = 0
    for path in tiny.platform.facts:
        for row in rows(path):
            seen[row["day"]] = None
            keys.append((row["day"], row["creator_id"]))
            refunds += row["settled_amount"].startswith("-")
            assert row["creator_id"] in creators
            check_fact(row)
    assert list(seen) == [day.isoformat() for day in wanted]
    assert keys == sorted(set(keys))
    assert refunds > 0


def check_fact(row: dict[str, str]) -> None:
    parts = [row["settled_amount"], row["showcase_amount"], row["good_goods_amount"]]
    assert all(re.fullmatch(r"-?\d+\.\d\d", part) for part in parts)
    settled, showcase, good_goods = map(cents, parts)
    assert max(showcase, good_goods) <= max(settled, 0)
    assert 0 <= int(row["worry_free_orders"]) <= int(row["settled_orders"])
    assert 0 <= int(row["live_minutes"]) <= 1440
    assert re.fullmatch(r"[0-7]?", row["creator_level"])
    assert row["reputation"] == "" or 360 <= cents(row["reputation"]) <= 495
    assert re.fullmatch(r"\d*", row["followers"])


def test_bindings_never_overlap_and_follow_the_agency(small: Reading) -> None:
    for creator, spans in small.spans.items():
        ordered = sorted(spans, key=lambda span: span[1])
        for agency, since, until in ordered:
            assert small.joined[agency] <= since < until, creator
            assert since < TODAY, creator
            assert until == date.max or until <= TODAY, creator
        for (_, _, until), (_, since, _) in pairwise(ordered):
            assert until <= since, creator


def test_binding_changes_move_close_and_open(small: Reading) -> None:
    history, changes = (list(rows(path)) for path in small.platform.bindings)
    known = {(row["agency_code"], row["creator_id"], row["bound_from"]): row for row in history}
    for kind in (history, changes):
        keys = [(row["agency_code"], row["creator_id"], row["bound_from"]) for row in kind]
        assert len(set(keys)) == len(keys)
    assert any(row["bound_until"] for row in history)
    for row in changes:
        earlier = known.get((row["agency_code"], row["creator_id"], row["bound_from"]))
        if earlier:
            assert earlier["bound_until"] == ""
            assert row["bound_until"] != ""
        else:
            assert row["bound_from"] >= "2026-05-01"
    ends_inside_a_month = [row for row in changes if row["bound_until"][-2:] not in ("", "01")]
    assert len(ends_inside_a_month) > 100


def test_violations_are_of_known_kinds_and_in_the_past(small: Reading) -> None:
    cases = list(rows(small.platform.violations))
    known = {violation.kind for violation in small.rulebook.violations}
    assert len({row["kind"] for row in cases}) >= 5
    assert len({row["reference"] for row in cases}) == len(cases)
    assert len({row["decided_on"][:7] for row in cases}) >= 6
    for row in cases:
        assert row["kind"] in known
        joined = small.joined[row["agency_code"]].isoformat()
        assert joined <= row["occurred_on"] <= row["decided_on"] < TODAY.isoformat()
        assert int(row["points"]) >= 0
    for agency in small.joined:
        assert small.credit(agency, TODAY) > 0


# --- levels -----------------------------------------------------------------------------------


def assert_believable(before: dict[str, Outcome], after: dict[str, Outcome]) -> None:
    stages, levels = stage_shares(after), level_shares(after)
    assert 80 <= stages["observation"] <= 150
    assert 50 <= stages["novice"] <= 80
    for level, (least, most) in enumerate(
        ((250, 350), (250, 350), (180, 280), (80, 150), (30, 70)), start=1
    ):
        assert least <= levels[level] <= most, (level, levels)
    moved = moves(before, after)
    assert 100 * sum(abs(move) > 1 for move in moved) < 3 * len(moved)
    assert any(moved)


def test_last_full_month_is_a_believable_pyramid_after_a_calm_one(
    two_months: tuple[dict[str, Outcome], dict[str, Outcome]],
) -> None:
    assert_believable(*two_months)


def test_every_situation_is_what_it_is_called(
    small: Reading, two_months: tuple[dict[str, Outcome], dict[str, Outcome]]
) -> None:
    assert_situations(small, *two_months)


def assert_situations(
    reading: Reading, before: dict[str, Outcome], after: dict[str, Outcome]
) -> None:
    codes = reading.platform.situations
    then = {name: before[code] for name, code in codes.items() if code in before}
    now = {name: after[code] for name, code in codes.items()}
    floor = reading.rulebook.stages.service_floor
    for level in (1, 2, 3, 4, 5):
        assert now[f"v{level}"].level == then[f"v{level}"].level == level
    assert (now["falling"].level or 0) < (then["falling"].level or 0)
    assert (now["rising"].level or 9) > (then["rising"].level or 9)
    assert now["moved_creators"].stage == "assessed"
    assert now["novice"].stage == "novice"
    assert now["no_creators"].stage == "observation"
    assert now["no_creators"].score.total == 0
    for name in ("observation_credit", "credit_below_40"):
        assert now[name].stage == "observation"
        assert now[name].credit < 80
        assert now[name].score.service >= floor
    assert now["credit_below_40"].credit < 40
    assert (now["credit_at_floor"].credit, now["credit_at_floor"].stage) == (80, "assessed")
    assert now["observation_service"].stage == "observation"
    assert now["observation_service"].score.service < floor
    assert now["observation_service"].credit == 120
    assert (then["service_recovered"].stage, now["service_recovered"].stage) == (
        "observation",
        "assessed",
    )


def test_moved_creators_came_and_went_inside_the_last_full_month(small: Reading) -> None:
    code = small.platform.situations["moved_creators"]
    month = (date(2026, 10, 2), date(2026, 10, 31))
    spans = [span for spans in small.spans.values() for span in spans if span[0] == code]
    assert sum(month[0] <= since <= month[1] for _, since, _ in spans) == 4
    assert sum(month[0] <= until <= month[1] for _, _, until in spans) == 3


@pytest.mark.soak
@pytest.mark.parametrize("today", ["2026-03-31", "2026-07-01", "2026-12-09", "2027-01-04"])
def test_pyramid_and_situations_hold_in_every_season(
    today: str, tmp_path: Path, rulebook: Rulebook
) -> None:
    platform = write_platform(tmp_path, size="small", today=date.fromisoformat(today))
    reading = Reading(platform, rulebook)
    before, after = (reading.outcomes(month) for month in platform.months[-2:])
    assert_believable(before, after)
    assert_situations(reading, before, after)

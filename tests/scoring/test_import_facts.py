"""`import_facts`: the latest import wins per creator and day, and every day has one part."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
import time_machine
from django.conf import settings as django_settings

from agencies.enums import ImportOutcome
from agencies.imports import Occasion, import_file
from agencies.models import Creator, ImportedFile
from scoring.enums import EvaluationState
from scoring.facts import FactImport, data_through, missing_days, prune_parts
from scoring.models import Evaluation, FactPart
from tests.agencies.deliveries import HEADERS, Said, deliver, parquet_file, run_import
from tests.factories import CreatorFactory, EvaluationFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_on_22_november")]
NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
ROW = "100.50,20,-3.5,4,5,60,5,4.85,1000"


@pytest.fixture
def _on_22_november() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


def rows_of(day: str) -> list[tuple[Any, ...]]:
    """The current rows of a day: creator id, then the stored values."""
    part = FactPart.objects.current().get(day=day)
    rows = duckdb.execute(
        f"FROM read_parquet('{django_settings.FACTS_DIR / part.path}')"
    ).fetchall()
    assert len(rows) == part.rows
    assert [row[0] for row in rows] == sorted(row[0] for row in rows)
    names = dict(Creator.objects.values_list("id", "creator_id"))
    return [(names[row[0]], *row[2:]) for row in rows]


def current_parts() -> dict[date, str]:
    return dict(FactPart.objects.current().values_list("day", "sha256"))


def files() -> list[str]:
    folder = django_settings.FACTS_DIR
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def test_rows_become_one_part_per_day_with_exact_values(tmp_path: Path) -> None:
    said = deliver(
        tmp_path,
        "facts",
        f"C1,2026-10-01,{ROW}",
        "C2,2026-10-01,-0.00,0,0.1,0,0,1440,,,",
        "C1,2026-10-02,1000000000000,-999999999999.99,0,1,0,0,0,0,0",
    )
    assert (said.out, said.err, said.exit_code) == ("accepted 3, rejected 0\n", "", 0)
    assert rows_of("2026-10-01") == [
        ("C1", 10050, 2000, -350, 4, 5, 60, 5, 485, 1000),
        ("C2", 0, 0, 10, 0, 0, 1440, None, None, None),
    ]
    assert rows_of("2026-10-02") == [("C1", 100000000000000, -99999999999999, 0, 1, 0, 0, 0, 0, 0)]


def test_optional_columns_may_be_left_out(tmp_path: Path) -> None:
    header = HEADERS["facts"].rsplit(",", 3)[0]
    deliver(tmp_path, "facts", "C1,2026-10-01,1,2,3,4,5,6", header=header)
    assert rows_of("2026-10-01") == [("C1", 100, 200, 300, 4, 5, 6, None, None, None)]


def test_facts_of_an_unknown_creator_wait_for_the_introduction(tmp_path: Path) -> None:
    known = CreatorFactory(creator_id="C1")
    deliver(tmp_path, "facts", f"C1,2026-10-01,{ROW}", f"C2,2026-10-01,{ROW}")
    unknown = Creator.objects.get(creator_id="C2")
    assert Creator.objects.count() == 2
    assert unknown.introduced_on is None
    assert [row[0] for row in rows_of("2026-10-01")] == ["C1", "C2"]
    assert known.pk == Creator.objects.get(creator_id="C1").pk


def test_rejected_rows_make_no_creator_and_no_part(tmp_path: Path) -> None:
    said = deliver(
        tmp_path,
        "facts",
        f"C1,2026-10-01,{ROW}",
        f"C1,2026-10-01,{ROW}",
        f"C2,2026-11-23,{ROW}",
    )
    same = (
        "creator_id, day: 2 rows of this file are about the same (lines 2, 3);"
        " leave the one that is right"
    )
    assert said.reasons == [
        (2, same),
        (3, same),
        (4, 'day: "2026-11-23" is in the future'),
    ]
    assert not Creator.objects.exists()
    assert not FactPart.objects.exists()
    assert files() == []


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("C1,2026-10-01,1e309,0,0,1,1,1,,,", 'settled_amount: "1e309" is not a plain number'),
        ("C1,2026-10-01,NaN,0,0,1,1,1,,,", 'settled_amount: "NaN" is not a plain number'),
        ("C1,2026-10-01,+1,0,0,1,1,1,,,", 'settled_amount: "+1" is not a plain number'),
        ("C1,2026-10-01,1.005,0,0,1,1,1,,,", 'settled_amount: "1.005" is not a plain number'),
        ("C1,2026-10-01,--1,0,0,1,1,1,,,", 'settled_amount: "--1" is not a plain number'),
        ("C1,2026-10-01, 1,0,0,1,1,1,,,", 'settled_amount: " 1" is not a plain number'),
        ("C1,2026-10-01,0x1F,0,0,1,1,1,,,", 'settled_amount: "0x1F" is not a plain number'),
        ('C1,2026-10-01,"1,000",0,0,1,1,1,,,', 'settled_amount: "1,000" is not a plain number'),
        ("C1,2026-10-01,1000000000000.01,0,0,1,1,1,,,", 'settled_amount: "1000000000000.01" is'),
        ("C1,2026-10-01,,0,0,1,1,1,,,", "settled_amount is empty: it is required"),
        ("C1,2026-10-01,1,1,1,-1,1,1,,,", 'settled_orders: "-1" is not between 0 and'),
        ("C1,2026-10-01,1,1,1,1.0,1,1,,,", 'settled_orders: "1.0" is not a whole number'),
        ("C1,2026-10-01,1,1,1,1,1,1441,,,", 'live_minutes: "1441" is not between 0 and 1440'),
        ("C1,2026-10-01,1,1,1,1,1,1,8,,", 'creator_level: "8" is not between 0 and 7'),
        ("C1,2026-10-01,1,1,1,1,1,1,,5.01,", 'reputation: "5.01" is not between 0 and 5'),
        ("C1,2026-10-01,1,1,1,1,1,1,,-0.01,", 'reputation: "-0.01" is not between 0 and 5'),
        ("C1,2026-10-01,1,1,1,1,1,1,,,-1", 'followers: "-1" is not between 0 and'),
        ("C1,2026-02-30,1,1,1,1,1,1,,,", 'day: "2026-02-30" is not a day'),
        ("C1,20261001,1,1,1,1,1,1,,,", 'day: "20261001" is not a day'),
        ("C1,2026-10-01,1,1,1,1,1,1,,", "the row has 10 fields, the header has 11"),
    ],
)
def test_row_is_rejected_with_its_reason(tmp_path: Path, row: str, reason: str) -> None:
    said = deliver(tmp_path, "facts", f"C9,2026-10-01,{ROW}", row)
    assert said.counts == "accepted 1, rejected 1"
    [(line, given)] = said.reasons
    assert line == 3
    assert given.startswith(reason)


def test_field_of_10_mb_is_one_rejected_row(tmp_path: Path) -> None:
    said = deliver(
        tmp_path, "facts", f"C9,2026-10-01,{ROW}", f"{'x' * 10_000_000},2026-10-01,{ROW}"
    )
    [(line, given)] = said.reasons
    assert (line, len(given) < 200) == (3, True)


def test_correction_changes_exactly_its_rows_and_what_it_replaced_stays_traceable(
    tmp_path: Path,
) -> None:
    deliver(
        tmp_path,
        "facts",
        f"C1,2026-10-01,{ROW}",
        "C2,2026-10-01,1,1,1,1,1,1,,,",
        f"C1,2026-10-02,{ROW}",
    )
    before = current_parts()
    said = deliver(tmp_path, "facts", "C2,2026-10-01,2,0,0,0,0,0,,,", name="correction.csv")
    assert said.counts == "accepted 1, rejected 0"
    assert rows_of("2026-10-01") == [
        ("C1", 10050, 2000, -350, 4, 5, 60, 5, 485, 1000),
        ("C2", 200, 0, 0, 0, 0, 0, None, None, None),
    ]
    assert current_parts()[date(2026, 10, 2)] == before[date(2026, 10, 2)]
    part = FactPart.objects.current().get(day="2026-10-01")
    assert part.imported_file.name == "correction.csv"
    assert part.replaces is not None
    assert part.replaces.sha256 == before[date(2026, 10, 1)]
    assert part.replaces.superseded_at == NOW
    assert (django_settings.FACTS_DIR / part.replaces.path).is_file()


def test_old_file_delivered_again_after_its_correction_changes_nothing(tmp_path: Path) -> None:
    old = f"C1,2026-10-01,{ROW}"
    deliver(tmp_path, "facts", old)
    deliver(tmp_path, "facts", "C1,2026-10-01,7,0,0,0,0,0,,,")
    before = current_parts()
    said = deliver(tmp_path, "facts", old, name="again.csv")
    assert said.out == (
        "already imported on 2026-11-22 10:00 (accepted 1, rejected 0): nothing changed;"
        " --again applies it once more\n"
    )
    assert said.exit_code == 0
    assert current_parts() == before
    assert ImportedFile.objects.count() == 2


def test_again_applies_an_old_file_once_more(tmp_path: Path) -> None:
    old = f"C1,2026-10-01,{ROW}"
    deliver(tmp_path, "facts", old)
    deliver(tmp_path, "facts", "C1,2026-10-01,7,0,0,0,0,0,,,", name="correction.csv")
    path = tmp_path / "file.csv"
    said = run_import("facts", path, again=True)
    assert said.counts == "accepted 1, rejected 0"
    assert rows_of("2026-10-01")[0][1] == 10050
    assert FactPart.objects.filter(day="2026-10-01").count() == 3


def test_refused_file_may_be_delivered_again(tmp_path: Path) -> None:
    with time_machine.travel(NOW - timedelta(days=60), tick=False):
        deliver(tmp_path, "facts", f"C1,2026-10-01,{ROW}", header="creator_id,day")
    assert ImportedFile.objects.get().outcome == ImportOutcome.REFUSED
    said = deliver(tmp_path, "facts", f"C1,2026-10-01,{ROW}")
    assert said.counts == "accepted 1, rejected 0"


def test_day_with_the_same_content_keeps_its_file(tmp_path: Path) -> None:
    deliver(tmp_path, "facts", f"C1,2026-10-01,{ROW}", f"C2,2026-10-01,{ROW}")
    said = deliver(tmp_path, "facts", f"C2,2026-10-01,{ROW}", name="part.csv")
    assert said.counts == "accepted 1, rejected 0"
    before, again = FactPart.objects.order_by("id")
    assert (again.replaces, again.sha256, again.imported_file.name) == (
        before,
        before.sha256,
        "part.csv",
    )
    assert len(files()) == 1


def _shards(count: int, *, seed: int) -> list[list[str]]:
    shuffled = random.Random(seed)
    rows = [
        f"C{creator:03d},2026-10-{day:02d},{creator * day}.25,0,0,{creator},0,{day},,,"
        for creator in range(60)
        for day in (1, 2, 3)
    ]
    shuffled.shuffle(rows)
    return [rows[number::count] for number in range(count)]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_shards_in_any_order_give_the_same_bytes(tmp_path: Path, seed: int, settings: Any) -> None:
    for number in range(60):
        CreatorFactory(creator_id=f"C{number:03d}")
    deliver(tmp_path, "facts", *_shards(1, seed=0)[0])
    whole = current_parts()
    FactPart.objects.all().update(superseded_at=NOW)
    settings.DUCKDB_THREADS = 2**seed // 2
    for number, shard in enumerate(_shards(4, seed=seed)):
        deliver(tmp_path, "facts", *shard, name=f"{seed}-{number}.csv")
    assert current_parts() == whole


def test_several_files_are_imported_one_by_one_and_a_refused_one_stops_none(
    tmp_path: Path,
) -> None:
    good, bad, last = (tmp_path / name for name in ("good.csv", "bad.csv", "last.csv"))
    good.write_text(f"{HEADERS['facts']}\nC1,2026-10-01,{ROW}\n")
    bad.write_text("nothing\n")
    last.write_text(f"{HEADERS['facts']}\nC1,2026-10-02,{ROW}\n")
    said = run_import("facts", good, bad, last)
    assert said.out == (f"{good}: accepted 1, rejected 0\n{last}: accepted 1, rejected 0\n")
    assert said.err.startswith(f"{bad}: The columns do not fit (unknown: nothing;")
    assert said.exit_code == 1
    assert set(current_parts()) == {date(2026, 10, 1), date(2026, 10, 2)}


def _parquet(path: Path, **columns: Any) -> Said:
    plain: dict[str, Any] = {
        "creator_id": ["C1"],
        "day": [date(2026, 10, 1)],
        "settled_amount": [1],
        "showcase_amount": [Decimal("2.50")],
        "good_goods_amount": ["-3.5"],
        "settled_orders": [4],
        "worry_free_orders": [5],
        "live_minutes": [60],
    }
    return run_import("facts", parquet_file(path, {**plain, **columns}))


def test_parquet_takes_integers_decimals_strings_and_dates(tmp_path: Path) -> None:
    said = _parquet(
        tmp_path / "facts.parquet",
        settled_amount=pa.array([Decimal("1.2300")], pa.decimal128(20, 4)),
        settled_orders=pa.array([Decimal("4.00")], pa.decimal128(10, 2)),
        creator_level=pa.array([None], pa.int8()),
        reputation=pa.array(["4.5"]).dictionary_encode(),
    )
    assert said.counts == "accepted 1, rejected 0"
    assert rows_of("2026-10-01") == [("C1", 123, 250, -350, 4, 5, 60, None, 450, None)]


def test_parquet_decimal_with_a_third_decimal_is_rejected(tmp_path: Path) -> None:
    said = _parquet(
        tmp_path / "facts.parquet",
        settled_amount=pa.array([Decimal("1.005")], pa.decimal128(20, 4)),
    )
    [(line, reason)] = said.reasons
    assert line == 1
    assert reason.startswith('settled_amount: "1.005" is not a plain number')


@pytest.mark.parametrize(
    ("column", "values", "words"),
    [
        ("settled_amount", pa.array([1.5]), "is of type double; integers, decimals, strings"),
        ("live_minutes", pa.array([1.5], pa.float32()), "is of type float;"),
        ("day", pa.array([datetime(2026, 10, 1)]), "store days as dates without a time"),
        ("creator_id", pa.array([b"C1"]), "store text as strings (UTF-8)"),
        ("settled_orders", pa.array([[1]]), "is of type list<"),
        ("settled_orders", pa.array([True]), "is of type bool;"),
    ],
)
def test_parquet_column_of_another_type_refuses_the_file(
    tmp_path: Path, column: str, values: pa.Array, words: str
) -> None:
    said = _parquet(tmp_path / "facts.parquet", **{column: values})
    assert (said.out, said.exit_code) == ("", 1)
    assert f"Column {column} " in said.err
    assert words in said.err


def test_parquet_that_is_cut_off_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "facts.parquet"
    _parquet(path)
    path.write_bytes(path.read_bytes()[:-20])
    assert "The file is cut off" in run_import("facts", path).err


def test_parquet_with_damaged_pages_is_refused_as_a_whole(tmp_path: Path) -> None:
    path = tmp_path / "facts.parquet"
    parquet_file(path, {"creator_id": [f"C{n}" for n in range(5000)]})
    _parquet(path, creator_id=pa.array(["C1"]))
    content = bytearray(path.read_bytes())
    content[4:60] = b"\xff" * 56
    path.write_bytes(content)
    said = run_import("facts", path, again=True)
    assert said.exit_code == 1
    assert "The file is damaged" in said.err


def test_parquet_bomb_is_refused_by_its_footer(tmp_path: Path, settings: Any) -> None:
    settings.IMPORT_MAX_ROWS = 1_000_000
    path = tmp_path / "bomb.parquet"
    one = pa.DictionaryArray.from_arrays(pa.array([0] * 1_000_001, pa.int32()), pa.array(["1"]))
    parquet_file(path, dict.fromkeys(HEADERS["facts"].split(","), one), compression="zstd")
    assert path.stat().st_size < 100_000
    said = run_import("facts", path)
    assert said.err.endswith("The file has 1,000,001 rows; at most 1,000,000 are allowed.\n")


def test_parquet_value_that_a_million_rows_mention_is_refused(tmp_path: Path) -> None:
    long = pa.DictionaryArray.from_arrays(pa.array([0, 0], pa.int32()), pa.array(["x" * 70_000]))
    path = tmp_path / "facts.parquet"
    ones = dict.fromkeys(HEADERS["facts"].split(","), pa.array(["1", "1"]))
    said = _parquet(path, **{**ones, "creator_id": long})
    assert said.err.endswith(
        "Column creator_id holds a value of 70,000 bytes; at most 65,536 are allowed.\n"
    )


def test_limits_of_bytes_and_records_refuse_the_file(tmp_path: Path, settings: Any) -> None:
    settings.IMPORT_MAX_ROWS = 2
    rows = [f"C{number},2026-10-01,{ROW}" for number in range(3)]
    assert deliver(tmp_path, "facts", *rows[:2]).exit_code == 0
    said = deliver(tmp_path, "facts", *rows)
    assert said.err.endswith("The file has more than 2 records: deliver it in parts.\n")
    settings.IMPORT_MAX_BYTES = 100
    said = deliver(tmp_path, "facts", *rows)
    assert "bytes; at most 100 are allowed" in said.err
    assert FactPart.objects.get().rows == 2


def test_followers_are_the_newest_known(tmp_path: Path) -> None:
    creator = CreatorFactory(creator_id="C1")

    def after(*rows: str, name: str) -> tuple[int | None, date | None]:
        full = [f"C1,{day},1,1,1,1,1,1,,,{followers}" for day, followers in map(str.split, rows)]
        deliver(tmp_path, "facts", *full, name=name)
        creator.refresh_from_db()
        return creator.followers, creator.followers_on

    third, fifth = date(2026, 10, 3), date(2026, 10, 5)
    assert after("2026-10-03 30", "2026-10-02 20", name="a.csv") == (30, third)
    assert after("2026-10-01 10", name="b.csv") == (30, third)
    assert after("2026-10-03 31", name="c.csv") == (31, third)
    assert after("2026-10-05 31", name="d.csv") == (31, fifth)
    assert after("2026-10-04 40", name="e.csv") == (31, fifth)


@pytest.mark.parametrize("state", [EvaluationState.PUBLISHED, EvaluationState.COMPUTED])
def test_changed_facts_mark_the_month_as_stale(tmp_path: Path, state: str) -> None:
    deliver(tmp_path, "facts", f"C1,2026-10-01,{ROW}")
    october = EvaluationFactory(month=date(2026, 10, 1), state=state)
    september = EvaluationFactory(month=date(2026, 9, 1))
    deliver(tmp_path, "facts", f"C1,2026-10-01,{ROW}", "", name="same-content.csv")
    october.refresh_from_db()
    assert october.stale_since is None
    deliver(tmp_path, "facts", "C1,2026-10-01,9,0,0,0,0,0,,,", name="correction.csv")
    october.refresh_from_db()
    september.refresh_from_db()
    assert (october.stale_since, september.stale_since) == (NOW, None)


def test_missing_part_file_refuses_the_import_of_its_day(tmp_path: Path) -> None:
    deliver(tmp_path, "facts", f"C1,2026-10-01,{ROW}")
    part = FactPart.objects.get()
    (django_settings.FACTS_DIR / part.path).unlink()
    said = deliver(tmp_path, "facts", f"C2,2026-10-01,{ROW}", name="next.csv")
    assert "The stored facts of 2026-10-01 are missing" in said.err
    assert FactPart.objects.get() == part
    assert files() == []


@pytest.mark.parametrize(
    ("step", "share"),
    [("Reading", 0), ("Reading", 1), ("Checking", 0), ("Storing", 0), ("Storing", 1)],
)
def test_interruption_at_any_step_leaves_nothing_behind(
    tmp_path: Path, step: str, share: float
) -> None:
    def interrupt(at: str, done: float) -> None:
        if (at, done) == (step, share):
            raise KeyboardInterrupt

    path = tmp_path / "file.csv"
    path.write_text(f"{HEADERS['facts']}\nC1,2026-10-01,{ROW}\nC2,never,{ROW}\n")
    occasion = Occasion(today=date(2026, 11, 22), now=NOW, progress=interrupt)
    with pytest.raises(KeyboardInterrupt):
        import_file(path, FactImport(), occasion)
    assert not (FactPart.objects.exists())
    assert not (Creator.objects.exists())
    assert not ImportedFile.objects.exists()
    assert files() == []
    assert list(django_settings.SCRATCH_DIR.iterdir()) == []
    rejects = django_settings.REJECTS_DIR
    assert not rejects.exists() or list(rejects.iterdir()) == []
    assert deliver(tmp_path, "facts", f"C1,2026-10-01,{ROW}").counts == "accepted 1, rejected 0"


def test_nothing_is_left_in_the_scratch_directory(tmp_path: Path) -> None:
    deliver(tmp_path, "facts", f"C1,2026-10-01,{ROW}")
    deliver(tmp_path, "facts", 'C1,"open', name="bad.csv")
    assert list(django_settings.SCRATCH_DIR.iterdir()) == []


def test_scratch_of_a_killed_import_is_cleared_by_the_next(tmp_path: Path) -> None:
    left = django_settings.SCRATCH_DIR / "import-killed"
    left.mkdir(parents=True)
    (left / "lock").touch()
    (left / "spill").touch()
    deliver(tmp_path, "facts", f"C1,2026-10-01,{ROW}")
    assert list(django_settings.SCRATCH_DIR.iterdir()) == []


def test_coverage_names_missing_days_and_the_newest_day(tmp_path: Path) -> None:
    assert data_through() is None
    deliver(tmp_path, "facts", f"C1,2026-10-01,{ROW}", f"C1,2026-10-04,{ROW}")
    assert missing_days(date(2026, 10, 1), date(2026, 10, 5)) == [
        date(2026, 10, 2),
        date(2026, 10, 3),
        date(2026, 10, 5),
    ]
    assert data_through() == date(2026, 10, 4)


def _superseded_pair(tmp_path: Path) -> tuple[FactPart, FactPart]:
    deliver(tmp_path, "facts", f"C1,2026-10-01,{ROW}", name="a.csv")
    deliver(tmp_path, "facts", "C1,2026-10-01,9,0,0,0,0,0,,,", name="b.csv")
    old, new = FactPart.objects.order_by("id")
    return old, new


def test_superseded_part_loses_its_file_after_seven_days(tmp_path: Path) -> None:
    old, new = _superseded_pair(tmp_path)
    assert prune_parts(NOW + timedelta(days=7)) == 0
    later = NOW + timedelta(days=7, seconds=1)
    assert prune_parts(later) == 1
    old.refresh_from_db()
    assert old.file_removed_at == later
    assert files() == [Path(new.path).name]
    assert prune_parts(later) == 0


@pytest.mark.parametrize(
    ("state", "removed"),
    [
        (EvaluationState.PUBLISHED, 0),
        (EvaluationState.COMPUTED, 0),
        (EvaluationState.SUPERSEDED, 1),
        (EvaluationState.FAILED, 1),
    ],
)
def test_superseded_part_stays_while_an_evaluation_that_counts_names_it(
    tmp_path: Path, state: str, removed: int
) -> None:
    old, _ = _superseded_pair(tmp_path)
    evaluation: Evaluation = EvaluationFactory(state=state)
    evaluation.parts.add(old)
    assert prune_parts(NOW + timedelta(days=8)) == removed


def test_file_shared_with_the_current_part_stays(tmp_path: Path) -> None:
    old, _ = _superseded_pair(tmp_path)
    run_import("facts", tmp_path / "a.csv", again=True)
    current = FactPart.objects.current().get()
    assert current.path == old.path
    prune_parts(NOW + timedelta(days=8))
    assert files() == [Path(current.path).name]


def test_strays_of_killed_imports_are_removed_after_a_day(tmp_path: Path) -> None:
    deliver(tmp_path, "facts", f"C1,2026-10-01,{ROW}")
    folder = django_settings.FACTS_DIR / "2026" / "10"
    stray = folder / f"02-{'0' * 64}.parquet"
    unfinished = folder / ".02-abc.unfinished"
    stray.touch()
    unfinished.touch()
    written = datetime.fromtimestamp(stray.stat().st_mtime, UTC)
    assert prune_parts(written + timedelta(hours=23)) == 0
    assert prune_parts(written + timedelta(hours=25)) == 2
    assert files() == [Path(FactPart.objects.get().path).name]

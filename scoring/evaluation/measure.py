"""Running the indicator expressions on the engine over frozen inputs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import ibis
import pyarrow as pa
import pyarrow.parquet as pq
from django.conf import settings
from ibis import BaseBackend

from agencies.files.scratch import scratch_directory
from scoring.evaluation.freeze import frozen_path
from scoring.indicators import agency_totals, contributions, ranged
from scoring.models import Evaluation, FactPart
from scoring.months import last_day
from scoring.points import Totals

# So many bindings are aggregated at once; a range of them fits well into 512 MB.
RANGE_BINDINGS = 400_000
BATCH_ROWS = 50_000

FACTS = ibis.schema(
    {
        "creator": "int64",
        "day": "date",
        "settled_cents": "int64",
        "showcase_cents": "int64",
        "good_goods_cents": "int64",
        "settled_orders": "int64",
        "worry_free_orders": "int64",
        "live_minutes": "int32",
        "level": "int8",
        "reputation": "int16",
        "followers": "int64",
    }
)


class Measured:
    """The contributions of a month, held by the engine until they are written.

    Answers leave the engine as Parquet files: every engine of Ibis writes those alike.
    """

    def __init__(self, engine: BaseBackend, scratch: Path) -> None:
        self._engine = engine
        self._scratch = scratch

    def totals(self) -> dict[int, Totals]:
        """The sums that decide, by agency id; agencies without bound creators are not in it."""
        path = self._scratch / "totals.parquet"
        agency_totals(self._engine.table("contributed")).to_parquet(path)
        return {row.pop("agency"): Totals(**row) for row in pq.read_table(path).to_pylist()}

    def contributions(self, evaluation_id: int) -> Iterator[pa.RecordBatch]:
        """Each creator's contribution as rows of `CreatorContribution`, by agency and creator."""
        ordered = self._engine.table("contributed").order_by("agency", "creator")
        rows = ordered.rename(agency_id="agency", creator_id="creator").mutate(
            evaluation_id=ibis.literal(evaluation_id)
        )
        path = self._scratch / "contributions.parquet"
        rows.to_parquet(path)
        with pq.ParquetFile(path) as file:
            yield from file.iter_batches(batch_size=BATCH_ROWS)


@contextmanager
def measured(evaluation: Evaluation, *, progress: Callable[[int], None]) -> Iterator[Measured]:
    """Compute the contributions of a frozen evaluation; `progress` is told percents."""
    parts = list(evaluation.parts.order_by("day"))
    bindings = frozen_path(evaluation.inputs["bindings"])
    with measured_days(
        parts, bindings, last=last_day(evaluation.month), progress=progress
    ) as measured_month:
        yield measured_month


@contextmanager
def measured_days(
    parts: Sequence[FactPart],
    bindings: Path,
    *,
    last: date,
    progress: Callable[[int], None] = lambda percent: None,
) -> Iterator[Measured]:
    """Compute the contributions of the days of a month up to `last`.

    parts: the fact parts of those days. bindings: a snapshot of the bindings cut to them.

    Creators are taken in ranges so that memory stays bounded whatever the size of the month.
    """
    paths = [str(settings.FACTS_DIR / part.path) for part in parts]
    with engine() as (connection, scratch):
        facts = _facts(connection, paths)
        slices = connection.read_parquet(str(bindings), table_name="slices")
        whole = contributions(facts, slices, last=last)
        connection.create_table("contributed", schema=whole.schema())
        bounds = _ranges(bindings)
        for done, (low, high) in enumerate(bounds):
            progress(100 * done // len(bounds))
            part = contributions(ranged(facts, low, high), ranged(slices, low, high), last=last)
            connection.insert("contributed", part)
        yield Measured(connection, scratch)


@contextmanager
def engine() -> Iterator[tuple[BaseBackend, Path]]:
    """A DuckDB of its own on scratch disk, within the configured memory and threads."""
    with scratch_directory(settings.SCRATCH_DIR) as scratch:
        connection = ibis.duckdb.connect(
            scratch / "engine.duckdb",
            memory_limit=settings.DUCKDB_MEMORY_LIMIT,
            threads=settings.DUCKDB_THREADS,
            temp_directory=str(scratch / "spill"),
            preserve_insertion_order=False,
        )
        try:
            yield connection, scratch
        finally:
            connection.disconnect()


def _facts(connection: BaseBackend, paths: list[str]) -> ibis.Table:
    if not paths:
        return connection.create_table("facts", schema=FACTS)
    return connection.read_parquet(paths, table_name="facts")


def _ranges(bindings: Path) -> list[tuple[int, int]]:
    """Half-open ranges of creators that hold about RANGE_BINDINGS bindings each."""
    creators = pq.read_table(bindings, columns=["creator"])["creator"]
    if not len(creators):
        return []
    starts = sorted({creators[at].as_py() for at in range(0, len(creators), RANGE_BINDINGS)})
    return list(zip(starts, [*starts[1:], creators[-1].as_py() + 1], strict=True))

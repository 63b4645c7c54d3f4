"""Files as a platform would deliver them, and what the commands say about them."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet
from django.core.management import call_command

HEADERS = {
    "agencies": "agency_code,name,joined_on,city,category,contact_email,contact_phone,uscc",
    "creators": "creator_id,nickname,followers,contact",
    "bindings": "agency_code,creator_id,bound_from,bound_until",
    "violations": "agency_code,kind,occurred_on,decided_on,points,summary,reference",
    "facts": "creator_id,day,settled_amount,showcase_amount,good_goods_amount,settled_orders,"
    "worry_free_orders,live_minutes,creator_level,reputation,followers",
}


@dataclass(frozen=True)
class Said:
    """What an import command printed, and how it ended."""

    out: str
    err: str
    exit_code: int

    @property
    def counts(self) -> str:
        """The line with the counts."""
        return self.out.splitlines()[0] if self.out else ""

    @property
    def rejects(self) -> list[dict[str, str]]:
        """The rows of the rejects file."""
        path = self.out.split("rejects: ")[1].strip()
        with Path(path).open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    @property
    def reasons(self) -> list[tuple[int, str]]:
        """Line and reason of each rejected row."""
        return [(int(row["line"]), row["reason"]) for row in self.rejects]


def run_import(kind: str, *paths: Path, **options: Any) -> Said:
    """Run the import command of a kind over the files."""
    out, err, exit_code = io.StringIO(), io.StringIO(), 0
    try:
        call_command(
            f"import_{kind}", *map(str, paths), stdout=out, stderr=err, no_color=True, **options
        )
    except SystemExit as end:
        exit_code = int(end.code or 0)
    return Said(out.getvalue(), err.getvalue(), exit_code)


def deliver(
    folder: Path, kind: str, *rows: str, header: str | None = None, name: str = "file.csv"
) -> Said:
    """Write a CSV file of a kind and import it."""
    path = folder / name
    path.write_text("\n".join([header or HEADERS[kind], *rows]) + "\n", encoding="utf-8")
    return run_import(kind, path)


def deliver_bytes(folder: Path, kind: str, content: bytes, name: str = "file.csv") -> Said:
    """Write a file as it is and import it."""
    path = folder / name
    path.write_bytes(content)
    return run_import(kind, path)


def parquet_file(path: Path, columns: dict[str, pa.Array | Sequence[Any]], **options: Any) -> Path:
    """Write a Parquet file."""
    pyarrow.parquet.write_table(pa.table(columns), path, **options)
    return path

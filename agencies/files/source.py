"""A delivered file: what its name, size and content say before it is read."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from agencies.files.faults import FileFault
from agencies.files.parquet import ParquetFile
from agencies.files.tokens import CsvFile

CSV, PARQUET = ".csv", ".parquet"


@dataclass(frozen=True)
class Limits:
    """How large a file may be: bytes as delivered and unpacked, and records."""

    max_bytes: int
    max_rows: int


@dataclass(frozen=True)
class Delivery:
    """A file as it was delivered, known by its content; `name` is what it was called then."""

    path: Path
    name: str
    size: int
    sha256: str
    modified_ns: int

    def content(self, limits: Limits) -> CsvFile | ParquetFile:
        """The opened content, by the name's ending. Raises FileFault."""
        ending = Path(self.name).suffix.lower()
        if ending not in (CSV, PARQUET):
            raise FileFault(
                "The file's name must end in .csv or .parquet: that says how to read it."
            )
        if self.size > limits.max_bytes:
            raise FileFault(
                f"The file has {self.size:,} bytes; at most {limits.max_bytes:,} are allowed:"
                " deliver it in parts."
            )
        if ending == CSV:
            return CsvFile(self.path)
        return ParquetFile(self.path, max_rows=limits.max_rows, max_bytes=limits.max_bytes)

    def check_unchanged(self) -> None:
        """Raise FileFault if the file was written to since it was received."""
        seen = os.stat(self.path)
        if (seen.st_size, seen.st_mtime_ns) != (self.size, self.modified_ns):
            raise FileFault("The file was changed while it was being read: deliver it again.")


def receive(path: Path, *, name: str = "") -> Delivery:
    """Look at a file and hash it; it is called `name`, or as the path says.

    Raises FileFault where there is none to read.
    """
    try:
        if not path.is_file():
            raise FileFault("There is no such file." if not path.exists() else "That is no file.")
        with path.open("rb") as file:
            seen = os.fstat(file.fileno())
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise FileFault(f"The file cannot be read: {error.strerror}.") from None
    return Delivery(path, name or path.name, seen.st_size, digest, seen.st_mtime_ns)

"""A file while it arrives: written to the disk, counted and hashed, in bounded memory."""

from __future__ import annotations

import errno
import hashlib
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from django.conf import settings
from django.utils.translation import gettext as _

from agencies.refusals import Refused

UNFINISHED = ".unfinished"
ENDINGS = (".csv", ".parquet")
LONGEST_NAME = 255


@dataclass(frozen=True)
class Spooled:
    """A file that has arrived as a whole and has no name of its own yet."""

    path: Path
    sha256: str
    size: int

    def keep(self) -> None:
        """Give it its content's name, so that it survives a loss of power."""
        self.path.replace(spooled_path(self.sha256))
        handle = os.open(self.path.parent, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

    def drop(self) -> None:
        """Remove it, unless it was kept."""
        self.path.unlink(missing_ok=True)


def spooled_path(sha256: str) -> Path:
    """Where a file that waits for its import lies; web processes write it, workers read it."""
    return settings.UPLOADS_DIR / sha256


class Spool:
    """Takes the pieces of one file; `finish` or `drop` ends it.

    Raises Refused where the file is larger than an import may be, empty, or the disk is full.
    """

    def __init__(self) -> None:
        self._most = settings.IMPORT_MAX_BYTES
        self._digest = hashlib.sha256()
        self._size = 0
        self._path = settings.UPLOADS_DIR / f".{uuid.uuid4().hex}{UNFINISHED}"
        with _room():
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self._path.open("wb")

    def write(self, piece: bytes) -> None:
        """Add the next piece."""
        self._size += len(piece)
        if self._size > self._most:
            raise too_large(self._most)
        self._digest.update(piece)
        with _room():
            self._file.write(piece)

    def finish(self) -> Spooled:
        """The file, on the disk for good."""
        if not self._size:
            raise Refused(_("The file is empty: choose the one that was meant."), rule="empty")
        with _room():
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
        return Spooled(self._path, self._digest.hexdigest(), self._size)

    def drop(self) -> None:
        """Remove what has arrived."""
        with suppress(OSError):  # what was still to be written does not matter any more
            self._file.close()
        self._path.unlink(missing_ok=True)


def clean_name(name: str) -> str:
    """The name of a file without folders and signs that nobody sees, at most 255 signs long.

    Raises Refused where its ending does not say how to read it.
    """
    last = PurePosixPath(name.replace("\\", "/")).name
    shown = "".join(sign for sign in last if sign.isprintable()).strip()
    ending = PurePosixPath(shown).suffix
    if ending.lower() not in ENDINGS:
        raise Refused(
            _("The file's name must end in .csv or .parquet: that says how to read it."),
            rule="ending",
        )
    return shown[: LONGEST_NAME - len(ending)] + ending if len(shown) > LONGEST_NAME else shown


def too_large(most: int) -> Refused:
    """Why a file over the bound is not taken."""
    return Refused(
        _("The file is larger than %(most)s: deliver it in parts.") % {"most": in_words(most)},
        rule="too_large",
    )


def in_words(size: int) -> str:
    """A bound in the largest unit of which it has a whole number."""
    for unit, name in ((1024**3, "GB"), (1024**2, "MB"), (1024, "KB")):
        if size >= unit:
            return f"{size // unit} {name}" if size % unit == 0 else f"{size / unit:.1f} {name}"
    return _("%(size)s bytes") % {"size": size}


@contextmanager
def _room() -> Iterator[None]:
    """What a full disk raises becomes a sentence."""
    try:
        yield
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise Refused(
            _(
                "There is no room for the file on the platform's disk at the moment. Nothing was"
                " imported: try again later, and tell whoever looks after the machine."
            ),
            rule="no_room",
        ) from error

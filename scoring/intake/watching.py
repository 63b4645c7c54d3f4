"""What a running import says of itself while its own transaction is open."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

import structlog
from django.db import Error, connection
from django.db.models import QuerySet

from scoring.enums import UploadState
from scoring.models import Upload

SECONDS = 0.5
log = structlog.get_logger()


class AttemptLost(RuntimeError):
    """The upload was stopped, or another attempt has taken it over: this one must not commit."""

    def __init__(self, upload: Upload) -> None:
        super().__init__(f"Attempt {upload.attempt} of upload {upload.pk} does not hold it.")


def held(upload: Upload) -> QuerySet[Upload]:
    """The upload while this attempt is the running one: every write of a job goes through it."""
    return Upload.objects.filter(pk=upload.pk, state=UploadState.RUNNING, attempt=upload.attempt)


class Watch(threading.Thread):
    """Writes a running attempt's step and progress every half second, and with it a sign of life.

    Works on a connection of its own: the import's transaction shows nothing before its end.
    """

    def __init__(self, upload: Upload, clock: Callable[[], datetime]) -> None:
        super().__init__(name=f"upload-{upload.pk}", daemon=True)
        self._upload = upload
        self._clock = clock
        self._said = ("", 0)
        self._lost = False
        self._over = threading.Event()

    def report(self, step: str, share: float) -> None:
        """Note the step and its share; from any thread.

        Raises AttemptLost once the watch has seen that the attempt is not held any more.
        """
        if self._lost:
            raise AttemptLost(self._upload)
        self._said = (step, min(round(share * 100), 100))

    def run(self) -> None:
        try:
            while not self._lost and not self._over.wait(SECONDS):
                self.write()
        except Error as error:
            log.warning("upload_watch_stopped", error=str(error))
        finally:
            connection.close()

    def write(self) -> None:
        """Write what was said last; see whether the attempt is still held."""
        step, progress = self._said
        if not held(self._upload).update(step=step, progress=progress, beat_at=self._clock()):
            # a row that this connection cannot see is nobody else's either
            self._lost = Upload.objects.filter(pk=self._upload.pk).exists()

    def stop(self) -> None:
        """Write no more."""
        self._over.set()
        self.join()


@contextmanager
def watched(upload: Upload, clock: Callable[[], datetime]) -> Iterator[Watch]:
    """A watch over an attempt, for as long as it lasts."""
    watch = Watch(upload, clock)
    watch.start()
    try:
        yield watch
    finally:
        watch.stop()

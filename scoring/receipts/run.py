"""One job: claim a request for rows, write its file, hand it out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import structlog
from django.db import Error, connection

from scoring.receipts.exports import claim, complete, fail
from scoring.receipts.rows import write_rows

log = structlog.get_logger()


def make_rows(export_id: int, *, clock: Callable[[], datetime]) -> bool:
    """Make the file of a request if it is there to be made; whether it is handed out now.

    1. Ringing it any number of times, from any number of workers, makes it once.
    2. A failed attempt is asked for again, up to three; the error is kept in the row and raised.
    """
    export = claim(export_id, at=clock())
    if export is None:
        return False
    try:
        done = complete(export, write_rows(export), at=clock())
    except Exception as error:
        try:
            if connection.needs_rollback or not connection.is_usable():
                connection.close()
            fail(export, error)
        except Error as broken:  # after a quiet time the request is taken over
            log.warning("export_failure_not_recorded", error=str(broken))
        raise
    if not done:
        log.warning("export_attempt_lost", export=export_id, attempt=export.attempt)
    return done

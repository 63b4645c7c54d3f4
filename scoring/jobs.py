"""Jobs of the worker: each takes an id, loads, and calls one action."""

from __future__ import annotations

import django_rq
from django.utils import timezone

from scoring import projection
from scoring.backtests.run import run_back_test
from scoring.evaluation.run import run_evaluation
from scoring.intake.run import run_upload
from scoring.models import BackTest, Evaluation, RowExport, Upload
from scoring.receipts.run import make_rows

RESULT_TTL = 3600


def ring(evaluation: Evaluation) -> None:
    """Put an evaluation into the queue; ringing twice is harmless. Raises RedisError."""
    django_rq.get_queue("default").enqueue(
        compute,
        evaluation.pk,
        result_ttl=RESULT_TTL,
        failure_ttl=RESULT_TTL,
    )


def ring_for_projections() -> None:
    """Ask a worker for the projections; ringing twice is harmless. Raises RedisError."""
    django_rq.get_queue("default").enqueue(project, result_ttl=RESULT_TTL, failure_ttl=RESULT_TTL)


def project() -> None:
    """Compute the projections unless nothing has changed, or somebody is at it."""
    projection.project(at=timezone.now())


def compute(evaluation_id: int) -> None:
    """Compute an evaluation unless somebody has done it or is at it."""
    run_evaluation(evaluation_id)


def ring_rows(export: RowExport) -> None:
    """Put a request for rows into the queue; ringing twice is harmless. Raises RedisError."""
    django_rq.get_queue("default").enqueue(
        export_rows,
        export.pk,
        result_ttl=RESULT_TTL,
        failure_ttl=RESULT_TTL,
    )


def export_rows(export_id: int) -> None:
    """Make the file of a request for rows unless somebody has done it or is at it."""
    make_rows(export_id, clock=timezone.now)


def ring_upload(upload: Upload) -> None:
    """Put the import of an upload into the queue; ringing twice is harmless. Raises RedisError."""
    django_rq.get_queue("default").enqueue(
        import_upload,
        upload.pk,
        result_ttl=RESULT_TTL,
        failure_ttl=RESULT_TTL,
    )


def import_upload(upload_id: int) -> None:
    """Import the file of an upload unless somebody has done it or is at it."""
    run_upload(upload_id, clock=timezone.now)


def ring_back_test(test: BackTest) -> None:
    """Put a back-test into the queue; ringing twice is harmless. Raises RedisError."""
    django_rq.get_queue("default").enqueue(
        back_test,
        test.pk,
        result_ttl=RESULT_TTL,
        failure_ttl=RESULT_TTL,
    )


def back_test(test_id: int) -> None:
    """Run a back-test unless somebody has done it or is at it."""
    run_back_test(test_id, clock=timezone.now)

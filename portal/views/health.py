"""What load balancers and monitoring ask: does this process live, and may it have visitors."""

from __future__ import annotations

from functools import lru_cache
from http import HTTPStatus

import structlog
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django_rq import get_connection
from redis.exceptions import RedisError

from portal.models import Heartbeat

log = structlog.get_logger(__name__)


@login_not_required
@never_cache
@require_safe
def live(request: HttpRequest) -> HttpResponse:
    """200 as long as the process answers at all."""
    return HttpResponse("alive\n", content_type="text/plain")


@login_not_required
@never_cache
@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """Whether visitors may be sent here, and what else is wrong.

    1. 503 while the database is unreachable or not migrated: no page works then.
    2. A queue that is away or a missing worker or scheduler is told with 200: pages work, and the
       rows keep what is due until somebody is back.
    """
    try:
        pending = _pending_migrations()
        missing = [] if pending else Heartbeat.objects.missing(timezone.now())
    except (DatabaseError, OSError) as fault:
        log.error("database_unreachable", fault=str(fault))
        return JsonResponse(
            {"status": "unavailable", "database": "unreachable", "queue": _queue()},
            status=HTTPStatus.SERVICE_UNAVAILABLE,
        )
    report = {
        "status": "unavailable" if pending else "ready",
        "database": f"{pending} migrations are not applied" if pending else "ok",
        "queue": _queue(),
        "missing": [role.value for role in missing],
    }
    return JsonResponse(report, status=HTTPStatus.SERVICE_UNAVAILABLE if pending else HTTPStatus.OK)


@lru_cache(maxsize=1)
def _known_migrations() -> frozenset[tuple[str, str]]:
    """The migrations of this program; its files do not change while it runs."""
    return frozenset(MigrationLoader(None, ignore_no_migrations=True).disk_migrations)


def _pending_migrations() -> int:
    return len(_known_migrations() - set(MigrationRecorder(connection).applied_migrations()))


def _queue() -> str:
    try:
        get_connection("default").ping()
    except (RedisError, OSError) as fault:
        log.warning("queue_unreachable", fault=str(fault))
        return "unreachable"
    return "ok"

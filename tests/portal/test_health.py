"""The addresses of load balancers: open to all, never cached, without a secret."""

from __future__ import annotations

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from django.utils import timezone

from portal.heartbeats import beat
from portal.models.heartbeat import Role
from tests.portal.failing_database import database_away

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("queue")]


def test_live_answers_without_database_or_queue(client: Client) -> None:
    with database_away():
        response = client.get("/health/live")
    assert (response.status_code, response.content) == (200, b"alive\n")
    assert response["Content-Type"] == "text/plain"


def test_ready_tells_what_is_missing_without_failing(client: Client) -> None:
    response = client.get("/health/ready")
    assert response.status_code == 200
    assert response.json() == {
        "status": "ready",
        "database": "ok",
        "queue": "ok",
        "missing": ["worker", "scheduler"],
    }


def test_ready_with_everybody_there(client: Client) -> None:
    for role in Role:
        beat(role=role, name="host:1", now=timezone.now())
    assert client.get("/health/ready").json()["missing"] == []


@pytest.mark.usefixtures("lost_queue")
def test_pages_work_without_a_queue_so_ready_stays_ready(client: Client) -> None:
    response = client.get("/health/ready")
    assert response.status_code == 200
    assert response.json()["queue"] == "unreachable"


def test_not_ready_without_a_database(client: Client) -> None:
    with database_away():
        response = client.get("/health/ready")
    assert response.status_code == 503
    assert response.json() == {
        "status": "unavailable",
        "database": "unreachable",
        "queue": "ok",
    }


def test_not_ready_before_the_migrations_ran(client: Client) -> None:
    MigrationRecorder(connection).record_unapplied("rankings", "0001_initial")
    response = client.get("/health/ready")
    assert response.status_code == 503
    assert response.json()["database"] == "1 migrations are not applied"


@pytest.mark.parametrize("address", ["/health/live", "/health/ready"])
def test_answers_are_never_cached_and_read_only(client: Client, address: str) -> None:
    response = client.get(address)
    assert "no-store" in response["Cache-Control"]
    assert client.post(address).status_code == 405
    assert client.head(address).status_code == 200

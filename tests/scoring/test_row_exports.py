"""A request for rows is answered once, whatever is asked twice, killed, late or full."""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import django_rq
import pytest
from django.core.management import call_command
from django.db import DatabaseError, transaction
from django.test import Client

from agencies.enums import Role, Stage
from agencies.models import Agency
from agencies.refusals import Refused
from scoring.due import MOST_RINGS, settle_rows
from scoring.enums import EvaluationState, ExportState
from scoring.evaluation.freeze import frozen_path
from scoring.jobs import export_rows
from scoring.models import Assessment, Evaluation, RowExport
from scoring.queries.row_exports import NO_ROOM, REPLACED
from scoring.receipts.exports import (
    KEPT,
    MOST_ATTEMPTS,
    QUIET,
    ask_for_rows,
    claim,
    complete,
    export_path,
    fail,
    tidy,
)
from scoring.receipts.rows import UNFINISHED, write_rows
from scoring.receipts.run import make_rows
from tests.factories import (
    AgencyFactory,
    AssessmentFactory,
    EvaluationFactory,
    MembershipFactory,
    UserFactory,
)
from tests.factories.staff import operator, signed_in
from tests.scoring.rows import NOW, asked, published

pytestmark = pytest.mark.django_db

ASKED, RUNNING, READY = ExportState.ASKED, ExportState.RUNNING, ExportState.READY
FAILED, EXPIRED = ExportState.FAILED, ExportState.EXPIRED
LATER = NOW + QUIET


@pytest.fixture
def own() -> Agency:
    return AgencyFactory.create(code="OWN")


@pytest.fixture
def evaluation(own: Agency) -> Evaluation:
    """A published July in which the agency has a score and no creators."""
    return published(own)


@pytest.fixture
def member(own: Agency) -> Client:
    return signed_in(MembershipFactory.create(agency=own).user)


def made(own: Agency, evaluation: Evaluation, at: datetime = NOW) -> RowExport:
    export = asked(own, evaluation, at)
    assert make_rows(export.pk, clock=lambda: at)
    export.refresh_from_db()
    return export


def states() -> list[str]:
    return list(RowExport.objects.order_by("id").values_list("state", flat=True))


# --- asking -----------------------------------------------------------------------------------


def test_asking_again_leads_to_the_same_request(own: Agency, evaluation: Evaluation) -> None:
    first = asked(own, evaluation)
    for state in (ASKED, RUNNING, READY):
        RowExport.objects.update(**FIELDS[state])
        again, new = ask_for_rows(
            agency=own, evaluation=evaluation, by=UserFactory.create(), at=NOW
        )
        assert (again, new) == (first, False)


@pytest.mark.parametrize("state", [FAILED, EXPIRED])
def test_after_the_end_of_one_another_may_be_asked(
    own: Agency, evaluation: Evaluation, state: str
) -> None:
    first = asked(own, evaluation)
    RowExport.objects.update(state=state)
    assert asked(own, evaluation) != first


def test_a_file_over_its_time_makes_room_before_reconcile_has_seen_it(
    own: Agency, evaluation: Evaluation
) -> None:
    made(own, evaluation)
    asked(own, evaluation, NOW + KEPT)
    assert states() == [EXPIRED, ASKED]


@pytest.mark.parametrize("change", ["novice", "unpublished", "absent"])
def test_without_a_score_there_are_no_rows(
    own: Agency, evaluation: Evaluation, change: str
) -> None:
    if change == "unpublished":
        evaluation.state = EvaluationState.COMPUTED
    else:
        Assessment.objects.all().delete()
    if change == "novice":
        AssessmentFactory.create(evaluation=evaluation, agency=own, stage=Stage.NOVICE)
    with pytest.raises(Refused, match="has no published score in it"):
        asked(own, evaluation)


# --- the job ----------------------------------------------------------------------------------


def test_a_file_is_made_once_and_kept_for_30_days(own: Agency, evaluation: Evaluation) -> None:
    export = made(own, evaluation)
    assert (export.state, export.attempt, export.rows, export.error) == (READY, 1, 0, "")
    assert (export.ready_at, export.expires_at) == (NOW, NOW + timedelta(days=30))
    path = export_path(export.sha256)
    assert export.size == path.stat().st_size
    before = path.stat().st_mtime_ns
    assert not make_rows(export.pk, clock=lambda: LATER)
    assert path.stat().st_mtime_ns == before
    assert not make_rows(export.pk + 1, clock=lambda: NOW)


def test_the_job_makes_it(own: Agency, evaluation: Evaluation) -> None:
    export = asked(own, evaluation)
    export_rows(export.pk)
    assert states() == [READY]


def test_one_of_two_claimants_wins(own: Agency, evaluation: Evaluation) -> None:
    export = asked(own, evaluation)
    assert claim(export.pk, at=NOW) is not None
    assert claim(export.pk, at=NOW) is None
    assert claim(export.pk, at=LATER - timedelta(seconds=1)) is None


def test_a_dead_worker_s_request_is_taken_over_and_its_late_writes_change_nothing(
    own: Agency, evaluation: Evaluation
) -> None:
    export = asked(own, evaluation)
    dead = claim(export.pk, at=NOW)
    assert dead is not None
    late = write_rows(dead)
    assert make_rows(export.pk, clock=lambda: LATER)
    export.refresh_from_db()
    assert (export.state, export.attempt, export.ready_at) == (READY, 2, LATER)

    assert not complete(dead, late, at=LATER)
    assert not fail(dead, RuntimeError("late"))

    assert not late.path.exists()
    export.refresh_from_db()
    assert (export.state, export.attempt, export.ready_at, export.error) == (READY, 2, LATER, "")
    assert export_path(export.sha256).exists()


def test_a_failed_attempt_is_tried_again_and_given_up_after_three(
    own: Agency, evaluation: Evaluation
) -> None:
    export = asked(own, evaluation)
    frozen_path("b.parquet").unlink()
    for state in (ASKED, ASKED, FAILED):
        with pytest.raises(FileNotFoundError):
            make_rows(export.pk, clock=lambda: NOW)
        export.refresh_from_db()
        assert export.state == state
        assert export.error.startswith("FileNotFoundError: ")
    assert (export.attempt, len(export.error) <= 300) == (MOST_ATTEMPTS, True)
    assert not make_rows(export.pk, clock=lambda: LATER)


def test_workers_that_end_without_a_word_are_not_replaced_for_ever(
    own: Agency, evaluation: Evaluation
) -> None:
    export = asked(own, evaluation)
    for attempt in range(MOST_ATTEMPTS):
        assert claim(export.pk, at=NOW + attempt * QUIET) is not None
    assert claim(export.pk, at=NOW + MOST_ATTEMPTS * QUIET) is None
    export.refresh_from_db()
    assert (export.state, export.error) == (FAILED, "Its worker ended without a word.")


def test_a_replaced_revision_s_rows_are_not_made(own: Agency, evaluation: Evaluation) -> None:
    export = asked(own, evaluation)
    Evaluation.objects.update(state=EvaluationState.SUPERSEDED)
    assert not make_rows(export.pk, clock=lambda: NOW)
    export.refresh_from_db()
    assert (export.state, export.error) == (FAILED, REPLACED)


def test_a_full_disk_is_told_and_leaves_no_file(
    own: Agency, evaluation: Evaluation, settings: Any
) -> None:
    export = asked(own, evaluation)
    claimed = claim(export.pk, at=NOW)
    assert claimed is not None
    fail(claimed, OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))
    export.refresh_from_db()
    assert (export.state, export.error) == (ASKED, NO_ROOM)
    frozen_path("b.parquet").write_bytes(b"damaged")
    with pytest.raises(Exception, match="Parquet"):
        make_rows(export.pk, clock=lambda: NOW)
    assert list(settings.EXPORTS_DIR.glob("*")) == []


# --- reconcile --------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_what_waits_or_lost_its_worker_is_rung_for(own: Agency, evaluation: Evaluation) -> None:
    export = asked(own, evaluation)
    queue = django_rq.get_queue("default")
    queue.empty()
    assert settle_rows(now=NOW) == ["rang for the rows of OWN in 2026-07 r1"]
    assert claim(export.pk, at=NOW) is not None
    assert settle_rows(now=NOW) == []
    assert settle_rows(now=LATER) == ["rang for the rows of OWN in 2026-07 r1"]
    assert [job.args for job in queue.jobs] == [(export.pk,)] * 2
    queue.empty()


def test_a_crowd_is_rung_for_in_portions(evaluation: Evaluation) -> None:
    user = UserFactory.create()
    RowExport.objects.bulk_create(
        RowExport(agency=agency, evaluation=evaluation, asked_by=user, asked_at=NOW)
        for agency in AgencyFactory.create_batch(MOST_RINGS + 1)
    )
    assert len(settle_rows(now=NOW)) == MOST_RINGS
    django_rq.get_queue("default").empty()


@pytest.mark.django_db(transaction=True)
def test_without_a_queue_the_request_waits(
    own: Agency, evaluation: Evaluation, member: Client, settings: Any
) -> None:
    settings.RQ_QUEUES = {"default": {"URL": "unix:///nowhere/valkey.sock?db=0"}}
    assert member.post("/score/rows/ask/", {"month": "2026-07"}).status_code == 302
    assert settle_rows(now=NOW) == []
    assert states() == [ASKED]


def test_files_over_their_time_go_and_nothing_else(
    own: Agency, evaluation: Evaluation, settings: Any
) -> None:
    export = made(own, evaluation)
    path = export_path(export.sha256)
    assert tidy(now=NOW + KEPT - timedelta(seconds=1)) == 0
    assert path.exists()
    assert settle_rows(now=NOW + KEPT) == ["removed 1 files of rows"]
    assert states() == [EXPIRED]
    assert list(settings.EXPORTS_DIR.glob("*")) == []


def test_a_file_that_another_request_hands_out_stays(own: Agency, evaluation: Evaluation) -> None:
    first = made(own, evaluation)
    second = made(own, evaluation, NOW + KEPT)
    assert (first.sha256, states()) == (second.sha256, [EXPIRED, READY])
    assert tidy(now=NOW + KEPT) == 0
    assert export_path(first.sha256).exists()


def test_a_lost_file_may_be_asked_for_again(own: Agency, evaluation: Evaluation) -> None:
    export = made(own, evaluation)
    export_path(export.sha256).unlink()
    tidy(now=NOW)
    assert states() == [EXPIRED]


def test_what_a_killed_worker_left_is_removed_after_an_hour(
    own: Agency, evaluation: Evaluation, settings: Any
) -> None:
    made(own, evaluation)
    left = settings.EXPORTS_DIR / f"left{UNFINISHED}"
    stray = export_path("0" * 64)
    left.touch()
    stray.touch()
    hour_ago = NOW.timestamp() - 3600
    os.utime(left, (hour_ago + 1, hour_ago + 1))
    assert tidy(now=NOW) == 1
    assert (left.exists(), stray.exists()) == (True, False)
    os.utime(left, (hour_ago - 1, hour_ago - 1))
    assert tidy(now=NOW) == 1
    assert not left.exists()


def test_reconcile_does_it(own: Agency, evaluation: Evaluation, capsys: Any) -> None:
    asked(own, evaluation)
    call_command("reconcile")
    assert "rang for the rows of OWN in 2026-07 r1" in capsys.readouterr().out
    django_rq.get_queue("default").empty()


# --- the constraints --------------------------------------------------------------------------

FIELDS: dict[str, dict[str, Any]] = {
    ASKED: {"state": ASKED},
    RUNNING: {"state": RUNNING, "attempt": 1, "claimed_at": NOW},
    READY: {
        "state": READY,
        "ready_at": NOW,
        "expires_at": NOW + KEPT,
        "rows": 1,
        "size": 1,
        "sha256": "0" * 64,
    },
}


@pytest.mark.parametrize(
    ("constraint", "changes"),
    [
        ("row_export_state_known", {"state": "lost"}),
        ("row_export_ready_is_complete", {**FIELDS[READY], "ready_at": None}),
        ("row_export_ready_is_complete", {**FIELDS[READY], "expires_at": None}),
        ("row_export_ready_is_complete", {**FIELDS[READY], "rows": None}),
        ("row_export_ready_is_complete", {**FIELDS[READY], "sha256": ""}),
        ("row_export_running_is_claimed", {**FIELDS[RUNNING], "attempt": 0}),
        ("row_export_running_is_claimed", {**FIELDS[RUNNING], "claimed_at": None}),
    ],
)
def test_the_database_refuses(
    own: Agency, evaluation: Evaluation, constraint: str, changes: dict[str, Any]
) -> None:
    export = asked(own, evaluation)
    with pytest.raises(DatabaseError, match=constraint), transaction.atomic():
        RowExport.objects.filter(pk=export.pk).update(**changes)


@pytest.mark.parametrize("state", [ASKED, RUNNING, READY])
def test_there_is_one_current_request(own: Agency, evaluation: Evaluation, state: str) -> None:
    export = asked(own, evaluation)
    RowExport.objects.update(**FIELDS[state])
    with pytest.raises(DatabaseError, match="row_export_current_once"), transaction.atomic():
        RowExport.objects.create(
            agency=own, evaluation=evaluation, asked_by=export.asked_by, asked_at=NOW
        )


# --- the pages --------------------------------------------------------------------------------


def page(client: Client, path: str = "/score/receipt/") -> str:
    response = client.get(path)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def plain(text: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())


def ask(client: Client, month: str = "2026-07") -> Any:
    return client.post("/score/rows/ask/", {"month": month})


def test_the_page_leads_from_asking_to_the_download(
    own: Agency, evaluation: Evaluation, member: Client
) -> None:
    assert "Make the file of rows" in page(member)
    answer = ask(member)
    assert (answer.status_code, answer["Location"]) == (302, "/score/receipt/?month=2026-07#rows")
    waiting = page(member)
    assert "The file has been asked for. It will be offered on this page." in waiting
    assert "waits for its turn" in waiting
    assert 'hx-get="/score/rows/state/?month=2026-07&seen=asked-0"' in waiting
    assert "htmx-2.min.js" in waiting
    export = RowExport.objects.get()
    assert claim(export.pk, at=NOW - QUIET) is not None
    assert "The file is being made. It usually takes" in plain(page(member))
    export_rows(export.pk)
    ready = page(member)
    assert f'href="/score/rows/{export.pk}/"' in ready
    assert "0 rows, " in ready
    assert "htmx-2.min.js" not in ready
    django_rq.get_queue("default").empty()


def test_a_viewer_may_ask_and_asking_twice_makes_one(own: Agency, evaluation: Evaluation) -> None:
    viewer = signed_in(MembershipFactory.create(agency=own, role=Role.VIEWER).user)
    ask(viewer)
    ask(viewer)
    assert "This file has been asked for already" in page(viewer)
    assert states() == [ASKED]
    django_rq.get_queue("default").empty()


def test_the_part_that_looks_again_answers_only_news(
    own: Agency, evaluation: Evaluation, member: Client
) -> None:
    path = "/score/rows/state/?month=2026-07"
    assert "Make the file of rows" in page(member, path)
    asked(own, evaluation)
    assert "waits for its turn" in page(member, f"{path}&seen=none-0")
    assert member.get(f"{path}&seen=asked-0").status_code == 204


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"state": FAILED, "error": "OSError: secret"}, "although it was tried several times"),
        ({"state": FAILED, "error": NO_ROOM}, "disk has no room"),
        ({"state": FAILED, "error": REPLACED}, "A newer revision of this month was published"),
        ({"state": EXPIRED}, "kept for 30 days and is gone"),
        ({**FIELDS[READY], "expires_at": NOW}, "kept for 30 days and is gone"),
        ({"attempt": 1, "error": "OSError: secret"}, "A first try did not succeed"),
    ],
)
def test_the_page_says_what_became_of_it_and_what_to_do(
    own: Agency, evaluation: Evaluation, member: Client, changes: dict[str, Any], sentence: str
) -> None:
    asked(own, evaluation)
    RowExport.objects.update(**changes)
    seen = page(member)
    assert sentence in seen
    assert "secret" not in seen
    assert ("Make the file of rows" in seen) == ("A first try" not in sentence)


def test_operators_see_why_a_file_was_not_made(own: Agency, evaluation: Evaluation) -> None:
    asked(own, evaluation)
    RowExport.objects.update(state=FAILED, error="OSError: the reason")
    seen = page(signed_in(operator()), "/admin/scoring/rowexport/")
    assert "OSError: the reason" in seen
    assert "Add export" not in seen


def test_the_file_is_downloaded_under_a_name_that_speaks(
    own: Agency, evaluation: Evaluation, member: Client, settings: Any
) -> None:
    export = made(own, evaluation)
    RowExport.objects.update(expires_at=NOW + timedelta(days=999))
    response = member.get(f"/score/rows/{export.pk}/")
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"] == 'attachment; filename="OWN-2026-07-rows.csv"'
    assert response["Cache-Control"] == "private, no-store"
    content = b"".join(response.streaming_content)  # type: ignore[attr-defined]
    assert content == export_path(export.sha256).read_bytes()


def test_foreign_missing_and_unfinished_files_are_not_found_alike(
    own: Agency, evaluation: Evaluation, member: Client
) -> None:
    other = AgencyFactory.create()
    AssessmentFactory.create(evaluation=evaluation, agency=other)
    foreign, mine = made(other, evaluation), asked(own, evaluation)
    RowExport.objects.update(expires_at=NOW + timedelta(days=999))
    answers = [member.get(f"/score/rows/{pk}/") for pk in (foreign.pk, mine.pk, mine.pk + 99)]
    assert {answer.status_code for answer in answers} == {404}
    assert len({plain(answer.content.decode()) for answer in answers}) == 1
    RowExport.objects.filter(pk=mine.pk).update(**FIELDS[READY])
    assert member.get(f"/score/rows/{mine.pk}/").status_code == 404


@pytest.mark.parametrize("month", ["", "2026-06", "2026-7", "x", "\x00"])
def test_a_month_without_an_own_score_is_not_found(
    own: Agency, evaluation: Evaluation, member: Client, month: str
) -> None:
    june = EvaluationFactory.create(month=evaluation.month.replace(month=6))
    AssessmentFactory.create(evaluation=june, agency=AgencyFactory.create())
    assert ask(member, month).status_code == 404
    assert member.get("/score/rows/state/", {"month": month}).status_code == 404
    assert states() == []


def test_asking_is_a_post_of_a_member(member: Client) -> None:
    assert member.get("/score/rows/ask/").status_code == 405
    assert ask(Client())["Location"].startswith("/sign-in/")


def test_the_state_takes_as_many_queries_after_three_requests_as_after_one(
    own: Agency,
    evaluation: Evaluation,
    member: Client,
    django_assert_num_queries: Callable[..., Any],
) -> None:
    for _ in (1, 3):
        made(own, evaluation, NOW - KEPT)
        RowExport.objects.update(state=EXPIRED)
        with django_assert_num_queries(5):
            page(member, "/score/rows/state/?month=2026-07")
        with django_assert_num_queries(6):
            page(member)

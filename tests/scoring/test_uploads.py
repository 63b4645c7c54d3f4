"""Files that come over the web are imported once, as by the commands, whatever happens."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.conf import settings as django_settings
from django.db import DatabaseError, IntegrityError, transaction

from agencies.enums import FileKind, ImportOutcome
from agencies.models import Agency, Binding, Creator, ImportedFile, Violation
from agencies.refusals import Refused
from portal.models import User
from scoring.due import settle_uploads
from scoring.enums import UploadState
from scoring.intake import run as running
from scoring.intake.receiving import KEPT_UNFINISHED, receive_upload, stop_upload
from scoring.intake.run import MOST_ATTEMPTS, NO_WORD, QUIET, claim, job_of, run_upload
from scoring.intake.spool import clean_name, in_words, spooled_path
from scoring.intake.watching import AttemptLost, Watch, held
from scoring.jobs import import_upload
from scoring.models import FactPart, Upload
from tests.factories import AgencyFactory, CreatorFactory, UserFactory
from tests.factories.staff import operator
from tests.factories.uploads import AT, FACT, csv_file, imported, received

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_today")]
FACTS = FileKind.FACTS
CONTENT = csv_file("facts", f"C1,2026-10-01,{FACT}")
WAITING, RUNNING, DONE = UploadState.WAITING, UploadState.RUNNING, UploadState.DONE


@pytest.fixture
def _today() -> Iterator[None]:
    with time_machine.travel(AT, tick=False):
        yield


def spooled() -> list[str]:
    """What lies in the directory of uploads."""
    folder = Path(django_settings.UPLOADS_DIR)
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


# --- receiving --------------------------------------------------------------------------------


def test_a_file_waits_under_the_name_of_its_content() -> None:
    person = operator()
    upload = received(FACTS, CONTENT, name="10月.csv", by=person)
    assert (upload.state, upload.name, upload.size) == (WAITING, "10月.csv", len(CONTENT))
    assert (upload.uploaded_by, upload.uploaded_at, upload.again) == (person, AT, False)
    assert spooled() == [upload.sha256]
    assert spooled_path(upload.sha256).read_bytes() == CONTENT


def test_a_file_sent_twice_waits_once() -> None:
    first = received(FACTS, CONTENT)
    again, new = receive_upload(
        kind=FACTS, name="copy.csv", chunks=[CONTENT], again=True, by=operator(), at=AT
    )
    assert (again, new) == (first, False)
    assert spooled() == [first.sha256]


def test_the_same_content_as_another_kind_waits_for_itself() -> None:
    first, second = received(FACTS, CONTENT), received(FileKind.CREATORS, CONTENT)
    run_upload(first.pk, clock=lambda: AT)
    assert spooled() == [second.sha256]
    run_upload(second.pk, clock=lambda: AT)
    assert spooled() == []
    second.refresh_from_db()
    assert second.state == UploadState.REFUSED


@pytest.mark.parametrize(
    ("name", "content", "rule"),
    [
        ("file.csv", b"", "empty"),
        ("file.xlsx", CONTENT, "ending"),
        ("file", CONTENT, "ending"),
        ("file.csv", CONTENT + b"\n" * 100, "too_large"),
    ],
)
def test_what_cannot_be_imported_is_refused_at_once(
    settings: Any, name: str, content: bytes, rule: str
) -> None:
    settings.IMPORT_MAX_BYTES = len(CONTENT)
    with pytest.raises(Refused) as refused:
        received(FACTS, content, name=name)
    assert refused.value.rule == rule
    assert (spooled(), Upload.objects.count()) == ([], 0)


def test_a_sender_who_goes_away_leaves_nothing() -> None:
    def broken() -> Iterator[bytes]:
        yield CONTENT
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        receive_upload(kind=FACTS, name="a.csv", chunks=broken(), again=False, by=operator(), at=AT)
    assert spooled() == []


@pytest.mark.parametrize("full", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_said_in_a_sentence(monkeypatch: pytest.MonkeyPatch, full: int) -> None:
    def no_room(handle: int) -> None:
        raise OSError(full, "full")

    monkeypatch.setattr(os, "fsync", no_room)
    with pytest.raises(Refused, match="There is no room") as refused:
        received(FACTS, CONTENT)
    assert refused.value.rule == "no_room"
    assert spooled() == []


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/a.csv", "a.csv"),
        ("C:\\Users\\me\\a.CSV", "a.CSV"),
        ("a\x00\n\u202eb.parquet", "ab.parquet"),
        (f"{'数' * 300}.csv", f"{'数' * 251}.csv"),
    ],
)
def test_names_lose_folders_and_hidden_signs(given: str, kept: str) -> None:
    assert clean_name(given) == kept


@pytest.mark.parametrize(
    ("size", "words"),
    [(8 * 1024**3, "8 GB"), (3 * 1024**2 // 2, "1.5 MB"), (1024, "1 KB"), (9, "9 bytes")],
)
def test_bounds_in_words(size: int, words: str) -> None:
    assert in_words(size) == words


# --- importing --------------------------------------------------------------------------------


def test_each_kind_is_imported_as_by_its_command() -> None:
    day = "2026-01-01"
    files = {
        "agencies": f"A1,星河,{day},,,,,",
        "creators": "C1,小明,100,",
        "bindings": f"A1,C1,{day},",
        "facts": f"C1,2026-10-01,{FACT}",
        "violations": "A1,other,2026-10-01,2026-10-02,1,迟到,R-1",
    }
    person = operator()
    for kind, row in files.items():
        upload = imported(kind, csv_file(kind, row, "?"), name=f"{kind}.csv", by=person)
        entry = upload.imported
        assert entry is not None
        assert (upload.state, upload.progress, upload.ended_at) == (DONE, 100, AT)
        assert (entry.kind, entry.name, entry.actor) == (kind, f"{kind}.csv", person)
        assert (entry.outcome, entry.accepted, entry.rejected) == (ImportOutcome.APPLIED, 1, 1)
        assert entry.rejects != ""
    assert [model.objects.count() for model in (Agency, Creator, Binding, FactPart, Violation)] == [
        1,
        1,
        1,
        1,
        1,
    ]
    assert spooled() == []


def test_every_kind_of_file_has_its_job() -> None:
    assert {job_of(kind).kind for kind in FileKind} == set(FileKind)


def test_a_refused_file_ends_with_the_sentence_of_the_register() -> None:
    upload = imported(FACTS, b"creator_id,day\n")
    entry = upload.imported
    assert entry is not None
    assert (upload.state, upload.error, spooled()) == (UploadState.REFUSED, "", [])
    assert entry.outcome == ImportOutcome.REFUSED
    assert entry.fault.startswith("The columns do not fit (missing: settled_amount")


def test_a_file_stopped_before_it_is_refused_leaves_nothing_in_the_register() -> None:
    upload = received(FACTS, b"creator_id,day\n")
    asked = iter([False, True])

    def clock() -> datetime:
        if next(asked, False):  # claimed, and not yet looked at
            stop_upload(upload_id=upload.pk, by=operator(), at=AT)
        return AT

    assert not run_upload(upload.pk, clock=clock)
    upload.refresh_from_db()
    assert (upload.state, ImportedFile.objects.count()) == (UploadState.STOPPED, 0)


def test_facts_imported_before_are_left_alone_unless_once_more() -> None:
    first = imported(FACTS, CONTENT)
    repeated = imported(FACTS, CONTENT, at=AT + timedelta(hours=1))
    assert (repeated.state, repeated.imported) == (UploadState.REPEATED, first.imported)
    assert ImportedFile.objects.count() == 1
    again = imported(FACTS, CONTENT, again=True)
    assert again.state == DONE
    assert ImportedFile.objects.count() == 2
    assert spooled() == []


def test_once_more_means_nothing_for_the_other_kinds() -> None:
    assert received(FileKind.CREATORS, CONTENT, again=True).again is False
    assert received(FACTS, CONTENT, again=True).again is True


def test_ringing_again_imports_nothing_more() -> None:
    upload = received(FACTS, CONTENT)
    import_upload(upload.pk)
    import_upload(upload.pk)
    import_upload(upload.pk + 1)
    assert list(Upload.objects.values_list("state", "attempt")) == [(DONE, 1)]
    assert ImportedFile.objects.count() == 1


# --- what goes wrong --------------------------------------------------------------------------


def test_one_of_two_claimants_wins() -> None:
    upload = received(FACTS, CONTENT)
    assert claim(upload.pk, at=AT) is not None
    assert claim(upload.pk, at=AT) is None
    assert claim(upload.pk, at=AT + QUIET - timedelta(seconds=1)) is None
    taken_over = claim(upload.pk, at=AT + QUIET)
    assert taken_over is not None
    assert taken_over.attempt == 2


def test_an_upload_whose_workers_die_is_given_up() -> None:
    upload = received(FACTS, CONTENT)
    for attempt in range(MOST_ATTEMPTS):
        assert claim(upload.pk, at=AT + attempt * QUIET) is not None
    assert claim(upload.pk, at=AT + MOST_ATTEMPTS * QUIET) is None
    upload.refresh_from_db()
    assert (upload.state, upload.error) == (UploadState.FAILED, NO_WORD)


def test_an_error_is_kept_and_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: Any, **kwargs: Any) -> None:
        raise DatabaseError("down")

    upload = received(FACTS, CONTENT)
    with monkeypatch.context() as patched:
        patched.setattr(running, "import_file", broken)
        for _ in range(MOST_ATTEMPTS - 1):
            with pytest.raises(DatabaseError):
                run_upload(upload.pk, clock=lambda: AT)
            upload.refresh_from_db()
            assert (upload.state, upload.error) == (WAITING, "DatabaseError: down")
    assert run_upload(upload.pk, clock=lambda: AT)
    upload.refresh_from_db()
    assert (upload.state, upload.error, upload.attempt) == (DONE, "", MOST_ATTEMPTS)


def test_a_file_that_is_gone_fails_the_upload() -> None:
    upload = received(FACTS, CONTENT)
    spooled_path(upload.sha256).unlink()
    run_upload(upload.pk, clock=lambda: AT)
    upload.refresh_from_db()
    assert (upload.state, upload.error) == (UploadState.FAILED, running.GONE)


def test_an_attempt_that_was_taken_over_commits_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another worker holds the upload by the time the import would commit."""
    upload = received(FACTS, CONTENT)

    def slow(path: Path, job: Any, occasion: Any, **kwargs: Any) -> Any:
        Upload.objects.update(attempt=2)
        return genuine(path, job, occasion, **kwargs)

    genuine = running.import_file
    monkeypatch.setattr(running, "import_file", slow)
    assert not run_upload(upload.pk, clock=lambda: AT)
    assert (ImportedFile.objects.count(), FactPart.objects.count()) == (0, 0)
    assert list(Path(django_settings.FACTS_DIR).rglob("*.parquet")) == []
    upload.refresh_from_db()
    assert (upload.state, upload.attempt) == (RUNNING, 2)
    assert spooled() == [upload.sha256]


def test_a_worker_killed_after_its_commit_leaves_only_the_file_behind(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def killed(upload: Upload) -> None:
        raise KeyboardInterrupt

    upload = received(FACTS, CONTENT)
    monkeypatch.setattr(running, "remove_file", killed)
    with pytest.raises(KeyboardInterrupt):
        run_upload(upload.pk, clock=lambda: AT)
    upload.refresh_from_db()
    assert upload.state == DONE
    assert not run_upload(upload.pk, clock=lambda: AT + QUIET)
    assert settle_uploads(now=AT) == ["removed 1 uploaded files"]
    assert (spooled(), ImportedFile.objects.count()) == ([], 1)


def test_progress_is_written_while_the_attempt_is_held() -> None:
    upload = received(FACTS, CONTENT)
    running_one = claim(upload.pk, at=AT)
    assert running_one is not None
    later = AT + timedelta(seconds=1)
    watch = Watch(running_one, lambda: later)
    watch.report("Reading", 0.256)
    watch.write()
    upload.refresh_from_db()
    assert (upload.step, upload.progress, upload.beat_at) == ("Reading", 26, later)
    held(running_one).update(state=UploadState.STOPPED)
    watch.write()
    with pytest.raises(AttemptLost):
        watch.report("Reading", 0.5)


# --- stopping and clearing up -----------------------------------------------------------------


@pytest.mark.parametrize("started", [False, True])
def test_a_stopped_upload_imports_nothing(started: bool) -> None:
    upload = received(FACTS, CONTENT)
    if started:
        claim(upload.pk, at=AT)
    stop_upload(upload_id=upload.pk, by=operator(), at=AT)
    assert not run_upload(upload.pk, clock=lambda: AT + QUIET)
    upload.refresh_from_db()
    assert (upload.state, upload.ended_at) == (UploadState.STOPPED, AT)
    assert ImportedFile.objects.count() == 0
    with pytest.raises(Refused, match="cannot be stopped any more: Stopped"):
        stop_upload(upload_id=upload.pk, by=operator(), at=AT)


def test_the_clock_rings_for_what_waits_and_removes_what_nobody_needs() -> None:
    waits = received(FACTS, CONTENT, name="waits.csv")
    received(FileKind.CREATORS, b"x", name="stopped.csv")
    Upload.objects.exclude(pk=waits.pk).update(state=UploadState.STOPPED)
    unfinished = Path(django_settings.UPLOADS_DIR) / ".1.unfinished"
    unfinished.touch()
    written = datetime.fromtimestamp(unfinished.stat().st_mtime, AT.tzinfo)
    rang = "rang for the upload of waits.csv"
    assert settle_uploads(now=written) == [rang, "removed 1 uploaded files"]
    assert spooled() == [".1.unfinished", waits.sha256]
    over = written + KEPT_UNFINISHED + timedelta(seconds=1)
    assert settle_uploads(now=over) == [rang, "removed 1 uploaded files"]
    assert spooled() == [waits.sha256]


# --- constraints ------------------------------------------------------------------------------


def upload_row(**fields: Any) -> Upload:
    ordinary = {"kind": FACTS, "name": "a.csv", "sha256": "0" * 64, "size": 1, "uploaded_at": AT}
    person: User = UserFactory.create()
    return Upload.objects.create(**{**ordinary, "uploaded_by": person, **fields})


CONSTRAINTS: dict[str, Callable[[], object]] = {
    "upload_kind_known": lambda: upload_row(kind="invoices"),
    "upload_state_known": lambda: upload_row(state="lost"),
    "upload_done_is_registered": lambda: upload_row(state=DONE),
    "upload_running_is_claimed": lambda: upload_row(state=RUNNING),
    "upload_waiting_once": lambda: (
        upload_row(),
        upload_row(state=RUNNING, attempt=1, claimed_at=AT),
    ),
}


@pytest.mark.parametrize("name", CONSTRAINTS)
def test_constraint(name: str) -> None:
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        CONSTRAINTS[name]()


def test_agencies_and_creators_of_the_platform_are_not_touched_by_a_refusal() -> None:
    AgencyFactory.create()
    CreatorFactory.create()
    imported(FileKind.AGENCIES, b"nothing\n")
    assert (Agency.objects.count(), Creator.objects.count()) == (1, 1)

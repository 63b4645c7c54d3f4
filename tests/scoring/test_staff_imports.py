"""The import centre: sending, watching, the register, one delivery, taking it back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from http import HTTPStatus
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.conf import settings as django_settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.http import HttpResponse, UnreadablePostError
from django.test import Client
from django.test.utils import CaptureQueriesContext

from agencies.enums import FileKind
from agencies.models import ImportedFile
from portal.models import StaffLook, User
from scoring.enums import UploadState
from scoring.intake import spool
from scoring.models import FactPart, Retraction, Upload
from scoring.models.evaluation import Evaluation
from tests.agencies.deliveries import HEADERS
from tests.agencies.desk import said
from tests.factories import EvaluationFactory, MembershipFactory
from tests.factories.staff import operator, signed_in, supporter
from tests.factories.uploads import AT, FACT, csv_file, facts_imported, imported, received

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_today")]
LIST, SEND, STATE = "/staff/imports/", "/staff/imports/upload/", "/staff/imports/uploads/"
FACTS = FileKind.FACTS
ROW = f"C1,2026-10-01,{FACT}"
CONTENT = csv_file("facts", ROW)


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def person() -> User:
    return operator()


@pytest.fixture
def desk(person: User) -> Client:
    return signed_in(person)


@pytest.fixture
def reader() -> Client:
    return signed_in(supporter())


def sent(client: Client, content: bytes = CONTENT, name: str = "file.csv", **fields: Any) -> Any:
    form = {"kind": "facts", "file": SimpleUploadedFile(name, content), **fields}
    return client.post(SEND, form)


def page_of(entry: ImportedFile) -> str:
    return f"{LIST}{entry.pk}/"


def queries_of(client: Client, path: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert client.get(path).status_code == HTTPStatus.OK
    return len(asked)


class TestDoors:
    PAGES = (LIST, STATE, f"{LIST}templates/facts.csv", "/staff/coverage/")

    @pytest.mark.parametrize("path", PAGES)
    def test_members_and_strangers_stay_outside(self, path: str) -> None:
        member = signed_in(MembershipFactory.create().user)
        assert member.get(path).status_code == HTTPStatus.FORBIDDEN
        assert Client().get(path).status_code == HTTPStatus.FOUND

    @pytest.mark.parametrize("path", PAGES)
    def test_pages_are_read_only(self, desk: Client, path: str) -> None:
        assert desk.post(path).status_code == HTTPStatus.METHOD_NOT_ALLOWED

    def test_support_reads_and_does_not_act(self, reader: Client) -> None:
        entry = facts_imported(ROW)
        upload = received(FileKind.CREATORS, CONTENT)
        for path in (*self.PAGES, page_of(entry)):
            assert reader.get(path).status_code == HTTPStatus.OK
        page = said(reader.get(LIST))
        assert "Send and import" not in page
        assert ">Stop" not in page
        assert "Only those who import files" in said(reader.get(page_of(entry)))
        answers = [
            sent(reader),
            reader.post(f"{STATE}{upload.pk}/stop/"),
            reader.post(f"{page_of(entry)}take-back/", {"reason": "x"}),
        ]
        assert [each.status_code for each in answers] == [HTTPStatus.FORBIDDEN] * 3
        assert (Upload.objects.count(), Retraction.objects.count()) == (2, 0)

    @pytest.mark.parametrize("path", [SEND, f"{STATE}1/stop/", f"{LIST}1/take-back/"])
    def test_acting_is_no_reading(self, desk: Client, path: str) -> None:
        assert desk.get(path).status_code == HTTPStatus.METHOD_NOT_ALLOWED

    @pytest.mark.parametrize("path", [f"{LIST}1/", f"{LIST}1/rejects/"])
    def test_what_does_not_exist_is_not_found(self, desk: Client, path: str) -> None:
        assert desk.get(path).status_code == HTTPStatus.NOT_FOUND
        assert desk.post(f"{LIST}1/take-back/").status_code == HTTPStatus.NOT_FOUND
        assert desk.post(f"{STATE}1/stop/").status_code == HTTPStatus.NOT_FOUND

    def test_looks_are_recorded(self, desk: Client) -> None:
        entry = facts_imported(ROW, name="october.csv")
        for path in (LIST, page_of(entry), "/staff/coverage/"):
            desk.get(path)
        labels = list(StaffLook.objects.order_by("pk").values_list("object_label", flat=True))
        assert labels == ["Imports", "Import: october.csv", "Coverage of facts"]


class TestSending:
    def test_a_file_arrives_and_waits(self, desk: Client, person: User) -> None:
        response = sent(desk, name="十月.csv", again="on")
        assert response.headers["Location"] == LIST
        upload = Upload.objects.get()
        assert (upload.kind, upload.name, upload.state) == ("facts", "十月.csv", "waiting")
        assert (upload.size, upload.again, upload.uploaded_by) == (len(CONTENT), True, person)
        assert spool.spooled_path(upload.sha256).read_bytes() == CONTENT
        page = said(desk.get(LIST))
        assert "十月.csv has arrived and will be imported." in page
        assert "It is imported as soon as a worker is free." in page

    def test_sent_twice_it_waits_once(self, desk: Client) -> None:
        sent(desk)
        sent(desk)
        assert Upload.objects.count() == 1
        assert "waiting for its import already" in said(desk.get(LIST))

    def test_htmx_is_led_to_the_page(self, desk: Client) -> None:
        form = {"kind": "facts", "file": SimpleUploadedFile("a.csv", CONTENT)}
        response = desk.post(SEND, form, headers={"HX-Request": "true"})
        assert response.headers["HX-Redirect"] == LIST

    @pytest.mark.parametrize(
        ("content", "fields", "told"),
        [
            (b"", {}, "The file is empty"),
            (CONTENT, {"name": "a.xlsx"}, "must end in .csv or .parquet"),
            (CONTENT * 2, {}, "The file is larger than"),
            (CONTENT, {"kind": "invoices"}, "Select a valid choice"),
            (CONTENT, {"kind": ""}, "This field is required"),
            (CONTENT, {"file": ""}, "Choose a file."),
        ],
    )
    def test_what_cannot_be_taken_is_said_beside_the_form(
        self, desk: Client, settings: Any, content: bytes, fields: dict[str, str], told: str
    ) -> None:
        settings.IMPORT_MAX_BYTES = len(CONTENT)
        page = said(sent(desk, content, **fields))
        assert told in page
        assert Upload.objects.count() == 0
        folder = Path(django_settings.UPLOADS_DIR)
        assert not folder.exists() or list(folder.iterdir()) == []

    def test_a_form_without_its_token_is_refused_and_leaves_nothing(self, person: User) -> None:
        strict = Client(enforce_csrf_checks=True)
        strict.force_login(person)
        strict.get(LIST)
        assert sent(strict).status_code == HTTPStatus.FORBIDDEN
        assert list(Path(django_settings.UPLOADS_DIR).iterdir()) == []

    def test_a_connection_that_breaks_leaves_nothing(self, desk: Client) -> None:
        class Broken(BytesIO):
            def read(self, size: int | None = -1, /) -> bytes:
                if not (read := super().read(size)):
                    raise ConnectionResetError
                return read

        head = '--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'
        body = {
            "wsgi.input": Broken(head.encode() + b"x" * 2**21),
            "CONTENT_LENGTH": str(2**22),
            "CONTENT_TYPE": "multipart/form-data; boundary=x",
        }
        with pytest.raises(UnreadablePostError):
            desk.post(SEND, **body)
        assert list(Path(django_settings.UPLOADS_DIR).iterdir()) == []

    def test_nothing_is_read_from_strangers(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def never() -> None:
            raise AssertionError("the body was read")

        monkeypatch.setattr(spool, "_room", never)
        assert sent(Client()).status_code == HTTPStatus.FOUND

    def test_only_here_a_request_may_be_large(self, desk: Client, settings: Any) -> None:
        settings.REQUEST_MAX_BYTES = 100
        settings.IMPORT_MAX_BYTES = 10_000
        assert sent(desk).status_code == HTTPStatus.FOUND
        other = desk.post(f"{STATE}1/stop/", {"x": "x" * 200})
        assert other.status_code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        too_much = sent(desk, b"x" * 10_200)
        assert too_much.status_code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE


class TestWatching:
    def test_each_state_is_said(self, desk: Client) -> None:
        imported(FACTS, CONTENT, name="done.csv")
        imported(FACTS, CONTENT, name="repeated.csv")
        imported(FACTS, b"x\n", name="refused.csv")
        failed = received(FACTS, b"failed")
        stopped = received(FACTS, b"stopped")
        running = received(FACTS, b"running")
        received(FACTS, b"waiting")
        Upload.objects.filter(pk=failed.pk).update(state="failed", error="Boom", ended_at=AT)
        Upload.objects.filter(pk=stopped.pk).update(state="stopped", ended_at=AT)
        Upload.objects.filter(pk=running.pk).update(
            state="running", attempt=2, claimed_at=AT, step="Storing", progress=42, error="Boom"
        )
        page = said(desk.get(STATE))
        for told in (
            "1 accepted, 0 rejected",
            "The same content was imported before",
            "The columns do not fit",
            "Nothing of it was imported.",
            "Storing the rows",
            "42 %",
            "tried again by itself",
            "as soon as a worker is free",
        ):
            assert told in page
        assert page.count('<span class="code" lang="en">Boom</span>') == 1
        assert page.count('id="stop-') == 2

    def test_it_looks_again_while_something_is_under_way(self, desk: Client) -> None:
        assert "hx-get" not in said(desk.get(STATE))
        received(FACTS, CONTENT)
        page = said(desk.get(STATE))
        seen = page.split("?seen=")[1].split('"')[0]
        assert desk.get(STATE, {"seen": seen}).status_code == HTTPStatus.NO_CONTENT
        Upload.objects.update(state=UploadState.STOPPED, ended_at=AT)
        assert "hx-get" not in said(desk.get(STATE, {"seen": seen}))

    def test_ended_ones_are_shown_for_a_day(self, desk: Client) -> None:
        imported(FACTS, CONTENT, name="done.csv")
        assert "done.csv" in said(desk.get(STATE))
        with time_machine.travel(AT + timedelta(days=1, seconds=1), tick=False):
            assert "Nothing is waiting." in said(desk.get(STATE))

    def test_stopping(self, desk: Client) -> None:
        upload = received(FACTS, CONTENT)
        for _ in range(2):
            response = desk.post(f"{STATE}{upload.pk}/stop/", follow=True)
            assert "was stopped; nothing of it was imported" in said(response)
        upload.refresh_from_db()
        assert upload.state == UploadState.STOPPED
        assert list(Path(django_settings.UPLOADS_DIR).iterdir()) == []

    def test_what_has_ended_cannot_be_stopped(self, desk: Client) -> None:
        upload = imported(FACTS, CONTENT)
        response = desk.post(f"{STATE}{upload.pk}/stop/", follow=True)
        assert "file.csv cannot be stopped any more: Imported." in said(response)


def entry_of(kind: str, name: str, *, at: datetime = AT, **fields: Any) -> ImportedFile:
    """A line of the register that no import wrote."""
    ordinary = {"sha256": "0" * 64, "size": 1, "outcome": "applied", "actor": operator()}
    return ImportedFile.objects.create(
        kind=kind, name=name, started_at=at, finished_at=at, **{**ordinary, **fields}
    )


class TestRegister:
    @pytest.fixture
    def entries(self) -> dict[str, ImportedFile]:
        found = {
            "oct.csv": entry_of(FACTS, "oct.csv", at=AT - timedelta(days=3)),
            "part.csv": entry_of(FACTS, "part.csv", rejected=1),
            "bad.csv": entry_of(FACTS, "bad.csv", outcome="refused", fault="Unreadable."),
            "people.csv": entry_of(FileKind.CREATORS, "people.csv"),
        }
        Retraction.objects.create(
            imported=found["part.csv"], reason="x", days=1, at=AT, actor=operator()
        )
        return found

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("", "people.csv bad.csv part.csv oct.csv"),
            ("kind=facts", "bad.csv part.csv oct.csv"),
            ("outcome=refused", "bad.csv"),
            ("outcome=applied", "people.csv part.csv oct.csv"),
            ("outcome=with_rejects", "part.csv"),
            ("outcome=taken_back", "part.csv"),
            ("name=PART", "part.csv"),
            ("last=2026-11-19", "oct.csv"),
            ("first=2026-11-20&kind=facts", "bad.csv part.csv"),
            ("first=yesterday", ""),
        ],
    )
    def test_filters_live_in_the_address(
        self, desk: Client, entries: dict[str, ImportedFile], query: str, found: str
    ) -> None:
        page = said(desk.get(f"{LIST}?{query}"))
        shown = sorted((page.find(f">{name}</a>"), name) for name in entries)
        assert [name for place, name in shown if place > 0] == found.split()

    def test_the_file(self, desk: Client, entries: dict[str, ImportedFile]) -> None:
        response: Any = desk.get(f"{LIST}?export=csv&name=bad")
        lines = b"".join(response.streaming_content).decode().splitlines()
        assert lines[0].endswith("delivered_at,finished_at,by,taken_back_at")
        assert len(lines) == 2
        assert lines[1].startswith("facts,bad.csv,")

    def test_the_same_queries_for_one_and_for_three(self, desk: Client) -> None:
        imported(FACTS, CONTENT)
        desk.get(LIST)
        one = queries_of(desk, LIST)
        for n in (2, 3):
            received(FACTS, b"x" * n)
            entry_of(FACTS, f"{n}.csv", rejects="x.csv")
        assert (one, queries_of(desk, LIST)) == (one, one)
        assert one <= 14

    @pytest.mark.parametrize("kind", FileKind.values)
    def test_an_empty_file_of_each_kind(self, desk: Client, kind: str) -> None:
        response: Any = desk.get(f"{LIST}templates/{kind}.csv")
        content = b"".join(response.streaming_content)
        assert content.decode("utf-8-sig") == f"{HEADERS[kind]}\r\n"

    def test_an_empty_file_is_a_right_one(self, desk: Client) -> None:
        response: Any = desk.get(f"{LIST}templates/facts.csv")
        done = imported(FACTS, b"".join(response.streaming_content))
        assert done.state == UploadState.DONE

    def test_no_other_kind_has_one(self, desk: Client) -> None:
        assert desk.get(f"{LIST}templates/x.csv").status_code == HTTPStatus.NOT_FOUND


class TestDelivery:
    def test_what_it_brought(self, desk: Client) -> None:
        entry = facts_imported(ROW, *(f"C1,{n},{FACT}" for n in range(30)), name="a.csv")
        page = said(desk.get(page_of(entry)))
        assert 'Accepted rows</dt> <dd class="big num"> 1 ' in page
        assert 'day: "19" is not a day: write YYYY-MM-DD' in page
        assert 'day: "20" is not a day' not in page
        assert "The first 20 of 30" in page
        assert "first facts of the day" in page
        assert "1 day returns to what it held before this import." in page

    def test_the_rejects_file(self, desk: Client) -> None:
        entry = facts_imported(ROW, "?", name="a.csv")
        response: Any = desk.get(f"{page_of(entry)}rejects/")
        assert b"".join(response.streaming_content).startswith(b'"line","reason","creator_id"')
        (Path(django_settings.REJECTS_DIR) / entry.rejects).unlink()
        gone = desk.get(f"{page_of(entry)}rejects/", follow=True)
        assert "is not on this machine any more" in said(gone)
        clean = facts_imported(ROW, name="clean.csv", again=True)
        none = desk.get(f"{page_of(clean)}rejects/", follow=True)
        assert "Every record of clean.csv was accepted." in said(none)

    def test_a_refused_one_says_why(self, desk: Client) -> None:
        entry = imported(FACTS, b"x\n").imported
        assert entry is not None
        page = said(desk.get(page_of(entry)))
        assert "The columns do not fit" in page
        assert "Take this import back" not in page

    @pytest.mark.parametrize(
        ("kind", "row", "told"),
        [
            ("creators", "C1,a,1,", "Import the corrected file"),
            ("bindings", "", "at the binding desk"),
            ("violations", "", "case by case"),
        ],
    )
    def test_how_others_are_put_right(self, desk: Client, kind: str, row: str, told: str) -> None:
        entry = imported(kind, csv_file(kind, row)).imported
        assert entry is not None
        assert told in said(desk.get(page_of(entry)))

    def test_the_same_queries_for_one_and_for_three_days(self, desk: Client) -> None:
        entries = [
            facts_imported(*(f"C1,2026-{month}-0{n},{FACT}" for n in range(1, days + 1)))
            for month, days in (("09", 1), ("10", 3))
        ]
        desk.get(page_of(entries[0]))
        one, three = (queries_of(desk, page_of(entry)) for entry in entries)
        assert (one, one <= 14) == (three, True)


class TestTakingBack:
    def back(self, client: Client, entry: ImportedFile, reason: str = "wrong file") -> HttpResponse:
        answer: Any = client.post(f"{page_of(entry)}take-back/", {"reason": reason}, follow=True)
        return answer

    def test_with_a_reason_after_a_look_at_what_it_changes(
        self, desk: Client, person: User
    ) -> None:
        entry = facts_imported(ROW)
        EvaluationFactory.create()
        page = said(desk.get(page_of(entry)))
        assert "1 of them had no facts before and will be missing." in page
        assert "These published months would be out of date:</strong> October 2026" in page
        page = said(self.back(desk, entry))
        assert "The import is taken back: 1 day is as it was before." in page
        assert f"By {person}, Nov. 22, 2026, 10 a.m.: wrong file" in page
        assert 'class="mark mark-warn">taken back<' in page
        assert not FactPart.objects.current().exists()
        assert Evaluation.objects.get().stale_since == AT

    def test_twice_acts_once(self, desk: Client) -> None:
        entry = facts_imported(ROW)
        self.back(desk, entry)
        assert "This import was taken back already." in said(self.back(desk, entry))
        assert Retraction.objects.count() == 1

    def test_not_without_a_reason(self, desk: Client) -> None:
        entry = facts_imported(ROW)
        assert "the reason is kept with the step" in said(self.back(desk, entry, ""))
        assert not Retraction.objects.exists()

    def test_not_while_a_later_one_builds_on_it(self, desk: Client) -> None:
        entry = facts_imported(ROW)
        facts_imported(f"C2,2026-10-01,{FACT}", name="later.csv")
        told = "A later import builds on this one: later.csv. Take that one back first."
        page = said(desk.get(page_of(entry)))
        assert told in page
        assert "Take the import back" not in page
        assert told in said(self.back(desk, entry))
        assert not Retraction.objects.exists()

"""A month from its files to its correction, as people go through it, each number by the reference.

Import, draft days, dispute, correction, publication, appeal won, new revision, agencies told:
people click, the test is the worker and the clock. What every agency reads on the way is what the
exact reference (tests/reference) makes of the same files.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from django.utils import timezone
from playwright.sync_api import Page, expect

from agencies.enums import FileKind
from agencies.models import Agency
from portal.reconcile import reconcile
from scoring.enums import EvaluationState, UploadState
from scoring.evaluation.run import run_evaluation
from scoring.intake.run import run_upload
from scoring.models import Evaluation, Upload
from scoring.projection import project
from tests.browser.conduct import Windows, opened, press, reads
from tests.browser.open_month import CASE, MONTH, Row, expected, expected_board, write_files
from tests.factories import MembershipFactory
from tests.factories.staff import operator

pytestmark = pytest.mark.django_db(transaction=True)

OCTOBER = date(2026, 10, 1)
BASE = ("agencies", "creators", "bindings")
MISTAKEN = (*BASE, "violations", "facts-1")
MENDED = (*BASE, "violations", "facts-1", "facts-2")
WON = (*BASE, "facts-1", "facts-2")
DIMENSIONS = ("operating", "growth", "service", "bonus")


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return timezone.make_aware(datetime(2026, 11, day, hour, minute))


@dataclass
class Scene:
    """The windows of everybody, the files, and the clock of the platform."""

    windows: Windows
    clock: Any
    files: dict[str, Path]

    def __post_init__(self) -> None:
        self.issuer, self.reviewer = operator(), operator()
        self.desk = self.windows.open(self.issuer)
        self.owners: dict[str, Page] = {}

    def page_of(self, code: str) -> Page:
        """The window of an owner of the agency."""
        if code not in self.owners:
            seat = MembershipFactory.create(agency=Agency.objects.get(code=code))
            self.owners[code] = self.windows.open(seat.user)
        return self.owners[code]

    def deliver(self, name: str) -> None:
        """Send a file through the import centre; the worker imports it at once."""
        kind = name.partition("-")[0]
        self.desk.goto("/staff/imports/")
        self.desk.get_by_label("What the file holds").select_option(value=kind)
        self.desk.get_by_label("File", exact=True).set_input_files(self.files[name])
        press(self.desk, "Send and import")
        expect(self.desk.get_by_role("main").get_by_text(self.files[name].name)).not_to_have_count(
            0
        )
        upload = Upload.objects.get(state=UploadState.WAITING)
        assert run_upload(upload.pk, clock=timezone.now)
        upload.refresh_from_db()
        assert (upload.state, upload.kind) == (UploadState.DONE, FileKind(kind))
        with self.files[name].open(encoding="utf-8") as file:
            records = sum(1 for _ in csv.DictReader(file))
        assert upload.imported is not None
        assert (upload.imported.accepted, upload.imported.rejected) == (records, 0)
        assert upload.imported.actor == self.issuer

    def work(self) -> list[str]:
        """What scheduler and worker do: what is due, and the evaluations that wait for it."""
        now = timezone.now()
        sentences = reconcile(now=now)
        for evaluation in Evaluation.objects.filter(state=EvaluationState.REQUESTED):
            run_evaluation(evaluation.pk, at=now)
        return [*sentences, *reconcile(now=now)]


@pytest.fixture
def scene(browser: Any, live_server: Any, tmp_path: Path) -> Iterator[Scene]:
    files = write_files(tmp_path / "files")
    with (
        time_machine.travel(at(1, 10), tick=False) as clock,
        opened(browser, live_server) as windows,
    ):
        yield Scene(windows, clock, files)


def exported(command: str, *arguments: str) -> list[Row]:
    out = io.StringIO()
    call_command(command, *arguments, stdout=out)
    return list(csv.DictReader(io.StringIO(out.getvalue())))


def published() -> dict[str, Row]:
    return {row["agency_code"]: row for row in exported("export_assessments", MONTH)}


def test_a_month_in_the_open(scene: Scene) -> None:
    for name in MISTAKEN:
        scene.deliver(name)
    _is_provisional(scene, expected(scene.files, *MISTAKEN))
    _is_disputed_and_mended(scene)
    _is_provisional(scene, expected(scene.files, *MENDED))
    _is_published_by_itself(scene)
    _is_appealed_and_won(scene)
    _is_corrected_by_itself(scene)


def _is_provisional(scene: Scene, rows: dict[str, Row]) -> None:
    """On the draft days each agency reads what its month would give, and that it may change."""
    project(at=timezone.now())
    for code, row in rows.items():
        _is_read(scene.page_of(code), row, "Provisional")
    assert not Evaluation.objects.published().exists()


def _is_read(page: Page, row: Row, mark: str = "") -> None:
    """The score page says the points of the row, all of them."""
    page.goto(f"/score/?month={MONTH}")
    main = page.get_by_role("main")
    for text in (mark, *(row[key] for key in ("total", *DIMENSIONS))):
        expect(main).to_contain_text(text)


def _is_disputed_and_mended(scene: Scene) -> None:
    """ALPHA says which days are wrong; the platform agrees, imports the right ones, and says so."""
    page = scene.page_of("ALPHA")
    page.goto("/disputes/new/")
    page.get_by_label("Data: what the creator brought on these days").check()
    page.get_by_label("Creator ID").fill("a1")
    page.get_by_label("First day").fill("2026-10-10")
    page.get_by_label("Last day").fill("2026-10-14")
    page.get_by_label("What is wrong, and what would be right").fill("小数点错位，少了九成。")
    press(page, "File the dispute")
    reads(page, "Waiting for an answer")

    scene.clock.move_to(at(1, 15))
    scene.desk.goto("/staff/disputes/")
    scene.desk.get_by_role("main").get_by_role("row").get_by_role("link").first.click()
    scene.desk.get_by_label("Accept: the data are wrong and will be corrected").check()
    scene.desk.get_by_label("Answer to the agency").fill("小数点确实错位，今天更正。")
    press(scene.desk, "Answer the dispute")
    dispute_page = scene.desk.url
    scene.deliver("facts-2")
    scene.desk.goto(dispute_page)
    press(scene.desk, "The data are right now")
    page.reload()
    reads(page, "Corrected")


def _is_published_by_itself(scene: Scene) -> None:
    """From the 3rd at 03:00 the result is final, and is the reference to the last digit."""
    scene.clock.move_to(at(3, 2, 59))
    scene.work()
    assert not Evaluation.objects.published().exists()
    scene.clock.move_to(at(3, 3, 1))
    scene.work()
    rows = expected(scene.files, *MENDED)
    assert published() == rows
    assert exported("export_board", "strength", MONTH) == expected_board(scene.files, *MENDED)
    for code, row in rows.items():
        _is_read(scene.page_of(code), row)
    page = scene.page_of("BETA")
    page.goto("/home/")
    expect(page.get_by_role("region", name="Level and stage")).to_contain_text("Observation stage")
    page.goto("/disputes/new/")
    reads(page, "No month can be disputed now")


def _is_appealed_and_won(scene: Scene) -> None:
    """BETA appeals against the case that cost its level; another person revokes it."""
    scene.clock.move_to(at(4, 10))
    page = scene.page_of("BETA")
    page.goto(f"/conduct/violations/{CASE}/")
    page.get_by_label("Why the decision is wrong").fill("宣传内容经平台审核通过。")
    press(page, "File the appeal")
    review = scene.windows.open(scene.reviewer)
    review.goto("/staff/appeals/")
    review.get_by_role("main").get_by_role("row").get_by_role("link").first.click()
    review.get_by_label("Revoke the decision").check()
    review.get_by_label("Reason").fill("审核记录证实。")
    press(review, "Decide the appeal")
    reads(review, "The appeal is decided and the agency is told.")


def _is_corrected_by_itself(scene: Scene) -> None:
    """Nobody has to remember: the month is computed again, published, and agencies are told."""
    scene.work()
    rows = expected(scene.files, *WON)
    revision = Evaluation.objects.published().get()
    assert (revision.month, revision.revision) == (OCTOBER, 2)
    assert published() == rows
    board = expected_board(scene.files, *WON)
    assert [row["agency_code"] for row in board] == ["ALPHA", "BETA", "GAMMA"]
    assert exported("export_board", "strength", MONTH) == board

    before = expected(scene.files, *MENDED)["BETA"]
    page = scene.page_of("BETA")
    page.goto("/home/")
    expect(page.get_by_role("region", name="Level and stage")).to_contain_text(
        rows["BETA"]["level"]
    )
    page.goto("/messages/")
    expect(page.get_by_role("main")).to_contain_text(
        "The result of October 2026 was corrected: V3 instead of Observation stage."
        " Reason: An appeal was decided."
    )
    _is_read(page, rows["BETA"], rows["BETA"]["level"])
    page.goto(f"/score/?month={MONTH}&revision=1")
    expect(page.get_by_role("main")).to_contain_text(before["total"])
    expect(page.get_by_role("main")).to_contain_text("Observation stage")
    other = scene.page_of("GAMMA")
    other.goto("/messages/")
    expect(other.get_by_role("main")).not_to_contain_text("was corrected")

    scene.desk.goto("/staff/evaluations/")
    expect(scene.desk.get_by_role("main")).to_contain_text("An appeal was decided")

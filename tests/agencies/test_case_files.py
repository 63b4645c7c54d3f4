"""Evidence: what it may be, how much of it, and that it stays with the decision."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256

import pytest
from django.db import IntegrityError, transaction
from django.utils import translation

from agencies.actions.case_files import MAX_BYTES, NewFile, add_evidence, checked, remove_evidence
from agencies.actions.violations import revoke
from agencies.models import CaseFile, ConductEvent, Violation
from agencies.refusals import Refused
from tests.factories import ViolationFactory
from tests.factories.cases import AT, PDF, AppealFactory, CaseFileFactory, drafted, issued
from tests.factories.staff import operator

pytestmark = pytest.mark.django_db
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 8
JPEG = b"\xff\xd8\xff\xe0" + b"\0" * 8


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


def add(case: Violation, *files: tuple[str, bytes]) -> list[CaseFile]:
    new = [NewFile(name, content) for name, content in files]
    return add_evidence(violation_id=case.pk, files=new, at=AT, by=operator())


@pytest.mark.parametrize(
    ("content", "content_type"),
    [(PDF, "application/pdf"), (PNG, "image/png"), (JPEG, "image/jpeg")],
)
def test_the_first_bytes_tell_the_type(content: bytes, content_type: str) -> None:
    assert checked("无后缀", content) == content_type


@pytest.mark.parametrize(
    "content", [b"", b"<html>%PDF-", b"\x89PNG\n", b"PK\x03\x04", b" %PDF-1.7", b"GIF89a"]
)
def test_other_types_are_refused_whatever_they_are_called(content: bytes) -> None:
    with pytest.raises(Refused, match=r"evidence\.pdf is no PDF, PNG or JPEG file") as refused:
        checked("evidence.pdf", content)
    assert refused.value.rule == "file_type"


def test_10_megabytes_fit_and_one_byte_more_does_not() -> None:
    full = PDF.ljust(MAX_BYTES, b"\0")
    assert MAX_BYTES == 10_485_760
    assert checked("a.pdf", full) == "application/pdf"
    with pytest.raises(Refused, match=r"a\.pdf is larger than 10 MB"):
        checked("a.pdf", full + b"\0")


def test_a_file_is_stored_with_what_it_is() -> None:
    case = drafted()
    (stored,) = add(case, ("截图.PNG", PNG))
    stored.refresh_from_db()
    assert (stored.name, stored.content_type, stored.size) == ("截图.PNG", "image/png", 16)
    assert bytes(stored.content) == PNG
    assert stored.sha256 == sha256(PNG).hexdigest()
    step = ConductEvent.objects.get(verb="add_evidence")
    assert (step.subject_id, step.about) == (case.pk, {"files": ["截图.PNG"]})


@pytest.mark.parametrize(
    ("name", "content", "stored"),
    [
        ("a.html", PDF, "a.html.pdf"),
        ("../../etc/a.pdf", PDF, "a.pdf"),
        ("C:\\temp\\b.jpeg", JPEG, "b.jpeg"),
        ("b.png", JPEG, "b.png.jpg"),
        ("a\x00\r\nb.pdf", PDF, "ab.pdf"),
        ("", PDF, "file.pdf"),
        ("...", PDF, "file.pdf"),
        ("长" * 300 + ".pdf", PDF, "长" * 196 + ".pdf"),
        ("x" * 300, PNG, "x" * 196 + ".png"),
    ],
)
def test_the_name_is_made_harmless(name: str, content: bytes, stored: str) -> None:
    (file,) = add(drafted(), (name, content))
    assert file.name == stored


def test_a_case_takes_five_files() -> None:
    case = drafted()
    add(case, *((f"{n}.pdf", PDF + bytes([n])) for n in range(5)))
    with pytest.raises(Refused, match="At most 5 files") as refused:
        add(case, ("6.pdf", PDF))
    assert refused.value.rule == "file_count"
    with pytest.raises(Refused, match="At most 5 files"):
        add(drafted(), *((f"{n}.pdf", PDF + bytes([n])) for n in range(6)))
    assert case.files.count() == 5


def test_the_same_content_is_kept_once() -> None:
    case = drafted()
    assert len(add(case, ("a.pdf", PDF), ("b.pdf", PDF))) == 1
    assert add(case, ("c.pdf", PDF)) == []
    assert ConductEvent.objects.filter(verb="add_evidence").count() == 1
    assert len(add(drafted(), ("a.pdf", PDF))) == 1


def test_one_bad_file_keeps_the_others_out() -> None:
    case = drafted()
    with pytest.raises(Refused):
        add(case, ("a.pdf", PDF), ("b.pdf", b"MZ"))
    assert not case.files.exists()


def test_it_is_added_until_the_review() -> None:
    case = issued()
    add(case, ("a.pdf", PDF))
    revoke(violation_id=case.pk, reason="x", at=AT, by=operator())
    with pytest.raises(Refused, match="takes no more files") as refused:
        add(case, ("b.pdf", PDF + b"2"))
    assert refused.value.rule == "closed"


def test_it_leaves_a_draft_and_stays_with_a_decision() -> None:
    (file,) = add(drafted(), ("a.pdf", PDF))
    remove_evidence(file_id=file.pk, at=AT, by=operator())
    assert not CaseFile.objects.exists()
    assert ConductEvent.objects.get(verb="remove_evidence").about == {"files": ["a.pdf"]}
    with pytest.raises(Refused) as refused:
        remove_evidence(file_id=file.pk, at=AT, by=operator())
    assert refused.value.rule == "gone"
    (kept,) = add(issued(), ("a.pdf", PDF))
    with pytest.raises(Refused, match="stays with the decision"):
        remove_evidence(file_id=kept.pk, at=AT, by=operator())


def test_files_of_an_appeal_are_not_the_staffs() -> None:
    file = CaseFileFactory.create(violation=None, appeal=AppealFactory.create())
    with pytest.raises(Refused):
        remove_evidence(file_id=file.pk, at=AT, by=operator())


def twice() -> None:
    file = CaseFileFactory.create()
    CaseFileFactory.create(violation=file.violation)


@pytest.mark.parametrize(
    ("constraint", "make"),
    [
        ("case_file_of_one_case", lambda: CaseFileFactory.create(violation=None)),
        (
            "case_file_of_one_case",
            lambda: CaseFileFactory.create(
                violation=ViolationFactory.create(), appeal=AppealFactory.create()
            ),
        ),
        ("case_file_once", twice),
    ],
)
def test_the_database_refuses(constraint: str, make: object) -> None:
    with pytest.raises(IntegrityError, match=f'"{constraint}"'), transaction.atomic():
        make()  # type: ignore[operator]

"""A decision as the agency reads it, its files, and the way to appeal."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from agencies.actions.appeals import decide_appeal, file_appeal
from agencies.actions.case_files import NewFile, add_evidence
from agencies.actions.violations import PlannedMeasure, draft_violation, group_incident, issue
from agencies.enums import Measure, Role, ViolationState
from agencies.models import Agency, Appeal, Violation
from portal.models import User
from tests.factories import AgencyFactory, MembershipFactory, ViolationFactory
from tests.factories.staff import operator, signed_in

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
PDF = b"%PDF-1.7 evidence"


@pytest.fixture(autouse=True)
def _today() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def agency() -> Agency:
    return AgencyFactory.create(code="OWN", name="Own Agency", joined_on=date(2025, 1, 1))


@pytest.fixture
def owner(agency: Agency) -> User:
    return MembershipFactory.create(agency=agency).user


@pytest.fixture
def member(owner: User) -> Client:
    return signed_in(owner)


@pytest.fixture
def staff() -> User:
    return operator(name="Secret Person")


def drafted(agency: Agency, staff: User, **changes: Any) -> Violation:
    fields: dict[str, Any] = {
        "kind": "dispute",
        "occurred_on": date(2026, 11, 1),
        "summary": "Two contracts at once",
        "points": 30,
        "measures": [],
    }
    return draft_violation(
        agency=agency, request_key=uuid4(), at=NOW, by=staff, **{**fields, **changes}
    )


def issued(agency: Agency, staff: User, **changes: Any) -> Violation:
    return issue(violation_id=drafted(agency, staff, **changes).pk, at=NOW, by=staff)


def address(case: Violation, rest: str = "") -> str:
    return f"/conduct/violations/{case.reference}/{rest}"


def text(client: Client, path: str, status: int = 200) -> str:
    response = client.get(path)
    assert response.status_code == status
    return " ".join(response.content.decode().split())


def words(response: Any) -> str:
    return " ".join(response.content.decode().split())


def test_the_decision_says_what_why_and_with_what_effect(
    agency: Agency, member: Client, staff: User
) -> None:
    suspension = PlannedMeasure(Measure.SUSPEND_BINDING, None, date(2026, 12, 22))
    case = issued(agency, staff, points=200, measures=[suspension])
    page = text(member, address(case))
    assert "<h1>Disputes with merchants or creators</h1>" in page
    assert "Two contracts at once" in page
    assert "It happened on Nov. 1, 2026." in page
    assert f"Case {case.reference} · decided on Nov. 22, 2026" in page
    assert "<dd> 200 </dd>" in page
    assert "<dd> 120 </dd>" in page
    assert "A deduction takes at most what is there" in page
    assert "Binding suspended" in page
    assert "from Nov. 22, 2026, over on Dec. 22, 2026" in page
    assert "The platform decided this case." in page
    assert "Secret Person" not in page
    assert staff.email not in page


def test_the_kind_is_named_by_the_rulebook_in_the_readers_language(
    agency: Agency, owner: User, staff: User
) -> None:
    case = issued(agency, staff, kind="impersonation")
    english = text(signed_in(owner), address(case))
    chinese = Client(headers={"accept-language": "zh-hans"})
    chinese.force_login(owner)
    assert "<h1>冒用平台名义</h1>" in text(chinese, address(case))
    assert "冒用平台名义" not in english


def test_the_countdown_ends_with_the_last_day(agency: Agency, member: Client) -> None:
    for left, said in ((2, "2 days left"), (1, "1 day left"), (0, "Today is the last day.")):
        case = ViolationFactory.create(agency=agency, appeal_until=date(2026, 11, 22 + left))
        page = text(member, address(case))
        assert said in page
        assert f"until the end of Nov. {22 + left}, 2026" in page
        assert 'action="/conduct/violations/' in page


def test_a_late_appeal_is_answered_with_the_day_it_ended(agency: Agency, member: Client) -> None:
    case = ViolationFactory.create(agency=agency, appeal_until=date(2026, 11, 21))
    page = text(member, address(case))
    assert "The time to appeal ended with Nov. 21, 2026." in page
    assert 'enctype="multipart/form-data"' not in page
    answer = member.post(address(case, "appeal/"), {"text": "No."})
    assert answer.status_code == 200
    assert "was possible until the end of Nov. 21, 2026" in words(answer)
    assert Appeal.objects.count() == 0


def test_an_owner_appeals_with_text_and_files(agency: Agency, member: Client, staff: User) -> None:
    case = issued(agency, staff)
    answer = member.post(
        address(case, "appeal/"),
        {"text": "We did not.", "attachments": [SimpleUploadedFile("proof.pdf", PDF)]},
    )
    assert (answer.status_code, answer.headers["location"]) == (302, address(case))
    appeal = Appeal.objects.get()
    assert [file.name for file in appeal.files.all()] == ["proof.pdf"]
    page = text(member, address(case))
    assert "Your appeal has been filed." in page
    assert "The platform answers by Dec. 7, 2026." in page
    assert "We did not." in page
    assert "The agency appealed." in page
    assert 'enctype="multipart/form-data"' not in page
    download = member.get(f"/conduct/files/{appeal.files.get().pk}/")
    assert download.content == PDF
    assert download.headers["content-type"] == "application/pdf"
    assert download.headers["content-disposition"] == 'attachment; filename="proof.pdf"'
    assert download.headers["x-content-type-options"] == "nosniff"
    assert download.headers["cache-control"] == "private, no-store"


def test_a_second_post_files_no_second_appeal(agency: Agency, member: Client, staff: User) -> None:
    case = issued(agency, staff)
    member.post(address(case, "appeal/"), {"text": "Once."})
    again = member.post(address(case, "appeal/"), {"text": "Twice."})
    assert again.status_code == 200
    assert "was appealed already: a decision can be appealed once" in words(again)
    assert Appeal.objects.get().text == "Once."


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"text": " "}, "This field is required."),
        (
            {"text": "x", "attachments": [b"%PDF-"] * 6},
            "At most 5 files can be added here: leave some out.",
        ),
        ({"text": "x", "attachments": [b"0" * (10 * 1024**2 + 1)]}, "is larger than 10 MB"),
        ({"text": "x", "attachments": [b"plain"]}, "is no PDF, PNG or JPEG file"),
    ],
)
def test_what_cannot_be_filed_is_said_at_the_form(
    agency: Agency, member: Client, staff: User, fields: dict[str, Any], said: str
) -> None:
    case = issued(agency, staff)
    if "attachments" in fields:
        files = [
            SimpleUploadedFile(f"f{number}.pdf", content)
            for number, content in enumerate(fields["attachments"])
        ]
        fields = {**fields, "attachments": files}
    answer = member.post(address(case, "appeal/"), fields)
    assert answer.status_code == 200
    assert said in words(answer)
    assert Appeal.objects.count() == 0


def test_decisions_on_one_incident_are_appealed_together(
    agency: Agency, member: Client, staff: User
) -> None:
    first, second, third = (issued(agency, staff, summary=f"Case {n}") for n in range(3))
    group_incident(
        violation_ids=[first.pk, second.pk, third.pk], title="One evening", at=NOW, by=staff
    )
    page = text(member, address(first))
    assert "Incident: One evening" in page
    assert f'value="{second.reference}"' in page
    member.post(address(first, "appeal/"), {"text": "Both.", "others": [second.reference]})
    assert set(Appeal.objects.get().violations.all()) == {first, second}
    assert "Other decisions on the same incident" in text(member, address(third))


def test_what_is_not_of_the_incident_cannot_be_ticked(
    agency: Agency, member: Client, staff: User
) -> None:
    case = issued(agency, staff)
    other, foreign = issued(agency, staff), ViolationFactory.create()
    for reference in (other.reference, foreign.reference):
        member.post(address(case, "appeal/"), {"text": "x", "others": [reference]})
        other.refresh_from_db()
        assert other.state == ViolationState.ISSUED
    foreign.refresh_from_db()
    assert foreign.state == ViolationState.ISSUED


@pytest.mark.parametrize(
    ("verdict", "said", "step"),
    [
        ("uphold", "Upheld on Nov. 22, 2026", "The platform upheld the decision."),
        ("revoke", "Revoked on Nov. 22, 2026", "The platform revoked the decision."),
    ],
)
def test_the_answer_has_its_reason(  # noqa: PLR0917
    agency: Agency, owner: User, member: Client, staff: User, verdict: str, said: str, step: str
) -> None:
    case = issued(agency, staff)
    appeal = file_appeal(agency=agency, violation_ids=[case.pk], text="No.", at=NOW, by=owner)
    decide_appeal(
        appeal_id=appeal.pk,
        verdicts={case.pk: verdict},
        reason="We looked again.",
        at=NOW,
        by=operator(name="Second Secret"),
    )
    page = text(member, address(case))
    assert said in page
    assert step in page
    assert "We looked again." in page
    assert "Second Secret" not in page
    assert ("30 points have been given back" in page) is (verdict == "revoke")


def test_evidence_is_downloaded_by_the_agency_alone(
    agency: Agency, member: Client, staff: User
) -> None:
    case = issued(agency, staff)
    (file,) = add_evidence(violation_id=case.pk, files=[NewFile("照片.pdf", PDF)], at=NOW, by=staff)
    assert "照片.pdf" in text(member, address(case))
    assert member.get(f"/conduct/files/{file.pk}/").content == PDF
    stranger = signed_in(MembershipFactory.create().user)
    foreign = stranger.get(f"/conduct/files/{file.pk}/")
    missing = stranger.get("/conduct/files/987654321/")
    assert foreign.status_code == missing.status_code == 404
    assert foreign.content.count(b"pdf") == 0


def test_drafts_and_their_files_are_not_found(agency: Agency, member: Client, staff: User) -> None:
    case = drafted(agency, staff)
    (file,) = add_evidence(violation_id=case.pk, files=[NewFile("a.pdf", PDF)], at=NOW, by=staff)
    assert member.get(address(case)).status_code == 404
    assert member.post(address(case, "appeal/"), {"text": "x"}).status_code == 404
    assert member.get(f"/conduct/files/{file.pk}/").status_code == 404


def test_a_draft_of_the_same_incident_is_not_named(
    agency: Agency, member: Client, staff: User
) -> None:
    case, draft = issued(agency, staff), drafted(agency, staff)
    group_incident(violation_ids=[case.pk, draft.pk], title="Same", at=NOW, by=staff)
    assert draft.reference not in text(member, address(case))


def test_a_foreign_decision_is_a_missing_one(agency: Agency, member: Client, staff: User) -> None:
    foreign = issued(AgencyFactory.create(), staff)
    for path in (address(foreign), "/conduct/violations/NONE/", "/conduct/violations/%00/"):
        assert member.get(path).status_code == 404
        assert member.post(f"{path}appeal/", {"text": "x"}).status_code == 404
    assert Appeal.objects.count() == 0


def test_a_viewer_reads_but_cannot_appeal(agency: Agency, staff: User) -> None:
    case = issued(agency, staff)
    viewer = signed_in(MembershipFactory.create(agency=agency, role=Role.VIEWER).user)
    assert "Only an owner of the agency can appeal" in text(viewer, address(case))
    assert viewer.post(address(case, "appeal/"), {"text": "x"}).status_code == 403
    assert Appeal.objects.count() == 0


def test_the_addresses_take_one_method_each(agency: Agency, member: Client, staff: User) -> None:
    case = issued(agency, staff)
    assert member.get(address(case, "appeal/")).status_code == 405
    assert member.post(address(case)).status_code == 405
    assert member.post("/conduct/files/1/").status_code == 405


def test_a_removed_agency_still_reads_and_appeals(
    agency: Agency, member: Client, staff: User
) -> None:
    case = issued(agency, staff)
    Agency.objects.filter(pk=agency.pk).update(removed_on=date(2026, 11, 22))
    assert "days left" in text(member, address(case))
    assert member.post(address(case, "appeal/"), {"text": "Still."}).status_code == 302
    assert Appeal.objects.get().text == "Still."


def test_linked_agencies_and_accounts_are_not_named(
    agency: Agency, member: Client, staff: User
) -> None:
    linked = AgencyFactory.create(name="Linked Secret", contact_email="same@example.com")
    Agency.objects.filter(pk=agency.pk).update(contact_email="same@example.com")
    measure = PlannedMeasure(
        Measure.LINKED_AGENCIES, None, date(2026, 12, 22), agency_ids=(linked.pk,)
    )
    case = issued(agency, staff, measures=[measure])
    page = text(member, address(case))
    assert "Linked agency: binding suspended" in page
    assert "Linked Secret" not in page
    assert case.reference not in text(
        signed_in(MembershipFactory.create(agency=linked).user), "/conduct/"
    )


@pytest.mark.parametrize("reference", ["沪/2026/001", "a b?c#d", "50%", "..x", "x/y/"])
def test_any_case_number_has_a_page(agency: Agency, member: Client, reference: str) -> None:
    ViolationFactory.create(agency=agency, reference=reference, decided_on=date(2026, 11, 20))
    links = text(member, "/conduct/").split('href="/conduct/violations/')[1:]
    path = "/conduct/violations/" + links[-1].split('"')[0]
    assert member.get(path.partition("#")[0]).status_code == 200


def test_three_rows_take_as_many_queries_as_one(
    agency: Agency, member: Client, staff: User, django_assert_num_queries: Callable[..., Any]
) -> None:
    cases = [issued(agency, staff, points=1) for _ in range(2)]
    group_incident(violation_ids=[case.pk for case in cases], title="Same", at=NOW, by=staff)
    add_evidence(violation_id=cases[0].pk, files=[NewFile("a.pdf", PDF)], at=NOW, by=staff)
    text(member, address(cases[0]))
    with django_assert_num_queries(12):
        text(member, address(cases[0]))
    more = [issued(agency, staff, points=1) for _ in range(2)]
    group_incident(
        violation_ids=[case.pk for case in (*cases, *more)], title="Same", at=NOW, by=staff
    )
    files = [NewFile(f"{n}.pdf", PDF + b"%d" % n) for n in range(2)]
    add_evidence(violation_id=cases[0].pk, files=files, at=NOW, by=staff)
    with django_assert_num_queries(12):
        text(member, address(cases[0]))

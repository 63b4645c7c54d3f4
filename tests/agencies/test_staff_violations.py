"""The staff's pages about violations: list, case, drafting, the steps of a decision, removals."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.utils import timezone

from agencies.actions.appeals import file_appeal
from agencies.actions.case_files import NewFile, add_evidence
from agencies.actions.violations import PlannedMeasure
from agencies.enums import Measure, PenaltyState, Role, ViolationState
from agencies.models import Agency, CaseFile, Incident, Penalty, Violation
from agencies.queries.changes import changes_of
from agencies.queries.desk import awaiting, violations_due_first
from portal.models import StaffLook
from tests.agencies.beside import race
from tests.agencies.desk import (
    PDF,
    PNG,
    closed_to_support,
    drafted,
    file_of,
    issued,
    looked_at,
    queries,
    refused_to_outsiders,
    said,
    told,
    with_removal,
)
from tests.factories import AgencyFactory, BindingFactory, MembershipFactory, ViolationFactory
from tests.factories.cases import AT
from tests.factories.staff import operator, signed_in, superuser, supporter

pytestmark = pytest.mark.django_db

LIST = "/staff/violations/"
NEW = "/staff/violations/new/"
STEPS = ("issue", "discard", "revoke", "evidence", "incident")


def case(violation: Violation, step: str = "") -> str:
    return f"{LIST}{violation.pk}/{step}{'/' if step else ''}"


@pytest.fixture
def agency() -> Agency:
    return AgencyFactory.create(code="AG-ONE", name="钱塘文化")


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def client() -> Client:
    return signed_in(operator())


def form(**fields: Any) -> dict[str, Any]:
    given = {
        "request_key": str(uuid4()),
        "occurred_on": "2026-10-01",
        "summary": "与达人发生纠纷",
        "points": "20",
    }
    return given | fields


# --- the list ------------------------------------------------------------------------------------


def test_the_list_says_what_is_due_first_and_keeps_that_order(
    client: Client, agency: Agency
) -> None:
    today = timezone.localdate()
    old = ViolationFactory.create(agency=agency, reference="OLD")
    newer = ViolationFactory.create(
        agency=agency, reference="NEWER", decided_on=date(2026, 6, 1), state="issued"
    )
    late = issued(agency)
    Violation.objects.filter(pk=late.pk).update(appeal_until=today + timedelta(days=9))
    soon = issued(agency)
    Violation.objects.filter(pk=soon.pk).update(appeal_until=today)
    appealed = issued(agency)
    owner = MembershipFactory.create(agency=agency, role=Role.OWNER).user
    file_appeal(
        agency=agency,
        violation_ids=[appealed.pk],
        text="不属实",
        files=[],
        at=timezone.now(),
        by=owner,
    )
    removal = issued(agency, **with_removal())
    draft = drafted(agency)

    page = said(client.get(LIST))

    expected = [draft, removal, appealed, soon, late, newer, old]
    assert list(violations_due_first(today=today)) == expected
    places = [page.index(f">{each.reference}<") for each in expected]
    assert places == sorted(places)
    assert "What is due first stands first" in page
    assert "issue or discard it" in page
    assert "removal awaits a second person" in page
    assert "due today" in page
    assert "9 days left" in page


def test_filters_in_the_address_narrow_the_list(client: Client, agency: Agency) -> None:
    ViolationFactory.create(agency=agency, reference="CASE-A", kind="dispute")
    ViolationFactory.create(
        reference="CASE-B", kind="impersonation", decided_on=date(2026, 6, 2), state="issued"
    )

    def found(query: str) -> list[str]:
        page = said(client.get(f"{LIST}?{query}"))
        return [name for name in ("CASE-A", "CASE-B") if f">{name}<" in page]

    assert found("") == ["CASE-A", "CASE-B"]
    assert found("q=CASE-B") == ["CASE-B"]
    assert found("q=AG-ONE") == ["CASE-A"]
    assert found("q=钱塘") == ["CASE-A"]
    assert found("kind=impersonation") == ["CASE-B"]
    assert found("state=draft") == []
    assert found("decided_from=2026-06-01") == ["CASE-B"]
    assert found("decided_to=2026-06-01") == ["CASE-A"]


def test_a_filter_that_is_not_understood_finds_nothing_and_says_so(
    client: Client, agency: Agency
) -> None:
    ViolationFactory.create(agency=agency, reference="CASE-A")
    page = said(client.get(f"{LIST}?decided_from=yesterday&export=csv"))
    assert "CASE-A" not in page
    assert "Enter a valid date." in page
    assert "Nothing fits these filters" in page


def test_awaits_me_leaves_out_ones_own_decisions(agency: Agency) -> None:
    issuer, other = operator(), operator()
    removal = issued(agency, by=issuer, **with_removal())
    listed = violations_due_first(today=timezone.localdate())
    assert list(awaiting(listed, issuer)) == []
    assert list(awaiting(listed, other)) == [removal]
    assert list(awaiting(listed, supporter())) == []
    page = said(signed_in(other).get(f"{LIST}?mine=on"))
    assert removal.reference in page
    assert removal.reference not in said(signed_in(issuer).get(f"{LIST}?mine=on"))


def test_the_list_as_a_file_has_every_column_and_is_harmless(client: Client) -> None:
    agency = AgencyFactory.create(code="AG-X", name="=1+1")
    violation = issued(agency, summary="@SUM(A1)", points=200)
    lines = file_of(client.get(f"{LIST}?export=csv&q=AG-X"))
    assert lines == [
        "case_number,agency_code,agency_name,kind,state,occurred_on,decided_on,appeal_until,"
        "points_asked,points_taken,summary",
        f"{violation.reference},AG-X,'=1+1,dispute,issued,2026-10-01,{violation.decided_on},"
        f"{violation.appeal_until},200,120,'@SUM(A1)",
    ]


def test_the_list_costs_the_same_with_one_row_and_with_three(client: Client) -> None:
    issued(AgencyFactory.create())
    client.get(LIST)
    one = queries(client, LIST)
    issued(AgencyFactory.create(), **with_removal())
    drafted(AgencyFactory.create())
    assert queries(client, LIST) == one


def test_an_empty_list_says_so(client: Client) -> None:
    assert "There is nothing to show yet." in said(client.get(LIST))


def test_looking_is_written_down(client: Client, agency: Agency) -> None:
    violation = drafted(agency)
    client.get(LIST)
    client.get(case(violation))
    looks = StaffLook.objects.order_by("pk").values_list("path", "agency")
    assert list(looks) == [(LIST, None), (case(violation), agency.pk)]


# --- who may -------------------------------------------------------------------------------------


def test_only_the_platforms_people_get_in(agency: Agency) -> None:
    violation = drafted(agency)
    for path in (LIST, NEW, case(violation), case(violation, "edit"), "/staff/removals/"):
        refused_to_outsiders(path)
    for step in STEPS:
        refused_to_outsiders(case(violation, step))


def test_support_reads_everything_and_is_offered_nothing(agency: Agency) -> None:
    violation = drafted(agency)
    support = signed_in(supporter())
    assert "New violation" not in said(support.get(LIST))
    page = said(support.get(case(violation)))
    assert "Issue the decision" not in page
    assert "Discard the draft" not in page
    assert "Change the draft" not in page
    for step in STEPS:
        closed_to_support(case(violation, step))
    assert support.get(NEW).status_code == 403
    assert support.get(case(violation, "edit")).status_code == 403
    violation.refresh_from_db()
    assert violation.state == ViolationState.DRAFT


def test_wrong_methods_are_refused(client: Client, agency: Agency) -> None:
    violation = drafted(agency)
    for path in (LIST, case(violation), "/staff/removals/"):
        assert client.post(path).status_code == 405
    for step in STEPS:
        assert client.get(case(violation, step)).status_code == 405
    assert client.delete(NEW).status_code == 405


def test_what_does_not_exist_is_not_found(client: Client) -> None:
    assert client.get(f"{LIST}999999/").status_code == 404
    assert client.get(f"{LIST}999999/edit/").status_code == 404
    for step in STEPS:
        assert client.post(f"{LIST}999999/{step}/").status_code == 404
    assert client.post("/staff/evidence/999999/remove/").status_code == 404
    for path in ("", "confirm/", "decline/"):
        method = client.post if path else client.get
        assert method(f"/staff/removals/999999/{path}").status_code == 404
    assert client.get("/staff/files/999999/").status_code == 404


# --- drafting ------------------------------------------------------------------------------------


def test_the_first_step_finds_an_agency_by_code_or_name(client: Client, agency: Agency) -> None:
    AgencyFactory.create(code="AG-TWO", name="Other")
    page = said(client.get(NEW, {"agency": "钱塘", "kind": "dispute"}))
    assert "?agency=AG-ONE&kind=dispute" in page
    assert "AG-TWO" not in page
    page = said(client.get(NEW, {"agency": "nobody", "kind": "dispute"}))
    assert "No agency has this code, or this in its name." in page


def test_the_form_begins_with_the_rulebooks_template(client: Client, agency: Agency) -> None:
    page = said(client.get(NEW, {"agency": "AG-ONE", "kind": "fake_traffic"}))
    assert 'name="points" value="40"' in page
    for measure, ticked in (("suspend_binding", True), ("warning", False), ("removal", False)):
        box = page[page.index(f'name="{measure}"') :].partition(">")[0]
        assert ("checked" in box) == ticked


def test_linked_agencies_and_accounts_are_offered_unticked_with_reasons(client: Client) -> None:
    agency = AgencyFactory.create(code="AG-ONE", uscc="91330100MA27X0000X")
    AgencyFactory.create(code="AG-TWIN", name="Twin", uscc="91330100MA27X0000X")
    member = MembershipFactory.create(agency=agency).user
    page = said(client.get(NEW, {"agency": "AG-ONE", "kind": "other"}))
    assert "Twin (AG-TWIN) · same unified social credit code" in page
    assert str(member) in page
    for name in ("linked_agencies", "linked_accounts"):
        assert "checked" not in page[page.index(f'name="{name}"') :].partition(">")[0]


def test_a_draft_carries_all_that_its_form_said(client: Client) -> None:
    agency = AgencyFactory.create(code="AG-ONE", uscc="91330100MA27X0000X")
    twin = AgencyFactory.create(uscc="91330100MA27X0000X")
    member = MembershipFactory.create(agency=agency).user
    sent = form(
        suspend_binding="on",
        suspend_binding_until="2027-01-01",
        removal="on",
        linked_agencies=[twin.pk],
        linked_agencies_from="2026-12-01",
        linked_accounts=[member.pk],
        incident_title="A dispute",
        evidence=[SimpleUploadedFile("a.pdf", PDF), SimpleUploadedFile("b.png", PNG)],
    )
    response = client.post(f"{NEW}?agency=AG-ONE&kind=dispute", sent)
    violation = Violation.objects.get()
    assert response.headers["location"] == case(violation)
    assert (violation.kind, violation.points, violation.state) == ("dispute", 20, "draft")
    assert str(violation.incident) == "A dispute"
    assert list(violation.files.values_list("name", "content_type")) == [
        ("a.pdf", "application/pdf"),
        ("b.png", "image/png"),
    ]
    planned = {
        (each.kind, each.agency_id, each.account_id, each.starts_on, each.until, each.state)
        for each in violation.penalties.all()
    }
    assert planned == {
        ("suspend_binding", agency.pk, None, None, date(2027, 1, 1), "planned"),
        ("removal", agency.pk, None, None, None, "planned"),
        ("linked_agencies", twin.pk, None, date(2026, 12, 1), None, "planned"),
        ("linked_accounts", agency.pk, member.pk, None, None, "planned"),
    }


def test_the_same_form_twice_is_one_draft(client: Client, agency: Agency) -> None:
    sent = form(incident_title="Once")
    paths = [f"{NEW}?agency=AG-ONE&kind=dispute"] * 2
    first, second = (client.post(path, sent).headers["location"] for path in paths)
    assert first == second
    assert Violation.objects.count() == Incident.objects.count() == 1


def test_a_refused_draft_is_shown_again_with_the_sentence_and_nothing_is_kept(
    client: Client, agency: Agency
) -> None:
    for changed, sentence in (
        ({"occurred_on": "2023-12-31"}, "what occurred before is no violation of it."),
        ({"evidence": SimpleUploadedFile("a.exe", b"MZ")}, "a.exe is no PDF, PNG or JPEG file"),
        ({"summary": ""}, "This field is required."),
        (
            {"suspend_binding_from": "2027-01-02", "suspend_binding_until": "2027-01-02"},
            "This day must be later than the first one.",
        ),
    ):
        response = client.post(
            f"{NEW}?agency=AG-ONE&kind=dispute", form(incident_title="x", **changed)
        )
        assert response.status_code == 200
        assert sentence in said(response)
    assert Violation.objects.count() == Incident.objects.count() == 0


def test_a_draft_can_be_changed_and_begins_with_what_is_stored(
    client: Client, agency: Agency
) -> None:
    measure = PlannedMeasure(kind=Measure.CANCEL_HONOURS, until=date(2027, 3, 1))
    violation = drafted(agency, measures=[measure])
    page = said(client.get(case(violation, "edit")))
    assert 'name="cancel_honours_until" value="2027-03-01"' in page
    assert "checked" in page[page.index('name="cancel_honours"') :].partition(">")[0]

    sent = form(points="30", warning="on", **looked_at(violation))
    response = client.post(case(violation, "edit"), sent)
    assert response.headers["location"] == case(violation)
    violation.refresh_from_db()
    assert violation.points == 30
    assert list(violation.penalties.values_list("kind", flat=True)) == ["warning"]


def test_what_is_issued_cannot_be_changed(client: Client, agency: Agency) -> None:
    violation = issued(agency)
    response = client.post(case(violation, "edit"), form(points="1"))
    assert response.headers["location"] == case(violation)
    assert told(response) == ["This violation was issued: only drafts can be changed."]
    violation.refresh_from_db()
    assert violation.points == 20


# --- a case --------------------------------------------------------------------------------------


def test_a_draft_shows_what_it_would_do(client: Client, agency: Agency) -> None:
    page = said(client.get(case(drafted(agency, points=50))))
    assert "120 → 70" in page
    assert "Falls below 80: no new bindings for 30 days" in page
    page = said(client.get(case(drafted(agency, points=500))))
    assert "120 → 0" in page
    assert "There are fewer points than asked" in page
    assert "Credit reaches 0" in page


def test_issuing_needs_the_confirmation_and_happens_once(client: Client, agency: Agency) -> None:
    violation = drafted(agency)
    response = client.post(case(violation, "issue"))
    assert response.status_code == 200
    assert "Confirm that facts, evidence and measures are checked." in said(response)

    response = client.post(case(violation, "issue"), looked_at(violation))
    assert response.headers["location"] == case(violation)
    violation.refresh_from_db()
    assert violation.state == ViolationState.ISSUED

    response = client.post(case(violation, "issue"), looked_at(violation))
    assert response.status_code == 200
    assert "nothing was done a second time" in said(response)
    assert violation.credit_entries.count() == 1
    assert "Points asked: 20, taken: 20." in said(client.get(case(violation)))


def test_a_draft_can_be_discarded_once(client: Client, agency: Agency) -> None:
    violation = drafted(agency)
    response = client.post(case(violation, "discard"))
    assert (response.headers["location"], told(response)) == (LIST, ["The draft was discarded."])
    assert client.post(case(violation, "discard")).status_code == 404
    decided = issued(agency)
    response = client.post(case(decided, "discard"))
    assert response.headers["location"] == case(decided)
    assert len(told(response)) == 1
    assert Violation.objects.get() == decided


def test_another_person_revokes_with_a_reason(agency: Agency) -> None:
    issuer, other = operator(), operator()
    violation = issued(agency, by=issuer)
    own = signed_in(issuer)
    assert "another person has to review it" in said(own.get(case(violation)))
    response = own.post(case(violation, "revoke"), {"reason": "mine"})
    assert response.status_code == 200
    assert "You took part in this decision yourself" in said(response)
    client = signed_in(other)
    assert "Say why" in said(client.post(case(violation, "revoke")))
    violation.refresh_from_db()
    assert violation.state == ViolationState.ISSUED

    response = client.post(case(violation, "revoke"), {"reason": "Wrong agency"})
    assert response.headers["location"] == case(violation)
    violation.refresh_from_db()
    assert (violation.state, violation.review_reason) == (ViolationState.REVOKED, "Wrong agency")
    page = said(client.get(case(violation)))
    assert "Given back: 20." in page
    assert "Wrong agency" in page

    response = client.post(case(violation, "revoke"), {"reason": "again"})
    assert response.status_code == 200
    assert "This decision was already revoked." in said(response)
    assert violation.credit_entries.count() == 2


def test_evidence_is_added_and_removed_while_a_draft(client: Client, agency: Agency) -> None:
    violation = drafted(agency)
    sent = {"evidence": [SimpleUploadedFile("a.pdf", PDF)]}
    assert client.post(case(violation, "evidence"), sent).status_code == 302
    file = CaseFile.objects.get()
    assert client.get(case(violation)).content.decode().count("a.pdf") > 0
    assert client.post(f"/staff/evidence/{file.pk}/remove/").headers["location"] == case(violation)
    assert CaseFile.objects.count() == 0
    response = client.post(case(violation, "evidence"))
    assert (response.status_code, "This field is required." in said(response)) == (200, True)
    closed_to_support(f"/staff/evidence/{file.pk}/remove/")
    assert client.get(f"/staff/evidence/{file.pk}/remove/").status_code == 405


def test_evidence_stays_with_what_was_issued(client: Client, agency: Agency) -> None:
    violation = drafted(agency)
    client.post(case(violation, "evidence"), {"evidence": [SimpleUploadedFile("a.pdf", PDF)]})
    client.post(case(violation, "issue"), looked_at(violation))
    file = CaseFile.objects.get()
    response = client.post(f"/staff/evidence/{file.pk}/remove/")
    assert told(response)[-1].startswith("The case was decided with this file")
    assert CaseFile.objects.get() == file


def test_a_file_is_saved_not_shown(client: Client, agency: Agency) -> None:
    violation = drafted(agency)
    files = [NewFile(name='证据".pdf', content=PDF)]
    (file,) = add_evidence(violation_id=violation.pk, files=files, at=timezone.now(), by=operator())
    path = f"/staff/files/{file.pk}/"
    response = client.get(path)
    assert response.content == PDF
    headers = {name: response.headers[name] for name in response.headers}
    assert headers["Content-Type"] == "application/pdf"
    assert headers["Content-Disposition"].startswith("attachment; filename*=utf-8''")
    assert headers["Content-Security-Policy"] == "sandbox"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "private, no-store"
    assert signed_in(supporter()).get(path).status_code == 200
    assert client.post(path).status_code == 405
    refused_to_outsiders(path)
    assert StaffLook.objects.filter(path=path, agency=agency).count() == 2


def test_violations_of_one_event_become_an_incident(client: Client, agency: Agency) -> None:
    first, second = issued(agency), issued(agency)
    foreign = issued(AgencyFactory.create())
    response = client.post(
        case(first, "incident"), {"title": "One event", "violations": [foreign.pk]}
    )
    assert (response.status_code, Incident.objects.count()) == (200, 0)
    sent = {"title": "One event", "violations": [second.pk]}
    assert client.post(case(first, "incident"), sent).status_code == 302
    assert list(Incident.objects.get().violations.order_by("pk")) == [first, second]
    page = said(client.get(case(first)))
    assert "One event" in page
    assert second.reference in page


@pytest.mark.django_db(transaction=True)
def test_the_history_names_people_and_sql_by_hand(client: Client, agency: Agency) -> None:
    violation = drafted(agency)
    client.post(case(violation, "issue"), looked_at(violation))
    with connection.cursor() as cursor:
        cursor.execute("UPDATE agencies_violation SET points = 7 WHERE id = %s", [violation.pk])
    newest, issue, *_rest = changes_of(violation)
    assert [(f.name, f.before, f.after) for f in newest.fields] == [("points asked", "20", "7")]
    assert newest.who == "no person of the portal: a job, a command or SQL"
    assert issue.who.startswith("Person ")
    assert ("state", "Draft", "Issued") in [(f.name, f.before, f.after) for f in issue.fields]
    page = said(client.get(case(violation)))
    assert '<del class="faint">20</del> → <ins>7</ins>' in page
    assert "Violation: issued" in page


# --- removals ------------------------------------------------------------------------------------


def proposal(agency: Agency, **who: Any) -> Penalty:
    return issued(agency, **who, **with_removal()).penalties.get()


def test_removals_await_a_second_person_oldest_first(client: Client) -> None:
    first = proposal(AgencyFactory.create(name="First"))
    one = queries(client, "/staff/removals/")
    proposal(AgencyFactory.create(name="Second"))
    proposal(AgencyFactory.create(name="Third"))
    page = said(client.get("/staff/removals/"))
    assert page.index("First") < page.index("Second") < page.index("Third")
    assert f'href="/staff/removals/{first.pk}/"' in page
    assert queries(client, "/staff/removals/") == one
    assert signed_in(supporter()).get("/staff/removals/").status_code == 200


def test_a_removal_says_whom_it_hits(client: Client, agency: Agency) -> None:
    BindingFactory.create(agency=agency)
    BindingFactory.create(agency=agency, bound_until=date(2025, 1, 1))
    MembershipFactory.create(agency=agency)
    MembershipFactory.create(agency=agency)
    page = said(client.get(f"/staff/removals/{proposal(agency).pk}/"))
    assert '<dt>Bindings that end</dt> <dd class="big"> 1 </dd>' in page
    assert '<dt>Members who can only read and appeal</dt> <dd class="big"> 2 </dd>' in page


def test_nobody_confirms_an_own_removal(agency: Agency) -> None:
    issuer = operator()
    removal = proposal(agency, by=issuer)
    path = f"/staff/removals/{removal.pk}/"
    client = signed_in(issuer)
    for page in (client.get(path), client.get(case(removal.violation))):
        assert "so you may not confirm or decline its removal" in said(page)
    response = client.post(f"{path}confirm/", {"reason": "mine"})
    assert (response.status_code, Penalty.objects.get().state) == (200, PenaltyState.PROPOSED)
    assert "You took part in this decision yourself" in said(response)


def test_a_second_person_confirms_once(agency: Agency) -> None:
    removal = proposal(agency)
    path = f"/staff/removals/{removal.pk}/"
    client = signed_in(superuser())
    assert "Say why" in said(client.post(f"{path}confirm/"))
    response = client.post(f"{path}confirm/", {"reason": "Serious"})
    assert response.headers["location"] == case(removal.violation)
    agency.refresh_from_db()
    assert agency.removed_on == timezone.localdate()
    response = client.post(f"{path}confirm/", {"reason": "Serious"})
    assert response.status_code == 200
    assert "This removal was already decided: In force." in said(response)
    assert "Already decided" in said(client.get(path))


def test_a_second_person_declines(client: Client, agency: Agency) -> None:
    removal = proposal(agency)
    response = client.post(f"/staff/removals/{removal.pk}/decline/", {"reason": "Too much"})
    assert told(response) == ["The removal was not confirmed."]
    removal.refresh_from_db()
    agency.refresh_from_db()
    assert (removal.state, agency.removed_on) == (PenaltyState.DECLINED, None)


def test_removals_are_closed_to_others(client: Client, agency: Agency) -> None:
    path = f"/staff/removals/{proposal(agency).pk}/"
    support = signed_in(supporter())
    assert "Only those who decide violations can answer it." in said(support.get(path))
    for step in ("confirm/", "decline/"):
        closed_to_support(f"{path}{step}")
        refused_to_outsiders(f"{path}{step}")
        assert client.get(f"{path}{step}").status_code == 405
    assert client.post(path).status_code == 405


@pytest.mark.django_db(transaction=True)
def test_the_same_form_sent_many_times_at_once_is_one_draft(agency: Agency) -> None:
    admin, sent = operator(), form(incident_title="Once", warning="on")
    desks = [signed_in(admin) for _ in range(8)]

    def send(desk: Client) -> tuple[int, str]:
        files = {"evidence": [SimpleUploadedFile("a.pdf", PDF)]}
        response = desk.post(f"{NEW}?agency=AG-ONE&kind=dispute", sent | files)
        return response.status_code, response.headers.get("location", "")

    answers, _refused = race([partial(send, desk) for desk in desks])
    violation = Violation.objects.get()
    assert answers == [(302, case(violation))] * 8
    assert (Incident.objects.count(), CaseFile.objects.count()) == (1, 1)
    assert violation.penalties.count() == 1

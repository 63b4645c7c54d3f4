"""Consultations as everybody and the agencies read them, and comments from an agency's page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from agencies.enums import Role, Stage
from agencies.models import Agency
from scoring.enums import RulebookState
from scoring.models import Consultation, ConsultationComment, RulebookWithdrawal
from scoring.rulebook_life import withdraw_version
from scoring.rulebook_versions import begin_counting, store_rulebook
from scoring.under_draft import months_under
from tests.factories import AgencyFactory, AssessmentFactory, EvaluationFactory, MembershipFactory
from tests.factories.cases import AT, SHANGHAI
from tests.factories.consultations import (
    CLOSES,
    OPENS,
    TEXT,
    CommentFactory,
    ConsultationFactory,
    answered,
    concluded,
    draft,
)
from tests.factories.people import UserFactory
from tests.factories.staff import signed_in

pytestmark = pytest.mark.django_db

START = ("2027.1", "2027-01")
AFTER = CLOSES + timedelta(hours=12)
MONTHS = [date(2026, month, 1) for month in (7, 8, 9, 10)]


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Coordinates]:
    with time_machine.travel(AT, tick=False) as clock:
        yield clock


@pytest.fixture
def agency() -> Agency:
    return AgencyFactory.create(code="OWN", joined_on=date(2025, 1, 1))


@pytest.fixture
def owner(agency: Agency) -> Client:
    return signed_in(MembershipFactory.create(agency=agency, role=Role.OWNER).user)


@pytest.fixture
def viewer(agency: Agency) -> Client:
    return signed_in(MembershipFactory.create(agency=agency, role=Role.VIEWER).user)


@pytest.fixture
def consultation() -> Consultation:
    return ConsultationFactory.create()


def stranger() -> Client:
    return Client(headers={"accept-language": "en"})


def text(client: Client, path: str, status: int = 200) -> str:
    response = client.get(path)
    assert response.status_code == status
    return " ".join(response.content.decode().split())


def public(consultation: Consultation) -> str:
    return f"/public/consultations/{consultation.pk}/"


def own(consultation: Consultation) -> str:
    return f"/rules/consultations/{consultation.pk}/"


def results(agency: Agency) -> None:
    for month in MONTHS:
        AssessmentFactory.create(agency=agency, evaluation=EvaluationFactory.create(month=month))


def test_everybody_reads_what_is_asked_and_why(consultation: Consultation) -> None:
    page = text(stranger(), public(consultation))
    assert "Agency level rules (default edition) · 2027.1" in page
    assert "meant to count from the data month January 2027 on" in page
    assert "open: 7 days left" in page
    assert "<p>The cut-off of V3 is too low.</p>" in page
    assert "<del>V3 from 550 points in all</del>" in page
    assert "<ins>V3 from 560 points in all</ins>" in page
    assert page.count("<ins>") == 1
    assert "/public/rules/2027.1/rulebook.toml" in page


def test_a_changed_curve_is_told_knot_by_knot() -> None:
    edits = (("[1000000, 100]", "[2000000, 110]"), ("[100000, 40]", "[100000, 45]"))
    page = text(stranger(), public(ConsultationFactory.create(version=draft(*START, *edits))))
    page = page[page.index("knot-changes") :]
    rows = [re.sub(r"<[^>]*>| ", "|", row) for row in re.findall(r"<tr.*?</tr>", page)[1:]]
    assert [re.sub(r"\|+", "|", row).strip("|") for row in rows] == [
        *("¥0|0|0", "¥100,000|40|45", "¥1,000,000|100|–", "¥2,000,000|–|110"),
        *("¥5,000,000|150|150", "¥20,000,000|190|190", "¥100,000,000|220|220"),
    ]


def test_the_public_page_offers_no_comments_and_sets_no_session(
    consultation: Consultation,
) -> None:
    response = stranger().get(public(consultation))
    assert "<form" not in response.content.decode().partition("<main")[2].partition("</main")[0]
    assert "sessionid" not in response.cookies


def test_reasons_and_comments_are_in_the_readers_language(consultation: Consultation) -> None:
    answered(CommentFactory.create(consultation=consultation))
    page = Client(headers={"accept-language": "zh-hans"}).get(public(consultation))
    for words in ("V3的门槛过低。", "已采纳。", "（默认版） · 2027.1"):
        assert words in page.content.decode()


def test_the_whole_draft_is_there_on_demand(consultation: Consultation) -> None:
    sentence = "An agency joins with a credit of 120"
    assert sentence not in text(stranger(), public(consultation))
    assert sentence in text(stranger(), public(consultation) + "?text=full")


def test_answered_comments_are_public_without_names(consultation: Consultation) -> None:
    agency = AgencyFactory.create(code="CANARY", name="Canary Agency")
    author = UserFactory.create(name="Canary Person", email="canary@example.com")
    said = {"consultation": consultation, "agency": agency, "author": author}
    answered(CommentFactory.create(text="Too <b>high</b>", clause="", **said))
    CommentFactory.create(text="Still unanswered", **said)
    page = text(stranger(), public(consultation))
    assert "Too &lt;b&gt;high&lt;/b&gt;" in page
    assert "We follow it." in page
    assert "The draft as a whole" in page
    assert "canary" not in page.lower()
    assert "Still unanswered" not in page


def test_comments_can_be_read_by_clause_and_page_by_page(consultation: Consultation) -> None:
    for number in range(21):
        answered(CommentFactory.create(consultation=consultation, text=f"cut-off {number:02}"))
    answered(CommentFactory.create(consultation=consultation, text="general", clause=""))
    page = text(stranger(), public(consultation))
    assert ("general" in page, "cut-off 18" in page, "cut-off 19" in page) == (True, True, False)
    assert "1–20 of 22" in page
    second = text(stranger(), public(consultation) + "?page=2")
    assert ("cut-off 19" in second, "cut-off 18" in second) == (True, False)
    whole = text(stranger(), public(consultation) + "?clause=whole")
    assert ("general" in whole, "cut-off 00" in whole) == (True, False)
    clause = text(stranger(), public(consultation) + "?clause=level-cut-offs&page=2")
    assert ("general" in clause, "cut-off 20" in clause) == (False, True)


@pytest.mark.parametrize("query", ["?clause=nonsense", "?page=x", "?clause=%00", "?text=x"])
def test_odd_addresses_are_read_as_far_as_they_go(
    consultation: Consultation, owner: Client, query: str
) -> None:
    answered(CommentFactory.create(consultation=consultation))
    text(stranger(), public(consultation) + query)
    text(owner, own(consultation) + query)


def test_before_it_opens_only_agencies_know_of_it(
    consultation: Consultation, owner: Client, clock: time_machine.Coordinates
) -> None:
    clock.move_to(OPENS - timedelta(microseconds=1))
    text(stranger(), public(consultation), 404)
    assert "2027.1" not in text(stranger(), "/public/consultations/")
    text(stranger(), "/public/rules/2027.1/rulebook.toml", 404)
    page = text(owner, own(consultation))
    assert "This consultation opens on Nov. 22, 2026" in page
    assert "560" not in page


def test_the_draft_as_a_file_stays_public(
    consultation: Consultation, clock: time_machine.Coordinates
) -> None:
    for moment in (OPENS, AFTER, AFTER + timedelta(days=4_000)):
        clock.move_to(moment)
        found = stranger().get("/public/rules/2027.1/rulebook.toml")
        assert (found.status_code, b"min_total = 560" in found.content) == (200, True)


def test_a_draft_is_nobodys() -> None:
    draft("2027.2", "2027-02")
    text(stranger(), "/public/rules/2027.2/rulebook.toml", 404)


def test_lists_say_where_each_stands(
    consultation: Consultation, owner: Client, clock: time_machine.Coordinates
) -> None:
    for client, path in ((stranger(), "/public/consultations/"), (owner, "/rules/consultations/")):
        clock.move_to(AT)
        page = text(client, path)
        assert "open: 7 days left" in page
        assert "Comments from Nov. 22, 2026 to Nov. 29, 2026" in page
        clock.move_to(CLOSES - timedelta(microseconds=1))
        assert "open: today is the last day" in text(client, path)
        clock.move_to(CLOSES)
        assert "comments are being answered" in text(client, path)


def test_an_empty_list_says_what_will_stand_there(owner: Client) -> None:
    for client, path in ((stranger(), "/public/consultations/"), (owner, "/rules/consultations/")):
        assert "There has been no consultation yet" in text(client, path)


def test_what_came_of_it_is_told(
    consultation: Consultation, clock: time_machine.Coordinates
) -> None:
    version = concluded(consultation).version
    clock.move_to(AFTER)
    path = public(consultation)
    assert "is not decided yet" in text(stranger(), path)
    assert "Summary of it." in text(stranger(), path)
    begin_counting(version, RulebookState.SCHEDULED, at=AFTER)
    assert "Decided: these rules count from the data month January" in text(stranger(), path)
    clock.move_to(AFTER + timedelta(days=60))
    assert "count for the data months from January 2027 on" in text(stranger(), path)


def test_what_was_not_decided_in_time_says_so(
    consultation: Consultation, clock: time_machine.Coordinates
) -> None:
    concluded(consultation)
    clock.move_to(datetime(2026, 12, 31, 23, 59, tzinfo=SHANGHAI))
    assert "is not decided yet" in text(stranger(), public(consultation))
    clock.move_to(datetime(2027, 1, 1, tzinfo=SHANGHAI))
    page = text(stranger(), public(consultation))
    assert "No decision was taken before January 2027 began" in page
    assert "concluded, not decided in time" in page


def test_a_withdrawn_one_says_why(
    consultation: Consultation, clock: time_machine.Coordinates
) -> None:
    version = concluded(consultation).version
    RulebookWithdrawal.objects.create(
        version=version, reason_zh="因", reason_en="Too early.", at=AFTER, by=UserFactory.create()
    )
    version.state, version.retired_at = RulebookState.RETIRED, AFTER
    version.save()
    clock.move_to(AFTER)
    page = text(stranger(), public(consultation))
    assert "withdrew this draft on Nov. 30, 2026; it never counted. </strong> Too early." in page


def test_the_rules_lead_to_what_is_asked_now(
    consultation: Consultation, owner: Client, clock: time_machine.Coordinates
) -> None:
    for client, path, target in (
        (stranger(), "/public/rules/", public(consultation)),
        (owner, "/rules/", own(consultation)),
    ):
        clock.move_to(AT)
        page = text(client, path)
        assert f'<a href="{target}">' in page
        assert "agencies may comment until the end of Nov. 29, 2026." in page
        clock.move_to(CLOSES)
        assert target not in text(client, path)


class TestRulesHistory:
    def history(self) -> str:
        page = text(stranger(), "/public/rules/")
        return page[page.index('id="history"') :]

    def test_what_is_asked_about_is_not_in_it(self, consultation: Consultation) -> None:
        assert "2027.1" not in self.history()
        text(stranger(), "/public/rules/?version=2027.1", 404)

    def test_a_scheduled_one_is_in_it_as_not_yet(self, consultation: Consultation) -> None:
        begin_counting(consultation.version, RulebookState.SCHEDULED, at=AT)
        assert "Counts for the data months from January 2027 on, not yet" in self.history()
        page = text(stranger(), "/public/rules/?version=2027.1")
        assert "<ins>V3 from 560 points in all</ins>" in page

    def test_a_scheduled_one_counts_from_its_month(
        self, consultation: Consultation, clock: time_machine.Coordinates
    ) -> None:
        begin_counting(consultation.version, RulebookState.SCHEDULED, at=AT)
        clock.move_to(AFTER + timedelta(days=60))
        assert "In force for the data months from January 2027 on" in self.history()

    def test_one_withdrawn_after_the_decision_says_so_and_is_no_predecessor(
        self, consultation: Consultation
    ) -> None:
        version = consultation.version
        begin_counting(version, RulebookState.SCHEDULED, at=AT)
        RulebookWithdrawal.objects.create(
            version=version, reason_zh="因", reason_en="Why", at=AT, by=UserFactory.create()
        )
        version.state, version.retired_at = RulebookState.RETIRED, AT
        version.save()
        told = "Withdrawn before it counted: it was to count from January 2027 on"
        assert told in self.history()
        later = draft("2027.2", "2027-02", ("days = 15 ", "days = 20 "))
        store_rulebook(later.text, at=AT, activate=True)
        page = text(stranger(), "/public/rules/?version=2027.2")
        assert "What changed against version 2026.1" in page

    def test_one_replaced_before_its_month_is_no_predecessor(self) -> None:
        first = draft()
        begin_counting(first, RulebookState.SCHEDULED, at=AT)
        other = draft("2027.1b", "2027-01", ("days = 15 ", "days = 20 "))
        begin_counting(other, RulebookState.SCHEDULED, at=AT + timedelta(hours=1))
        page = text(stranger(), "/public/rules/?version=2027.1b")
        assert "What changed against version 2026.1" in page
        assert "V3 from 560" not in page

    def test_a_withdrawn_one_says_why_also_where_nobody_was_asked(self) -> None:
        version = draft()
        begin_counting(version, RulebookState.IN_FORCE, at=AT)
        withdraw_version(
            version_id=version.pk,
            reason_zh="因",
            reason_en="A slip.",
            at=AT,
            by=UserFactory.create(),
        )
        told = text(stranger(), "/public/rules/?version=2027.1")
        assert "Why it was withdrawn: A slip." in told
        assert "Why it was withdrawn" not in text(stranger(), "/public/rules/")

    def test_one_given_up_without_a_decision_is_only_at_its_consultation(
        self, consultation: Consultation
    ) -> None:
        version = consultation.version
        version.state, version.retired_at = RulebookState.RETIRED, AT
        version.save()
        assert "2027.1" not in self.history()
        text(stranger(), public(consultation))


class TestOwnMonths:
    def test_the_last_three_stand_beside_those_under_the_draft(
        self, agency: Agency, owner: Client
    ) -> None:
        knots = ("[100000, 40]", "[100000, 50]")
        assert knots[0] in TEXT
        consultation = ConsultationFactory.create(version=draft("2027.1", "2027-01", knots))
        results(agency)
        months = months_under(consultation.version.rulebook, agency)
        assert [each.month for each in months] == MONTHS[:0:-1]
        real = months[0].real
        assert real.total is not None
        # ¥1,234,567.89 lies beyond the knot, so nothing moves
        assert (months[0].total.change, months[0].differs) == (Decimal(0), False)
        page = text(owner, own(consultation))
        assert page.count("The draft would have changed nothing for you.") == 3
        assert "July 2026" not in page
        assert page.count("data through Oct. 28, 2026") == 1

    def test_points_level_and_stage_follow_from_the_draft(
        self, agency: Agency, owner: Client
    ) -> None:
        edits = (
            ("[1000000, 100]", "[1000000, 90]"),
            ("service_floor = 140", "service_floor = 199"),
        )
        consultation = ConsultationFactory.create(version=draft("2027.1", "2027-01", *edits))
        results(agency)
        month = months_under(consultation.version.rulebook, agency)[0]
        lost = [(each.name, each.whole, each.change) for each in month.lines if each.change]
        # 90 + 60 × 0.0586… instead of 100 + 50 × 0.0586…
        assert lost == [
            ("Operating power", True, Decimal("-9.41")),
            ("Settled amount", False, Decimal("-9.41")),
        ]
        assert (len(month.lines), month.total.change) == (13, Decimal("-9.41"))
        assert month.draft is not None
        assert (month.real.stage, month.draft.stage, month.draft.level) == (
            *(Stage.ASSESSED, Stage.OBSERVATION, ""),
        )
        page = text(owner, own(consultation))
        assert "Observation" in page
        assert "Points by dimension and indicator" in page
        assert "9.41" in page

    def test_a_novice_stays_one_or_cannot_be_computed(self, agency: Agency, owner: Client) -> None:
        Agency.objects.filter(pk=agency.pk).update(joined_on=date(2026, 10, 5))
        agency.refresh_from_db()
        AssessmentFactory.create(
            agency=agency,
            evaluation=EvaluationFactory.create(month=MONTHS[-1]),
            stage=Stage.NOVICE,
        )
        same = ConsultationFactory.create()
        page = text(owner, own(same))
        assert "The draft would have changed nothing for you." in page
        sooner = draft("2027.2", "2027-02", ("novice_months = 2 ", "novice_months = 0 "))
        page = text(owner, own(ConsultationFactory.create(version=sooner)))
        assert "cannot be computed: nothing is kept of that month" in page

    def test_without_a_result_the_page_says_what_will_stand_there(
        self, owner: Client, consultation: Consultation
    ) -> None:
        assert "No result of your agency is published yet." in text(owner, own(consultation))


class TestCommenting:
    def test_an_owner_sends_a_comment_once(
        self, agency: Agency, owner: Client, consultation: Consultation
    ) -> None:
        sent = {"clause": "level-cut-offs", "text": "Too high"}
        for _ in range(2):
            response = owner.post(own(consultation) + "comment/", sent)
            assert (response.status_code, response.headers["location"]) == (302, own(consultation))
        comment = ConsultationComment.objects.get()
        assert (comment.agency, comment.text) == (agency, "Too high")
        page = text(owner, own(consultation))
        assert "waits for an answer" in page
        assert "Take it back" in page

    def test_a_clause_of_the_address_is_chosen_in_the_form(
        self, owner: Client, consultation: Consultation
    ) -> None:
        page = text(owner, own(consultation) + "?about=level-cut-offs")
        assert '<option value="level-cut-offs" selected>' in page

    def test_a_refused_comment_stays_in_its_form_with_the_reason(
        self, owner: Client, consultation: Consultation, clock: time_machine.Coordinates
    ) -> None:
        clock.move_to(CLOSES - timedelta(microseconds=1))
        wrong = owner.post(own(consultation) + "comment/", {"clause": "no-such", "text": "Kept"})
        page = wrong.content.decode()
        assert (wrong.status_code, "Kept" in page, "not one of the available" in page) == (
            *(200, True, True),
        )
        clock.move_to(CLOSES)
        late = owner.post(own(consultation) + "comment/", {"clause": "", "text": "Late"})
        assert (late.status_code, ConsultationComment.objects.count()) == (200, 0)

    def test_a_viewer_reads_along_and_cannot_comment(
        self, viewer: Client, consultation: Consultation
    ) -> None:
        page = text(viewer, own(consultation))
        assert "Only an owner of the agency can comment" in page
        assert "Send the comment" not in page
        sent = {"clause": "", "text": "x"}
        assert viewer.post(own(consultation) + "comment/", sent).status_code == 403
        assert not ConsultationComment.objects.exists()

    def test_a_comment_is_taken_back(
        self, agency: Agency, owner: Client, viewer: Client, consultation: Consultation
    ) -> None:
        comment = CommentFactory.create(consultation=consultation, agency=agency)
        path = f"/rules/comments/{comment.pk}/withdraw/"
        assert viewer.post(path).status_code == 403
        assert owner.post(path).status_code == 302
        assert not ConsultationComment.objects.exists()
        assert owner.post(path).status_code == 404

    def test_an_answered_one_stays(
        self, agency: Agency, owner: Client, consultation: Consultation
    ) -> None:
        comment = answered(CommentFactory.create(consultation=consultation, agency=agency))
        response = owner.post(f"/rules/comments/{comment.pk}/withdraw/", follow=True)
        assert "has an answer already" in response.content.decode()
        assert ConsultationComment.objects.count() == 1

    def test_another_agencys_comment_is_not_there(
        self, owner: Client, consultation: Consultation
    ) -> None:
        foreign = CommentFactory.create(consultation=consultation, text="Canary words")
        assert owner.post(f"/rules/comments/{foreign.pk}/withdraw/").status_code == 404
        assert "Canary words" not in text(owner, own(consultation))
        assert ConsultationComment.objects.count() == 1

    def test_the_agencys_pages_are_for_members(self, consultation: Consultation) -> None:
        for path in ("/rules/consultations/", own(consultation)):
            response = stranger().get(path)
            assert response.headers["location"] == f"/sign-in/?next={path}"
        assert stranger().post(own(consultation) + "comment/").status_code == 302

    def test_forms_are_sent_and_pages_are_read(
        self, owner: Client, consultation: Consultation
    ) -> None:
        for path in (own(consultation), public(consultation), "/rules/consultations/"):
            assert owner.post(path).status_code == 405
        assert owner.get(own(consultation) + "comment/").status_code == 405
        assert owner.get("/rules/comments/1/withdraw/").status_code == 405

    def test_what_is_not_there_is_not_found(self, owner: Client) -> None:
        for path in ("/rules/consultations/1/", "/public/consultations/1/"):
            assert owner.get(path).status_code == 404
        assert owner.post("/rules/consultations/1/comment/").status_code == 404


def counted(client: Client, path: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        text(client, path)
    return len(queries)


def test_a_consultation_takes_as_many_queries_with_three_comments_as_with_one(
    agency: Agency, owner: Client, consultation: Consultation
) -> None:
    results(agency)

    def comments(number: int) -> None:
        for _ in range(number):
            answered(CommentFactory.create(consultation=consultation))
            answered(CommentFactory.create(consultation=consultation, agency=agency))

    comments(1)
    few = counted(owner, own(consultation)), counted(stranger(), public(consultation))
    comments(2)
    many = counted(owner, own(consultation)), counted(stranger(), public(consultation))
    assert few == many
    assert (many[0] <= 10, many[1] <= 5) == (True, True), many


def test_lists_take_as_many_queries_for_three_as_for_one(owner: Client) -> None:
    def withdrawn(number: int) -> None:
        version = draft(f"2027.{number}", f"2027-{number:02}")
        concluded(ConsultationFactory.create(version=version))
        version.refresh_from_db()
        version.state, version.retired_at = RulebookState.RETIRED, AT
        version.save()

    withdrawn(1)
    few = counted(owner, "/rules/consultations/"), counted(stranger(), "/public/consultations/")
    withdrawn(2)
    withdrawn(3)
    many = counted(owner, "/rules/consultations/"), counted(stranger(), "/public/consultations/")
    assert few == many
    assert (many[0] <= 10, many[1] <= 3) == (True, True), many

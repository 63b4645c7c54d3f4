"""Certificates: who issues them, how a code is read, how long one holds, what the public learns."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st
from qrcode import QRCode
from qrcode.constants import ERROR_CORRECT_M

from agencies.enums import Measure, Role, Stage
from agencies.models import Agency
from agencies.refusals import Refused
from portal.models import User
from scoring.certificates import issue_certificate
from scoring.enums import EvaluationState
from scoring.models import Certificate, Evaluation
from scoring.queries.certificates import (
    ALPHABET,
    Checked,
    Reason,
    checked_certificate,
    grouped,
    own_certificate,
    read_code,
)
from scoring.views.qr_codes import RIM, qr_path
from tests.factories import (
    AgencyFactory,
    AssessmentFactory,
    EvaluationFactory,
    MembershipFactory,
    UserFactory,
)
from tests.factories.cases import AT, TODAY, PenaltyFactory
from tests.factories.honours import TitleFactory
from tests.factories.staff import signed_in

pytestmark = pytest.mark.django_db

SEPTEMBER, OCTOBER, NOVEMBER = date(2026, 9, 1), date(2026, 10, 1), date(2026, 11, 1)
CORRECTED = datetime(2026, 11, 9, 16, 30, tzinfo=UTC)  # the 10th by the platform's clock
CODES = st.text(alphabet=ALPHABET, min_size=16, max_size=16)


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def agency() -> Agency:
    return AgencyFactory.create(code="OWN", name="杭州晴川文化", contact_phone="CANARY")


@pytest.fixture
def owner(agency: Agency) -> User:
    return MembershipFactory.create(agency=agency).user


@pytest.fixture
def october(agency: Agency) -> Evaluation:
    """October's result, in which the agency is V3."""
    evaluation = EvaluationFactory.create(month=OCTOBER)
    AssessmentFactory.create(evaluation=evaluation, agency=agency, level="V3", total="634.01")
    return evaluation


@pytest.fixture
def certificate(agency: Agency, owner: User, october: Evaluation) -> Certificate:
    return issue_certificate(agency=agency, at=AT, by=owner)


def corrected(
    agency: Agency, level: str, revision: int = 2, at: datetime = CORRECTED
) -> Evaluation:
    """October published anew, with this level for the agency; without one where it is empty."""
    Evaluation.objects.filter(month=OCTOBER).update(state=EvaluationState.SUPERSEDED)
    evaluation = EvaluationFactory.create(month=OCTOBER, revision=revision, published_at=at)
    if level:
        AssessmentFactory.create(evaluation=evaluation, agency=agency, level=level)
    return evaluation


def checked(certificate: Certificate, now: datetime = AT) -> Checked:
    found = checked_certificate(certificate.code, now=now)
    assert found is not None
    return found


def page(client: Client, path: str, **query: str) -> str:
    response = client.get(path, query)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def public(code: str) -> str:
    return page(Client(headers={"accept-language": "en"}), "/public/certificate/", code=code)


class TestIssuing:
    def test_it_certifies_the_level_of_the_newest_published_month(
        self, certificate: Certificate, agency: Agency, owner: User, october: Evaluation
    ) -> None:
        assert (certificate.agency, certificate.evaluation) == (agency, october)
        assert (certificate.name, certificate.level) == ("杭州晴川文化", "V3")
        assert (certificate.issued_at, certificate.issued_by) == (AT, owner)
        assert re.fullmatch(f"[{ALPHABET}]{{16}}", certificate.code)

    def test_asked_again_it_is_the_same(
        self, certificate: Certificate, agency: Agency, owner: User
    ) -> None:
        again = issue_certificate(agency=agency, at=CORRECTED, by=owner)
        assert (again.pk, again.issued_at) == (certificate.pk, AT)
        assert Certificate.objects.count() == 1

    def test_two_certificates_have_different_codes(
        self, certificate: Certificate, agency: Agency, owner: User
    ) -> None:
        corrected(agency, "V3")
        assert issue_certificate(agency=agency, at=AT, by=owner).code != certificate.code

    @pytest.mark.parametrize(
        ("stage", "rule", "said"),
        [
            (Stage.NOVICE, "novice", "is in the novice stage"),
            (Stage.OBSERVATION, "observation", "Home says which floor is missed"),
            (None, "not_in_result", "has no result of this agency"),
        ],
    )
    def test_without_a_level_there_is_none(
        self, agency: Agency, owner: User, stage: str | None, rule: str, said: str
    ) -> None:
        evaluation = EvaluationFactory.create(month=OCTOBER)
        september = EvaluationFactory.create(month=SEPTEMBER)
        AssessmentFactory.create(evaluation=september, agency=agency)
        if stage:
            AssessmentFactory.create(evaluation=evaluation, agency=agency, stage=stage)
        with pytest.raises(Refused, match=said) as refused:
            issue_certificate(agency=agency, at=AT, by=owner)
        assert refused.value.rule == rule
        assert said in page(signed_in(owner), "/certificate/")
        assert not Certificate.objects.exists()

    def test_before_the_first_publication_there_is_none(self, agency: Agency, owner: User) -> None:
        with pytest.raises(Refused, match="No result has been published yet") as refused:
            issue_certificate(agency=agency, at=AT, by=owner)
        assert refused.value.rule == "no_result"
        assert "No result has been published yet" in page(signed_in(owner), "/certificate/")

    def test_a_removed_agency_gets_none(
        self, agency: Agency, owner: User, october: Evaluation
    ) -> None:
        Agency.objects.filter(pk=agency.pk).update(removed_on=TODAY)
        with pytest.raises(Refused, match=r"left the platform on Nov\. 22, 2026") as refused:
            issue_certificate(agency=agency, at=AT, by=owner)
        assert refused.value.rule == "removed"

    def test_only_owners_of_the_agency_issue(self, agency: Agency, october: Evaluation) -> None:
        viewer = MembershipFactory.create(agency=agency, role=Role.VIEWER).user
        foreign = MembershipFactory.create().user
        for person in (viewer, foreign):
            with pytest.raises(Refused) as refused:
                issue_certificate(agency=agency, at=AT, by=person)
            assert refused.value.rule == "owner"


@given(
    code=CODES,
    noise=st.lists(st.sampled_from(["-", " ", "–", "\t", "\N{EM SPACE}"]), max_size=20),
)
def test_however_a_code_is_typed_it_is_read(code: str, noise: list[str]) -> None:
    around = "".join(noise)
    typed = grouped(code).lower().replace("0", "o").replace("1", "l")
    assert read_code(f"{around}{typed}{around}") == code
    assert read_code(code.replace("1", "I")) == code
    assert read_code(grouped(code)) == code


@pytest.mark.parametrize(
    "text",
    [
        *("", "-", "A" * 15, "A" * 17, "U" * 16, "ABCD-EFGH-1234-567!"),
        *("ＡＢＣＤ" * 4, "\x00" * 16, "A" * 16 + " " * 100),
    ],
)
def test_what_cannot_be_a_code_is_none(text: str) -> None:
    assert read_code(text) is None


class TestHowLongItHolds:
    def test_it_holds_until_the_next_result(self, certificate: Certificate) -> None:
        found = checked(certificate)
        assert found.valid
        assert found.due_at == datetime(2026, 12, 2, 19, 0, tzinfo=UTC)
        assert not found.overdue
        told = public(certificate.code)
        assert "This certificate is valid" in told
        assert "杭州晴川文化" in told
        assert "OWN" in told
        assert "in October 2026" in told
        assert "due on Dec. 3, 2026" in told

    def test_a_late_publication_lets_it_hold_and_is_said(self, certificate: Certificate) -> None:
        with time_machine.travel(datetime(2026, 12, 4, 12, 0, tzinfo=UTC), tick=False):
            told = public(certificate.code)
        assert "This certificate is valid" in told
        assert "it was due on Dec. 3, 2026 and is late" in told

    def test_a_newer_month_ends_it_without_telling_the_new_level(
        self, certificate: Certificate, agency: Agency
    ) -> None:
        november = EvaluationFactory.create(month=NOVEMBER, published_at=CORRECTED)
        AssessmentFactory.create(evaluation=november, agency=agency, level="V5")
        assert [(each.reason, each.on) for each in checked(certificate).endings] == [
            (Reason.NEWER_MONTH, date(2026, 11, 10))
        ]
        told = public(certificate.code)
        assert "This certificate has not been valid since Nov. 10, 2026" in told
        assert "proved by a newer certificate" in told
        assert "level-V5" not in told

    def test_the_first_publication_of_the_newer_month_counts(
        self, certificate: Certificate
    ) -> None:
        EvaluationFactory.create(
            month=NOVEMBER, published_at=CORRECTED, state=EvaluationState.SUPERSEDED
        )
        EvaluationFactory.create(month=NOVEMBER, revision=2, published_at=AT)
        assert checked(certificate).since == date(2026, 11, 10)

    def test_a_newer_month_that_is_only_computed_changes_nothing(
        self, certificate: Certificate
    ) -> None:
        EvaluationFactory.create(month=NOVEMBER, state=EvaluationState.COMPUTED, published_at=None)
        assert checked(certificate).valid

    @pytest.mark.parametrize("level", ["V2", ""])
    def test_a_correction_of_the_level_ends_it(
        self, certificate: Certificate, agency: Agency, level: str
    ) -> None:
        corrected(agency, level)
        assert [(each.reason, each.on) for each in checked(certificate).endings] == [
            (Reason.CORRECTED, date(2026, 11, 10))
        ]
        told = public(certificate.code)
        assert "The result of October 2026 was corrected on Nov. 10, 2026." in told
        assert "level-V2" not in told

    def test_a_correction_that_leaves_the_level_leaves_it_valid(
        self, certificate: Certificate, agency: Agency, owner: User
    ) -> None:
        corrected(agency, "V3")
        assert checked(certificate).valid
        assert grouped(certificate.code) in page(signed_in(owner), "/certificate/")

    def test_what_a_correction_took_another_one_gives_back(
        self, certificate: Certificate, agency: Agency
    ) -> None:
        corrected(agency, "V2")
        corrected(agency, "V3", revision=3)
        assert checked(certificate).valid

    def test_it_ended_with_the_first_of_the_corrections_in_a_row(
        self, certificate: Certificate, agency: Agency
    ) -> None:
        corrected(agency, "V3", at=datetime(2026, 11, 5, tzinfo=UTC))
        corrected(agency, "V2", revision=3, at=datetime(2026, 11, 6, tzinfo=UTC))
        corrected(agency, "V1", revision=4, at=datetime(2026, 11, 7, tzinfo=UTC))
        assert checked(certificate).since == date(2026, 11, 6)

    @pytest.mark.parametrize(
        ("removed_on", "valid"), [(TODAY, False), (date(2026, 11, 23), True), (None, True)]
    )
    def test_leaving_the_platform_ends_it(
        self, certificate: Certificate, agency: Agency, removed_on: date | None, valid: bool
    ) -> None:
        Agency.objects.filter(pk=agency.pk).update(removed_on=removed_on)
        assert checked(certificate).valid is valid
        told = public(certificate.code)
        assert ("The agency left the platform on Nov. 22, 2026." in told) is not valid

    def test_all_reasons_are_told_and_the_first_one_dates_it(
        self, certificate: Certificate, agency: Agency
    ) -> None:
        corrected(agency, "V2")
        Agency.objects.filter(pk=agency.pk).update(removed_on=date(2026, 11, 20))
        found = checked(certificate)
        assert [each.reason for each in found.endings] == [Reason.CORRECTED, Reason.LEFT]
        assert found.since == date(2026, 11, 10)


class TestThePublicCheck:
    def test_unknown_and_malformed_codes_are_answered_alike(self, certificate: Certificate) -> None:
        answers = set()
        for code in ("0" * 16, certificate.code[:-1], certificate.code + "0", "!", "U" * 16):
            assert code != certificate.code
            told = public(code)
            assert "There is no certificate with this code" in told
            answers.add(re.sub(r'value="[^"]*"|[?]code=[^"]*', "", told))
        assert len({re.sub(r'name="csrfmiddlewaretoken"[^>]*', "", each) for each in answers}) == 1

    def test_it_tells_the_agency_level_and_dates_and_nothing_else(
        self, certificate: Certificate
    ) -> None:
        told = public(certificate.code)
        assert "CANARY" not in told
        assert "634.01" not in told

    @pytest.mark.parametrize("typed", [str.lower, grouped, lambda code: f"  {code} "])
    def test_the_code_is_read_tolerantly(
        self, certificate: Certificate, typed: Callable[[str], str]
    ) -> None:
        told = public(typed(certificate.code))
        assert "This certificate is valid" in told
        assert f'value="{grouped(certificate.code)}"' in told

    def test_without_a_code_there_is_only_the_form(self) -> None:
        for code in ("", "   "):
            told = public(code)
            assert "Code of the certificate" in told
            assert "There is no certificate" not in told

    def test_nothing_is_kept_in_caches_and_no_session_begins(
        self, certificate: Certificate
    ) -> None:
        response = Client().get("/public/certificate/", {"code": certificate.code})
        assert "no-store" in response.headers["cache-control"]
        assert "sessionid" not in response.cookies

    def test_what_was_typed_is_shown_harmlessly(self) -> None:
        assert "<script>alert" not in public("<script>alert(1)</script>")

    def test_it_is_only_read(self) -> None:
        for method in ("post", "put", "patch", "delete"):
            assert getattr(Client(), method)("/public/certificate/").status_code == 405


class TestTheOwnPage:
    def test_an_owner_issues_it_once_however_often_the_form_is_sent(
        self, owner: User, october: Evaluation
    ) -> None:
        client = signed_in(owner)
        assert "Issue the certificate" in page(client, "/certificate/")
        assert not Certificate.objects.exists()
        for _time in range(3):
            response = client.post("/certificate/issue/", follow=True)
            assert response.redirect_chain == [("/certificate/", 302)]
        assert "The certificate is issued." in response.content.decode()
        assert grouped(Certificate.objects.get().code) in response.content.decode()

    def test_a_refusal_is_told(self, owner: User) -> None:
        response = signed_in(owner).post("/certificate/issue/", follow=True)
        told = response.content.decode()
        assert "No result has been published yet" in told
        assert '<a class="btn btn-primary" href="/home/">Home</a>' in told
        assert '<a href="/benefits/">Benefits</a>' in told

    def test_a_viewer_reads_it_and_does_not_issue_it(
        self, agency: Agency, owner: User, october: Evaluation
    ) -> None:
        viewer = signed_in(MembershipFactory.create(agency=agency, role=Role.VIEWER).user)
        told = page(viewer, "/certificate/")
        assert "An owner of the agency can issue it." in told
        assert "Issue the certificate" not in told
        assert viewer.post("/certificate/issue/").status_code == 403
        assert not Certificate.objects.exists()
        code = issue_certificate(agency=agency, at=AT, by=owner).code
        assert grouped(code) in page(viewer, "/certificate/")

    def test_no_other_agency_sees_it(self, certificate: Certificate, october: Evaluation) -> None:
        other = MembershipFactory.create()
        AssessmentFactory.create(evaluation=october, agency=other.agency)
        told = page(signed_in(other.user), "/certificate/")
        assert grouped(certificate.code) not in told
        assert "杭州晴川文化" not in told

    def test_people_without_an_agency_are_led_away(self) -> None:
        for path in ("/certificate/", "/certificate/issue/"):
            method = "post" if path.endswith("issue/") else "get"
            assert getattr(Client(), method)(path).status_code == 302
            person = signed_in(UserFactory.create())
            assert getattr(person, method)(path).headers["location"] == "/home/"

    def test_the_sheet_has_what_a_certificate_needs(
        self, certificate: Certificate, owner: User, settings: Any
    ) -> None:
        settings.PORTAL_URL = "https://portal.example.com"
        told = page(signed_in(owner), "/certificate/")
        for part in ("杭州晴川文化", "OWN", "V3", "October 2026", "Nov. 22, 2026", "Dec. 3, 2026"):
            assert part in told
        assert "https://portal.example.com/public/certificate/" in told
        address = f"https://portal.example.com/public/certificate/?code={certificate.code}"
        assert qr_path(address).path in told
        assert "style=" not in told

    def test_titles_stand_on_it_while_honours_count(
        self, certificate: Certificate, agency: Agency, owner: User
    ) -> None:
        TitleFactory.create(agency=agency, name_en="Agency of the year")
        assert "Agency of the year" in page(signed_in(owner), "/certificate/")
        PenaltyFactory.create(violation__agency=agency, kind=Measure.CANCEL_HONOURS)
        assert "Agency of the year" not in page(signed_in(owner), "/certificate/")

    def test_after_a_correction_of_the_level_it_is_issued_anew(
        self, certificate: Certificate, agency: Agency, owner: User
    ) -> None:
        corrected(agency, "V2")
        told = page(signed_in(owner), "/certificate/")
        assert grouped(certificate.code) not in told
        assert "Not issued for this month yet" in told
        again = issue_certificate(agency=agency, at=AT, by=owner)
        assert again.level == "V2"
        own = own_certificate(agency, now=AT)
        assert own.checked is not None
        assert own.checked.certificate == again

    def test_methods(self, owner: User) -> None:
        client = signed_in(owner)
        for method in ("post", "put", "patch", "delete"):
            assert getattr(client, method)("/certificate/").status_code == 405
        for method in ("get", "put", "patch", "delete"):
            assert getattr(client, method)("/certificate/issue/").status_code == 405

    def test_it_takes_as_many_queries_for_three_months_as_for_one(
        self, certificate: Certificate, agency: Agency, owner: User
    ) -> None:
        client = signed_in(owner)
        TitleFactory.create(agency=agency)
        with CaptureQueriesContext(connection) as few:
            page(client, "/certificate/")
            public(certificate.code)
        for revision in (2, 3):
            corrected(agency, "V3", revision=revision)
            issue_certificate(agency=agency, at=AT, by=owner)
        TitleFactory.create_batch(3, agency=agency)
        with CaptureQueriesContext(connection) as many:
            page(client, "/certificate/")
            public(certificate.code)
        assert len(many) == len(few) <= 10 + 3


@settings(max_examples=10)
@given(text=st.text(max_size=60))
def test_a_qr_path_draws_exactly_the_dark_modules(text: str) -> None:
    code = QRCode(error_correction=ERROR_CORRECT_M, border=RIM)
    code.add_data(text)
    code.make(fit=True)
    wanted = {
        (x, y) for y, row in enumerate(code.get_matrix()) for x, dark in enumerate(row) if dark
    }
    drawn = qr_path(text)
    found = set()
    for x, y, width in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\3z", drawn.path):
        found |= {(int(x) + step, int(y)) for step in range(int(width))}
    assert found == wanted
    assert drawn.size == len(code.get_matrix())


class TestConstraints:
    def violates(self, constraint: str, **fields: Any) -> None:
        with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
            Certificate.objects.create(**fields)

    def test_certificate_once(self, certificate: Certificate, owner: User) -> None:
        self.violates("certificate_once", **self.fields(certificate), code="0" * 16)

    @pytest.mark.parametrize("code", ["", "0" * 15, "I" * 16, "a" * 16, "0000-0000-0000-0"])
    def test_certificate_code_form(
        self, certificate: Certificate, agency: Agency, code: str
    ) -> None:
        fields = self.fields(certificate) | {"evaluation": corrected(agency, "V3")}
        self.violates("certificate_code_form", **fields, code=code)

    def test_certificate_has_a_level(self, certificate: Certificate, agency: Agency) -> None:
        fields = self.fields(certificate) | {"evaluation": corrected(agency, "V3"), "level": ""}
        self.violates("certificate_has_a_level", **fields, code="0" * 16)

    def test_a_code_is_unique(self, certificate: Certificate, agency: Agency) -> None:
        fields = self.fields(certificate) | {"evaluation": corrected(agency, "V3")}
        self.violates("code", **fields, code=certificate.code)

    def fields(self, of: Certificate) -> dict[str, Any]:
        names = ("agency", "evaluation", "name", "level", "issued_at", "issued_by")
        return {name: getattr(of, name) for name in names}

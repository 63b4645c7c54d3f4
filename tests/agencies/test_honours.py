"""Titles: granted once, withdrawn for a reason, hidden while honours are cancelled."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from agencies.actions.honours import (
    cancelled_until,
    grant_title,
    honours_cancelled,
    withdraw_title,
)
from agencies.enums import Measure, News, PenaltyState, Subject
from agencies.models import Agency, ConductEvent, Title
from agencies.queries.titles import titles_borne
from agencies.refusals import Refused
from portal.models import StaffLook, User
from tests.factories import AgencyFactory, MembershipFactory
from tests.factories.cases import AT, TODAY, PenaltyFactory, listening
from tests.factories.honours import TitleFactory
from tests.factories.staff import operator, signed_in, supporter

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
NAMES = {"name_zh": "年度机构", "name_en": "Agency of the year"}


@pytest.fixture(autouse=True)
def _today_in_english() -> Iterator[None]:
    with time_machine.travel(AT, tick=False), translation.override("en"):
        yield


@pytest.fixture
def by() -> User:
    return operator()


@pytest.fixture
def agency() -> Agency:
    return AgencyFactory.create(code="STAR", name="星河")


def granted(agency: Agency, by: User, **given: Any) -> Title:
    return grant_title(**{"agency": agency, **NAMES, "on": TODAY, "at": AT, "by": by, **given})


def cancel(agency: Agency, **given: Any) -> Any:
    return PenaltyFactory.create(kind=Measure.CANCEL_HONOURS, violation__agency=agency, **given)


class TestGranting:
    def test_a_title_is_kept_logged_and_told(self, agency: Agency, by: User) -> None:
        with listening() as heard:
            title = granted(agency, by, name_zh=" 年度机构 ", on=TODAY - DAY)
        assert (title.name_zh, title.name_en) == ("年度机构", "Agency of the year")
        assert (title.granted_on, title.granted_by, title.withdrawn_on) == (TODAY - DAY, by, None)
        about = {**NAMES, "day": "2026-11-21"}
        event = ConductEvent.objects.get()
        assert (event.subject, event.subject_id, event.verb) == (Subject.TITLE, title.pk, "grant")
        assert (event.agency, event.actor, event.at, event.about) == (agency, by, AT, about)
        assert heard.news == [(agency.pk, News.TITLE_GRANTED, {**about, "title_id": title.pk})]

    @pytest.mark.parametrize(
        ("given", "rule", "sentence"),
        [
            ({"on": TODAY + DAY}, "day", "A title cannot be dated in the future: today is"),
            ({"on": date(2023, 12, 31)}, "day", "星河 joined on"),
            ({"name_zh": " "}, "names", "A title needs its name in Chinese and in English."),
            ({"name_en": ""}, "names", "A title needs its name in Chinese and in English."),
        ],
    )
    def test_a_wrong_title_is_refused(
        self, agency: Agency, by: User, given: dict[str, Any], rule: str, sentence: str
    ) -> None:
        with pytest.raises(Refused, match=sentence) as refused:
            granted(agency, by, **given)
        assert refused.value.rule == rule
        assert not Title.objects.exists()

    def test_the_day_of_joining_is_early_enough(self, agency: Agency, by: User) -> None:
        assert granted(agency, by, on=agency.joined_on).granted_on == agency.joined_on

    def test_once_per_agency_name_and_day(self, agency: Agency, by: User) -> None:
        title = granted(agency, by)
        with pytest.raises(Refused, match="it is granted once") as refused:
            granted(agency, by, name_en="Another")
        assert refused.value.rule == "once"
        withdraw_title(title_id=title.pk, reason="wrong", at=AT, by=by)
        with pytest.raises(Refused, match="it is granted once"):
            granted(agency, by)
        granted(agency, by, on=TODAY - DAY)
        granted(agency, by, name_zh="最佳机构")
        granted(AgencyFactory.create(), by)
        assert Title.objects.count() == 4

    def test_nobody_grants_one_to_their_own_agency(self, agency: Agency, by: User) -> None:
        MembershipFactory.create(agency=agency, user=by)
        with pytest.raises(Refused, match="You are a member of this agency") as refused:
            granted(agency, by)
        assert refused.value.rule == "own_agency"
        assert not Title.objects.exists()

    @pytest.mark.parametrize("removed_on", [TODAY, TODAY - DAY])
    def test_a_removed_agency_gets_none(self, agency: Agency, by: User, removed_on: date) -> None:
        Agency.objects.filter(pk=agency.pk).update(removed_on=removed_on)
        with pytest.raises(Refused, match="was removed from the platform on") as refused:
            granted(agency, by)
        assert refused.value.rule == "removed"

    def test_while_honours_are_cancelled_the_day_is_told(self, agency: Agency, by: User) -> None:
        cancel(agency, until=TODAY + 10 * DAY)
        cancel(agency, until=TODAY + 30 * DAY)
        with pytest.raises(Refused, match=r"again from Dec\. 22, 2026 on") as refused:
            granted(agency, by)
        assert (refused.value.rule, refused.value.until) == ("honours", TODAY + 30 * DAY)
        cancel(agency)
        with pytest.raises(Refused, match="without an end") as refused:
            granted(agency, by)
        assert (refused.value.rule, refused.value.until) == ("honours", None)

    def test_the_database_keeps_one_too(self) -> None:
        title = TitleFactory.create()
        with pytest.raises(IntegrityError, match="title_granted_once"), transaction.atomic():
            TitleFactory.create(agency=title.agency, name_zh=title.name_zh)

    def test_the_database_refuses_a_withdrawal_before_the_grant(self) -> None:
        constraint = "title_withdrawn_after_granting"
        with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
            TitleFactory.create(withdrawn_on=TODAY - DAY)

    def test_constraints_are_named(self) -> None:
        names = {constraint.name for constraint in Title._meta.constraints}
        assert names == {"title_granted_once", "title_withdrawn_after_granting"}


class TestWithdrawing:
    def test_a_withdrawn_title_stays_on_record(self, by: User) -> None:
        title = TitleFactory.create(granted_on=TODAY - DAY)
        with listening() as heard:
            withdraw_title(title_id=title.pk, reason=" mistaken ", at=AT, by=by)
        title.refresh_from_db()
        assert title.withdrawn_on == TODAY
        event = ConductEvent.objects.get()
        assert (event.subject, event.verb, event.reason) == (Subject.TITLE, "withdraw", "mistaken")
        (news,) = heard.news
        assert news[:2] == (title.agency_id, News.TITLE_WITHDRAWN)
        assert (news[2]["reason"], news[2]["day"]) == ("mistaken", "2026-11-21")

    def test_once_and_for_a_reason(self, by: User) -> None:
        title = TitleFactory.create()
        with pytest.raises(Refused, match="Say why the title is withdrawn"):
            withdraw_title(title_id=title.pk, reason=" ", at=AT, by=by)
        withdraw_title(title_id=title.pk, reason="mistaken", at=AT, by=by)
        with pytest.raises(Refused, match=r"withdrawn on Nov\. 22, 2026 already"):
            withdraw_title(title_id=title.pk, reason="again", at=AT + DAY, by=by)
        assert ConductEvent.objects.count() == 1
        with pytest.raises(Title.DoesNotExist):
            withdraw_title(title_id=title.pk + 1, reason="why", at=AT, by=by)

    def test_nobody_withdraws_one_of_their_own_agency(self, by: User) -> None:
        title = TitleFactory.create()
        MembershipFactory.create(agency=title.agency, user=by)
        with pytest.raises(Refused, match="You are a member of this agency") as refused:
            withdraw_title(title_id=title.pk, reason="mistaken", at=AT, by=by)
        assert refused.value.rule == "own_agency"
        title.refresh_from_db()
        assert title.withdrawn_on is None


class TestCancelledHonours:
    def test_titles_are_hidden_while_honours_are_cancelled(self, agency: Agency) -> None:
        old = TitleFactory.create(agency=agency, granted_on=TODAY - DAY)
        new = TitleFactory.create(agency=agency)
        TitleFactory.create(agency=agency, withdrawn_on=TODAY)
        TitleFactory.create()
        assert list(titles_borne(agency, today=TODAY)) == [new, old]
        assert list(titles_borne(agency, today=TODAY - DAY)) == [old]
        cancel(agency, starts_on=TODAY + DAY, until=TODAY + 3 * DAY)
        shown = [len(titles_borne(agency, today=TODAY + n * DAY)) for n in range(5)]
        assert shown == [2, 0, 0, 2, 2]

    @pytest.mark.parametrize(
        ("state", "counts"),
        [
            (PenaltyState.ACTIVE, True),
            (PenaltyState.EXPIRED, True),
            (PenaltyState.PLANNED, False),
            (PenaltyState.LIFTED, False),
            (PenaltyState.DECLINED, False),
        ],
    )
    def test_only_measures_in_force_cancel(
        self, agency: Agency, state: PenaltyState, counts: bool
    ) -> None:
        cancel(agency, state=state, until=TODAY + DAY)
        PenaltyFactory.create(kind=Measure.SUSPEND_BINDING)
        assert honours_cancelled(TODAY) == ({agency.pk} if counts else set())
        assert honours_cancelled(TODAY + DAY) == set()
        assert cancelled_until(agency, today=TODAY) == ((TODAY + DAY,) if counts else None)


class TestPages:
    LIST, GRANT = "/staff/titles/", "/staff/titles/grant/"

    @pytest.fixture
    def desk(self, by: User) -> Client:
        return signed_in(by)

    def test_the_list_says_what_stands(self, agency: Agency, desk: Client) -> None:
        title = TitleFactory.create(name_en="Standing one")
        TitleFactory.create(name_en="Gone", withdrawn_on=TODAY)
        TitleFactory.create(agency=agency, name_en="Hidden")
        cancel(agency)
        page = desk.get(self.LIST).content.decode()
        for said in ("Standing one", "standing", "withdrawn on", "hidden: honours are cancelled"):
            assert said in page
        assert f"/staff/titles/{title.pk}/withdraw/" in page
        assert StaffLook.objects.filter(path=self.LIST).count() == 1

    def test_filters_live_in_the_address(self, agency: Agency, desk: Client) -> None:
        TitleFactory.create(agency=agency, name_en="Alpha", name_zh="甲")
        TitleFactory.create(name_en="Beta", name_zh="乙", withdrawn_on=TODAY)
        for query, found in (
            ("agency=STAR", {"Alpha"}),
            ("agency=STA", set()),
            ("name=乙", {"Beta"}),
            ("name=lph", {"Alpha"}),
            ("state=withdrawn", {"Beta"}),
            ("state=standing", {"Alpha"}),
            ("state=nonsense", set()),
            ("", {"Alpha", "Beta"}),
        ):
            page = desk.get(f"{self.LIST}?{query}").content.decode()
            assert {name for name in ("Alpha", "Beta") if f">{name}" in page} == found, query

    def test_the_file_has_the_rows_of_the_filter(self, agency: Agency, desk: Client) -> None:
        TitleFactory.create(agency=agency, name_zh="=甲", name_en="Alpha")
        TitleFactory.create()
        answer = desk.get(f"{self.LIST}?agency=STAR&export=csv")
        assert b"".join(answer).decode() == (
            "\ufeffagency_code,agency_name,name_zh,name_en,granted_on,withdrawn_on\r\n"
            "STAR,星河,'=甲,Alpha,2026-11-22,\r\n"
        )

    def test_the_list_asks_as_often_for_many(self, desk: Client) -> None:
        TitleFactory.create()
        with CaptureQueriesContext(connection) as one:
            desk.get(self.LIST)
        TitleFactory.create_batch(3)
        with CaptureQueriesContext(connection) as many:
            desk.get(self.LIST)
        assert len(many) == len(one)

    def test_a_title_is_granted_from_the_form(self, agency: Agency, desk: Client) -> None:
        form = {"agency": "STAR", **NAMES, "on": "2026-11-22"}
        assert desk.post(self.GRANT, form).headers["location"] == self.LIST
        again = desk.post(self.GRANT, form)
        assert (again.status_code, Title.objects.count()) == (200, 1)
        assert "it is granted once" in again.content.decode()

    def test_an_unknown_agency_is_named(self, agency: Agency, desk: Client) -> None:
        page = desk.post(self.GRANT, {"agency": "star", **NAMES, "on": "2026-11-22"})
        assert "No agency has the code star" in page.content.decode()

    def test_a_title_is_withdrawn_from_the_form(self, desk: Client) -> None:
        title = TitleFactory.create(name_en="Alpha")
        path = f"/staff/titles/{title.pk}/withdraw/"
        assert "Alpha" in desk.get(path).content.decode()
        refused = desk.post(path, {"reason": ""})
        assert "Say why: the reason is kept with the step." in refused.content.decode()
        assert desk.post(path, {"reason": "mistaken"}).headers["location"] == self.LIST
        assert "already." in desk.post(path, {"reason": "twice"}).content.decode()
        title.refresh_from_db()
        assert title.withdrawn_on == TODAY

    def test_who_may_do_what(self, agency: Agency) -> None:
        withdraw = f"/staff/titles/{TitleFactory.create().pk}/withdraw/"
        member = signed_in(MembershipFactory.create(agency=agency).user)
        support, desk = signed_in(supporter()), signed_in(operator())
        for path, outcomes in (
            (self.LIST, (302, 403, 200, 200)),
            (self.GRANT, (302, 403, 403, 200)),
            (withdraw, (302, 403, 403, 200)),
            ("/staff/titles/999999/withdraw/", (302, 403, 403, 404)),
        ):
            clients = (Client(), member, support, desk)
            assert tuple(each.get(path).status_code for each in clients) == outcomes, path
        assert "/withdraw/" not in support.get(self.LIST).content.decode()
        assert support.post(self.GRANT, {}).status_code == 403
        assert desk.post(self.LIST).status_code == 405

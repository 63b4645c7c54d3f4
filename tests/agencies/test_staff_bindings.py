"""The staff's pages of bindings: the list, binding, ending, moving, wishes to part."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from agencies.enums import Side, UnbindingState
from agencies.forms.codes import CreatorsField
from agencies.models import Agency, Binding, ConductEvent, Unbinding
from agencies.views.lists import PER_PAGE
from portal.models import StaffLook, User
from tests.factories import AgencyFactory, BindingFactory, CreatorFactory, MembershipFactory
from tests.factories.cases import AT, TODAY, PenaltyFactory
from tests.factories.requests import UnbindingFactory
from tests.factories.staff import operator, signed_in, supporter

pytestmark = pytest.mark.django_db
LIST, NEW, TRANSFER = "/staff/bindings/", "/staff/bindings/new/", "/staff/bindings/transfer/"
WISHES = "/staff/unbindings/"
DAY = timedelta(days=1)


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
def star() -> Agency:
    return AgencyFactory.create(code="STAR", name="星河")


def text(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def bound(creator: str, agency: Agency, **fields: Any) -> Binding:
    return BindingFactory.create(
        creator=CreatorFactory.create(creator_id=creator, nickname=""), agency=agency, **fields
    )


class TestList:
    @pytest.fixture
    def bindings(self, star: Agency) -> dict[str, Binding]:
        return {
            "now": bound("now", star),
            "ends": bound("ends", star, bound_until=TODAY + DAY),
            "over": bound("over", star, bound_until=TODAY),
            "later": bound("later", AgencyFactory.create(code="B"), bound_from=TODAY + DAY),
        }

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("", "later over ends now"),
            ("agency=STAR", "over ends now"),
            ("agency=STA", ""),
            ("creator=later", "later"),
            ("creator=late", ""),
            ("state=current", "ends now"),
            ("state=over", "over"),
            ("state=future", "later"),
            ("state=nonsense", ""),
            ("bound_from=2026-11-23", "later"),
            ("bound_to=2026-11-22&agency=B", ""),
            ("bound_from=2024-01-01&bound_to=2024-01-01&state=current", "ends now"),
            ("bound_from=tomorrow", ""),
        ],
    )
    def test_filters_live_in_the_address(
        self, desk: Client, bindings: dict[str, Binding], query: str, found: str
    ) -> None:
        page = text(desk, f"{LIST}?{query}")
        shown = re.findall(r'<span class="code">(\w+)</span>', page)
        assert shown == found.split()

    def test_where_each_stands_today(self, desk: Client, bindings: dict[str, Binding]) -> None:
        page = text(desk, LIST)
        for said, times in (
            ("Bound today</span>", 2),
            ("Over</span>", 1),
            ("Begins later</span>", 1),
        ):
            assert page.count(said) == times, said
        ends = {f"/staff/bindings/{each.pk}/end/" for each in bindings.values()}
        shown = {path for path in ends if path in page}
        assert ends - shown == {f"/staff/bindings/{bindings['over'].pk}/end/"}

    def test_the_file_has_the_rows_of_the_filter(self, desk: Client, star: Agency) -> None:
        bound("-1-", star, bound_until=TODAY)
        BindingFactory.create(
            agency=star,
            creator=CreatorFactory.create(creator_id="C1", nickname="=1+1"),
            bound_from=TODAY,
        )
        BindingFactory.create()
        answer = desk.get(f"{LIST}?agency=STAR&export=csv")
        assert answer.headers["content-disposition"] == 'attachment; filename="bindings.csv"'
        assert b"".join(answer).decode() == (
            "\ufeffagency_code,agency_name,creator_id,nickname,bound_from,bound_until\r\n"
            "STAR,星河,C1,'=1+1,2026-11-22,\r\n"
            "STAR,星河,'-1-,,2024-01-01,2026-11-22\r\n"
        )
        assert (
            desk.get(f"{LIST}?state=nonsense&export=csv")
            .headers["content-type"]
            .startswith("text/html")
        )

    def test_the_list_is_never_counted(self, desk: Client, star: Agency) -> None:
        for number in range(PER_PAGE + 1):
            bound(f"C{number}", star)
        with CaptureQueriesContext(connection) as asked:
            page = text(desk, LIST)
        assert not any("COUNT(" in query["sql"].upper() for query in asked)
        assert 'rel="next"' in page
        assert 'rel="prev"' in text(desk, f"{LIST}?page=2")
        assert "C50" in text(desk, f"{LIST}?page=99")

    def test_the_list_asks_as_often_for_many(self, desk: Client, star: Agency) -> None:
        BindingFactory.create()
        with CaptureQueriesContext(connection) as one:
            desk.get(LIST)
        BindingFactory.create_batch(3)
        with CaptureQueriesContext(connection) as many:
            desk.get(LIST)
        assert len(many) == len(one)

    def test_the_look_names_the_agency_asked_for(self, desk: Client, star: Agency) -> None:
        desk.get(LIST)
        desk.get(f"{LIST}?agency=STAR")
        looks = StaffLook.objects.order_by("pk").values_list("agency", "path")
        assert list(looks) == [(None, LIST), (star.pk, f"{LIST}?agency=STAR")]


class TestBinding:
    FORM = {"agency": "STAR", "creator": "C1", "on": "2026-11-22", "reason": "agreed in writing"}

    def test_a_creator_is_bound_once(self, desk: Client, person: User, star: Agency) -> None:
        creator = CreatorFactory.create(creator_id="C1")
        done = desk.post(NEW, self.FORM)
        assert done.headers["location"] == f"{LIST}?agency=STAR"
        again = desk.post(NEW, self.FORM).content.decode()
        assert "is already bound to this agency" in again
        binding = Binding.objects.get()
        assert (binding.agency, binding.creator, binding.bound_from) == (star, creator, TODAY)
        event = ConductEvent.objects.get()
        assert (event.verb, event.actor, event.reason) == ("bind", person, "agreed in writing")

    @pytest.mark.parametrize(
        ("given", "said"),
        [
            ({"reason": ""}, "Say why: the reason is kept with the step."),
            ({"agency": "star"}, "No agency has the code star"),
            ({"creator": "c1"}, "No creator has the ID c1"),
            ({"on": "2026-11-21"}, "is over; choose"),
            ({"on": "2028-11-22"}, "is too far ahead; choose Nov. 21, 2028 or an earlier day."),
            ({"on": "9999-12-31"}, "is too far ahead; choose"),
        ],
    )
    def test_refusals_are_sentences(
        self, desk: Client, star: Agency, given: dict[str, str], said: str
    ) -> None:
        CreatorFactory.create(creator_id="C1")
        answer = desk.post(NEW, {**self.FORM, **given})
        assert (answer.status_code, Binding.objects.count()) == (200, 0)
        assert said in answer.content.decode()

    def test_the_address_fills_in_the_form(self, desk: Client, star: Agency) -> None:
        page = text(desk, f"{NEW}?agency=STAR&creator=C1")
        for value in ("STAR", "C1", "2026-11-22"):
            assert f'value="{value}"' in page

    def test_a_binding_ends_with_its_last_day(self, desk: Client, star: Agency) -> None:
        binding = bound("C1", star)
        path = f"{LIST}{binding.pk}/end/"
        assert "bound from Jan. 1, 2024" in text(desk, path)
        over = desk.post(path, {"last_day": "2026-11-21", "reason": "why"}).content.decode()
        assert "is over; choose" in over
        form = {"last_day": "2026-11-30", "reason": "agreed"}
        assert desk.post(path, form).headers["location"] == f"{LIST}?agency=STAR"
        binding.refresh_from_db()
        assert binding.bound_until == TODAY.replace(month=12, day=1)
        far = desk.post(path, {"last_day": "9999-12-31", "reason": "x"}).content.decode()
        assert "is too far ahead; choose" in far
        assert "ends on Nov. 30, 2026 already" in desk.post(path, form).content.decode()


class TestTransfer:
    FORM = {"to_agency": "STAR", "on": "2026-11-23", "reason": "merger"}

    @pytest.fixture
    def old(self) -> Agency:
        return AgencyFactory.create(code="OLD")

    def seen(self, client: Client, form: dict[str, str]) -> tuple[str, str]:
        answer = client.post(TRANSFER, form)
        assert answer.status_code == 200
        page = " ".join(answer.content.decode().split())
        found = re.search(r'name="seen" value="(\w{64})"', page)
        assert found, page
        return page, found[1]

    def test_chosen_creators_move_as_shown(self, desk: Client, star: Agency, old: Agency) -> None:
        for creator in ("C1", "C2", "C3"):
            bound(creator, old)
        bound("HERE", star)
        form = {**self.FORM, "creators": "C2, C1\nHERE；NONE C1"}
        page, seen = self.seen(desk, form)
        figures = re.findall(r'<dd class="num"> ?(\S+) ?</dd>', page)
        assert figures == ["2", "2", "3", "20"]
        assert "The platform knows no creator with the ID NONE" in page
        assert "already bound to this agency" in page
        assert "Transfer 2 creators" in page
        assert Binding.objects.filter(agency=star).count() == 1
        done = desk.post(TRANSFER, {**form, "seen": seen}, follow=True)
        assert done.redirect_chain == [(f"{LIST}?agency=STAR", 302)]
        assert "2 creators were moved and the agencies are told. 2 stayed where they were." in (
            done.content.decode()
        )
        moved = Binding.objects.filter(agency=star, bound_from=TODAY + DAY)
        assert set(moved.values_list("creator__creator_id", flat=True)) == {"C1", "C2"}

    def test_everybody_of_an_agency_moves(self, desk: Client, star: Agency, old: Agency) -> None:
        bound("C1", old)
        bound("C2", old)
        form = {**self.FORM, "from_agency": "OLD"}
        _page, seen = self.seen(desk, form)
        desk.post(TRANSFER, {**form, "seen": seen})
        assert not old.bindings.filter(bound_until=None).exists()
        assert star.bindings.count() == 2

    def test_a_changed_situation_is_shown_again(
        self, desk: Client, star: Agency, old: Agency
    ) -> None:
        bound("C1", old)
        form = {**self.FORM, "from_agency": "OLD"}
        _page, seen = self.seen(desk, form)
        bound("C2", old)
        page, again = self.seen(desk, {**form, "seen": seen})
        assert "The situation has changed since the preview" in page
        assert "Transfer 2 creators" in page
        assert not star.bindings.exists()
        desk.post(TRANSFER, {**form, "seen": again})
        assert star.bindings.count() == 2
        page, _seen = self.seen(desk, {**form, "seen": again})
        assert "Nobody can move" in page
        assert star.bindings.count() == 2

    def test_another_input_than_the_one_shown_does_nothing(
        self, desk: Client, star: Agency, old: Agency
    ) -> None:
        bound("C1", old)
        _page, seen = self.seen(desk, {**self.FORM, "creators": "C1"})
        other = {**self.FORM, "creators": "C1", "on": "2026-11-24", "seen": seen}
        page, _seen = self.seen(desk, other)
        assert "The situation has changed since the preview" in page
        assert not star.bindings.exists()

    @pytest.mark.parametrize(
        ("given", "said"),
        [
            ({}, "Name either the creators or the agency that they all leave."),
            (
                {"creators": "C1", "from_agency": "OLD"},
                "Name either the creators or the agency that they all leave.",
            ),
            ({"creators": "C1", "reason": ""}, "Say why: the reason is kept with the step."),
            ({"creators": "C1", "to_agency": "X"}, "No agency has the code X"),
            ({"creators": "C1", "on": "2026-11-21"}, "is over; choose"),
            ({"creators": "C1", "on": "9999-12-31"}, "is too far ahead; choose"),
            (
                {"creators": " ".join(f"C{n}" for n in range(5001))},
                "These are 5001 creators; move at most 5000 at a time.",
            ),
        ],
    )
    def test_refusals_are_sentences(
        self, desk: Client, star: Agency, old: Agency, given: dict[str, str], said: str
    ) -> None:
        answer = desk.post(TRANSFER, {**self.FORM, **given})
        assert answer.status_code == 200
        page = answer.content.decode()
        assert said in page
        assert 'name="seen"' not in page

    @pytest.mark.parametrize("between", ["\r\n", ", ", "，\r\n", " ， \r\n"])
    def test_five_thousand_ids_fit_however_they_are_separated(self, between: str) -> None:
        ids = [f"{number:032d}" for number in range(5000)]
        assert CreatorsField().clean(between.join(ids)) == ids

    def test_a_suspended_agency_gets_nobody(self, desk: Client, star: Agency, old: Agency) -> None:
        bound("C1", old)
        form = {**self.FORM, "creators": "C1"}
        _page, seen = self.seen(desk, form)
        PenaltyFactory.create(violation__agency=star)
        for more in ({}, {"seen": seen}):
            page = desk.post(TRANSFER, {**form, **more}).content.decode()
            assert "A penalty suspends the agency&#x27;s binding of creators" in page
        assert not star.bindings.exists()


class TestWishesToPart:
    def called_in(self, **fields: Any) -> Unbinding:
        return UnbindingFactory.create(
            state=UnbindingState.CALLED_IN, objection="合同未到期", called_in_at=AT, **fields
        )

    def test_the_platforms_cases_come_first(self, desk: Client) -> None:
        refused = UnbindingFactory.create(state=UnbindingState.OBJECTED, objection="no")
        late = UnbindingFactory.create(silent_on=TODAY + 9 * DAY)
        soon = UnbindingFactory.create(silent_on=TODAY + DAY)
        new = self.called_in()
        old = self.called_in()
        Unbinding.objects.filter(pk=old.pk).update(called_in_at=AT - DAY)
        UnbindingFactory.create(state=UnbindingState.ENDED, closed_at=AT)
        page = text(desk, WISHES)
        order = [int(pk) for pk in re.findall(rf'href="{WISHES}(\d+)/"', page)]
        assert order == [old.pk, new.pk, soon.pk, late.pk, refused.pk]

    def test_filters_and_file(self, desk: Client, star: Agency) -> None:
        wish = self.called_in(
            binding=bound("C1", star), side=Side.AGENCY, reason="=合作结束", silent_on=TODAY
        )
        UnbindingFactory.create()
        for query in ("agency=STAR", "creator=C1", "state=called_in"):
            found = re.findall(rf'href="{WISHES}(\d+)/"', text(desk, f"{WISHES}?{query}"))
            assert found == [str(wish.pk)], query
        assert b"".join(desk.get(f"{WISHES}?agency=STAR&export=csv")).decode() == (
            "\ufeffagency_code,creator_id,asked_by,state,asked_at,silent_on,called_in_at,reason,"
            "reason_of_refusal\r\n"
            "STAR,C1,agency,called_in,2026-11-22 12:00,2026-11-22,2026-11-22 10:00,"
            "'=合作结束,合同未到期\r\n"
        )

    def test_the_platform_decides_once(self, desk: Client, person: User) -> None:
        ends, stays = self.called_in(), self.called_in()
        for wish, verdict, state in ((ends, "end", "ended"), (stays, "keep", "kept")):
            assert "合同未到期" in text(desk, f"{WISHES}{wish.pk}/")
            path = f"{WISHES}{wish.pk}/decide/"
            empty = desk.post(path, {"verdict": verdict, "reason": ""})
            assert "Say why: the reason is kept with the step." in empty.content.decode()
            open_ = desk.post(path, {"reason": "contract"}).content.decode()
            assert "Choose one of the two." in open_
            form = {"verdict": verdict, "reason": "contract"}
            assert desk.post(path, form).headers["location"] == WISHES
            wish.refresh_from_db()
            assert (wish.state, wish.decision) == (state, "contract")
            again = desk.post(path, form)
            assert (again.status_code, 'role="alert"' in again.content.decode()) == (200, True)
            page = text(desk, f"{WISHES}{wish.pk}/")
            assert str(person) in page
            assert 'name="verdict"' not in page
        assert Binding.objects.get(pk=ends.binding_id).bound_until == TODAY + DAY
        assert Binding.objects.get(pk=stays.binding_id).bound_until is None

    def test_pages_ask_as_often_for_many(self, desk: Client) -> None:
        UnbindingFactory.create()
        with CaptureQueriesContext(connection) as one:
            desk.get(WISHES)
        UnbindingFactory.create_batch(3)
        with CaptureQueriesContext(connection) as many:
            desk.get(WISHES)
        assert len(many) == len(one)


def test_who_may_do_what(star: Agency) -> None:
    wish = UnbindingFactory.create(binding=bound("C1", star))
    member = signed_in(MembershipFactory.create(agency=star).user)
    clients = (Client(), member, signed_in(supporter()), signed_in(operator()))
    reading, acting = (302, 403, 200, 200), (302, 403, 403, 200)
    for path, outcomes in {
        LIST: reading,
        f"{LIST}?export=csv": reading,
        NEW: acting,
        TRANSFER: acting,
        f"{LIST}{wish.binding_id}/end/": acting,
        f"{LIST}999999/end/": (302, 403, 403, 404),
        WISHES: reading,
        f"{WISHES}{wish.pk}/": reading,
        f"{WISHES}999999/": (302, 403, 404, 404),
        f"{WISHES}{wish.pk}/decide/": (302, 405, 405, 405),
    }.items():
        assert tuple(each.get(path).status_code for each in clients) == outcomes, path
    for path in (f"{LIST}999999/end/", f"{WISHES}999999/decide/"):
        assert tuple(each.post(path).status_code for each in clients) == (302, 403, 403, 404)
    for path in (NEW, TRANSFER):
        assert tuple(each.post(path).status_code for each in clients) == acting
    support = text(clients[2], LIST)
    assert "/end/" not in support
    assert NEW not in support
    assert clients[3].post(LIST).status_code == clients[3].post(WISHES).status_code == 405

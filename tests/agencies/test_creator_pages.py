"""The pages behind creators' links: what they show, what each button does, what they keep back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from agencies.actions.links import token_of
from agencies.enums import BindingRequestState, LinkPurpose, Side, UnbindingState
from agencies.models import Agency, Binding, Creator, CreatorLink, Unbinding
from tests.factories import AgencyFactory, BindingFactory, CreatorFactory
from tests.factories.requests import (
    NOON,
    BindingRequestFactory,
    CreatorLinkFactory,
    UnbindingFactory,
)

pytestmark = pytest.mark.django_db

TODAY, DAY = NOON.date(), timedelta(days=1)
MAIL = "creator@example.com"
LEAVE_PAGE = "/creators/leave/"


@pytest.fixture(autouse=True)
def nobody_asked_before() -> None:
    cache.clear()


@pytest.fixture(autouse=True)
def noon() -> Iterator[None]:
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def stranger() -> Client:
    return Client(headers={"accept-language": "en"})


def address(link: CreatorLink) -> str:
    return reverse("creator-link", args=[token_of(link)])


def text(response: HttpResponse) -> str:
    return " ".join(unescape(response.content.decode()).split())


def confirm_link(**fields: Any) -> CreatorLink:
    request = BindingRequestFactory.create(**fields)
    return CreatorLinkFactory.create(
        creator=request.creator, purpose=LinkPurpose.CONFIRM, request=request
    )


def wish_of(side: Side, **fields: Any) -> Unbinding:
    return UnbindingFactory.create(side=side, **fields)


def answer_link(wish: Unbinding) -> CreatorLink:
    return CreatorLinkFactory.create(
        creator=wish.binding.creator, purpose=LinkPurpose.ANSWER, unbinding=wish
    )


def leave_link(binding: Binding) -> CreatorLink:
    return CreatorLinkFactory.create(creator=binding.creator)


def bound(**fields: Any) -> Binding:
    return BindingFactory.create(creator=CreatorFactory.create(contact=MAIL), **fields)


def press(client: Client, link: CreatorLink, answer: str, **data: Any) -> str:
    """Press a button that works; the sentence on the page that follows."""
    response = client.post(address(link), {"answer": answer, **data}, follow=True)
    assert response.redirect_chain == [(LEAVE_PAGE, 302)]
    link.refresh_from_db()
    assert link.used_at == NOON
    return text(response)


class TestAnyLink:
    def test_what_is_not_ours_is_not_found(self, stranger: Client) -> None:
        for token in ("x", "0" * 32, f"{'0' * 32}.signature"):
            response = stranger.get(reverse("creator-link", args=[token]))
            assert response.status_code == 404
            assert "This is not a link of ours." in text(response)

    def test_an_expired_link_and_a_used_one_say_so(self, stranger: Client) -> None:
        expired = CreatorLinkFactory.create(created_at=NOON - 7 * DAY)
        used = CreatorLinkFactory.create(used_at=NOON)
        for link, sentence in ((expired, "has expired"), (used, "has been used already")):
            for response in (
                stranger.get(address(link)),
                stranger.post(address(link), {"answer": "leave"}),
            ):
                assert response.status_code == 410
                assert sentence in text(response)
                assert link.creator.nickname not in text(response)

    @pytest.mark.parametrize("make", [confirm_link, lambda: leave_link(bound())])
    def test_looking_changes_nothing(self, stranger: Client, make: Any) -> None:
        link = make()
        before = list(Binding.objects.values())
        for _ in range(2):
            assert stranger.get(address(link)).status_code == 200
            assert stranger.head(address(link)).status_code == 200
        link.refresh_from_db()
        assert link.used_at is None
        assert list(Binding.objects.values()) == before

    def test_it_is_kept_out_of_caches_logs_and_search_engines(self, stranger: Client) -> None:
        link = confirm_link()
        for response in (
            stranger.get(address(link)),
            stranger.get(f"{address(link)[:-2]}/"),
            stranger.post(address(link), {"answer": "decline"}),
            stranger.get(LEAVE_PAGE),
        ):
            assert response.headers["Cache-Control"] == "no-store"
            assert response.headers["Referrer-Policy"] == "same-origin"
            assert response.headers["X-Robots-Tag"] == "noindex"

    def test_other_methods_are_refused(self, stranger: Client) -> None:
        for path in (address(confirm_link()), LEAVE_PAGE):
            for method in ("put", "patch", "delete"):
                assert getattr(stranger, method)(path).status_code == 405

    def test_a_form_from_elsewhere_is_refused(self) -> None:
        link = confirm_link()
        response = Client(enforce_csrf_checks=True).post(address(link), {"answer": "confirm"})
        assert response.status_code == 403
        assert not Binding.objects.exists()

    @pytest.mark.parametrize("answer", ["", "leave", "other"])
    def test_an_answer_that_the_page_does_not_offer(self, stranger: Client, answer: str) -> None:
        link = confirm_link()
        response = stranger.post(address(link), {"answer": answer})
        assert response.status_code == 200
        assert "Choose one of the answers on this page." in text(response)
        link.refresh_from_db()
        assert link.used_at is None

    def test_every_page_is_there_in_chinese_too(self) -> None:
        chinese = Client(headers={"accept-language": "zh-hans"})
        for link in (confirm_link(), answer_link(wish_of(Side.AGENCY)), leave_link(bound())):
            assert 'lang="zh-hans"' in chinese.get(address(link)).content.decode()


class TestConfirming:
    def test_it_shows_who_asks_and_what_is_agreed_to(self, stranger: Client) -> None:
        link = confirm_link(message="<b>您好</b>\n欢迎加入")
        page = text(stranger.get(address(link)))
        assert link.request is not None
        agency = link.request.agency
        for shown in (agency.name, agency.code, link.creator.nickname, link.creator.creator_id):
            assert shown in page
        assert "<b>您好</b><br>欢迎加入" in page
        assert "your results count for this agency" in page
        assert "You have one agency at a time." in page
        assert "silent for 14 days" in page
        assert f'href="{LEAVE_PAGE}"' in page

    def test_a_message_is_no_markup(self, stranger: Client) -> None:
        link = confirm_link(message="<script>")
        assert "&lt;script&gt;" in stranger.get(address(link)).content.decode()

    def test_confirming_binds_and_says_how_to_leave(self, stranger: Client) -> None:
        link = confirm_link()
        page = press(stranger, link, "confirm")
        binding = Binding.objects.get()
        assert (binding.creator, binding.bound_from) == (link.creator, TODAY)
        assert f"You are bound to the agency {binding.agency} from today" in page
        assert "To leave later, ask for a link on this page" in page

    def test_declining(self, stranger: Client) -> None:
        link = confirm_link()
        assert "You declined; the agency is told." in press(stranger, link, "decline")
        assert not Binding.objects.exists()

    def test_a_rule_that_refuses_is_read_and_the_link_stays(self, stranger: Client) -> None:
        link = confirm_link(agency__stage="assessed", agency__level="V1", agency__binding_cap=0)
        response = stranger.post(address(link), {"answer": "confirm"})
        assert response.status_code == 200
        assert "the agency may bind 0 creators, and it has 0" in text(response)
        Agency.objects.update(binding_cap=1)
        press(stranger, link, "confirm")
        assert Binding.objects.count() == 1

    @pytest.mark.parametrize(
        ("state", "sentence"),
        [
            (BindingRequestState.WITHDRAWN, "The agency has withdrawn this request."),
            (
                BindingRequestState.EXPIRED,
                "This request has expired. The agency may ask again after a day.",
            ),
        ],
    )
    def test_a_request_that_is_over(self, stranger: Client, state: str, sentence: str) -> None:
        link = confirm_link(state=state, closed_at=NOON)
        for response in (
            stranger.get(address(link)),
            stranger.post(address(link), {"answer": "confirm"}),
        ):
            assert response.status_code == 410
            assert sentence in text(response)


class TestAnswering:
    def test_it_shows_the_reason_and_until_when(self, stranger: Client) -> None:
        wish = wish_of(Side.AGENCY, reason="合作结束")
        page = text(stranger.get(address(answer_link(wish))))
        assert wish.binding.agency.name in page
        assert "合作结束" in page
        assert "until Dec. 5, 2026. Without an answer you are unbound from Dec. 6, 2026 on" in page

    def test_agreeing(self, stranger: Client) -> None:
        wish = wish_of(Side.AGENCY)
        page = press(stranger, answer_link(wish), "agree", about=wish.pk)
        assert "the last day is Nov. 22, 2026" in page
        assert Binding.objects.get().bound_until == TODAY + DAY

    def test_refusing_needs_a_reason_and_keeps_what_was_written(self, stranger: Client) -> None:
        wish = wish_of(Side.AGENCY)
        link = answer_link(wish)
        data = {"answer": "object", "about": wish.pk}
        assert "Say why" in text(stranger.post(address(link), data))
        long = stranger.post(address(link), {**data, "text": "佣" * 501})
        assert "longer than 500 characters" in text(long)
        assert "佣" * 501 in text(long)
        assert "You refused to part" in press(
            stranger, link, "object", about=wish.pk, text="佣金未结清"
        )
        wish.refresh_from_db()
        assert (wish.state, wish.objection) == (UnbindingState.OBJECTED, "佣金未结清")

    @pytest.mark.parametrize(
        ("fields", "sentence"),
        [
            ({"state": UnbindingState.WITHDRAWN, "closed_at": NOON}, "is settled: Withdrawn."),
            ({"binding__bound_until": TODAY}, "This binding ended on Nov. 21, 2026"),
        ],
    )
    def test_a_wish_that_is_settled(
        self, stranger: Client, fields: dict[str, Any], sentence: str
    ) -> None:
        response = stranger.get(address(answer_link(wish_of(Side.AGENCY, **fields))))
        assert response.status_code == 410
        assert sentence in text(response)

    def test_a_link_reaches_no_other_wish(self, stranger: Client) -> None:
        link, other = answer_link(wish_of(Side.AGENCY)), wish_of(Side.AGENCY)
        for about in (other.pk, 0, ""):
            response = stranger.post(address(link), {"answer": "agree", "about": about})
            assert response.status_code == 404
        assert not Binding.objects.exclude(bound_until=None).exists()


class TestLeaving:
    def test_asking_to_leave(self, stranger: Client) -> None:
        binding = bound()
        link = leave_link(binding)
        page = text(stranger.get(address(link)))
        assert binding.agency.name in page
        assert "Bound from Jan. 1, 2024 on." in page
        done = press(stranger, link, "leave", about=binding.pk, text="太忙")
        assert "It may answer until Dec. 5, 2026" in done
        assert Unbinding.objects.get().reason == "太忙"

    def test_the_own_wish_while_the_agency_is_silent(self, stranger: Client) -> None:
        wish = wish_of(Side.CREATOR)
        link = leave_link(wish.binding)
        page = text(stranger.get(address(link)))
        assert "You asked to leave on Nov. 22, 2026. The agency may answer until Dec. 5" in page
        assert "Call the platform in" not in page
        assert "is withdrawn" in press(stranger, link, "withdraw", about=wish.pk)

    def test_after_a_refusal_the_platform_can_be_called_in(self, stranger: Client) -> None:
        wish = wish_of(Side.CREATOR, state=UnbindingState.OBJECTED, objection="合同未到期")
        link = leave_link(wish.binding)
        page = text(stranger.get(address(link)))
        assert "合同未到期" in page
        assert "The platform is called in." in press(stranger, link, "call-in", about=wish.pk)
        assert "You called the platform in." in text(
            stranger.get(address(leave_link(wish.binding)))
        )

    def test_the_agency_s_wish_is_answered_here_too(self, stranger: Client) -> None:
        wish = wish_of(Side.AGENCY, reason="合作结束")
        link = leave_link(wish.binding)
        assert "Refuse to part" in text(stranger.get(address(link)))
        press(stranger, link, "object", about=wish.pk, text="佣金未结清")
        again = text(stranger.get(address(leave_link(wish.binding))))
        assert "You refused, with this reason:" in again
        assert "Refuse to part" not in again
        press(stranger, leave_link(wish.binding), "agree", about=wish.pk)
        assert Binding.objects.get().bound_until == TODAY + DAY

    def test_what_the_platform_decided(self, stranger: Client) -> None:
        wish = wish_of(Side.CREATOR, state=UnbindingState.KEPT, decision="合同有效", closed_at=NOON)
        page = text(stranger.get(address(leave_link(wish.binding))))
        assert "Binding kept." in page
        assert "合同有效" in page

    def test_bound_to_nobody(self, stranger: Client) -> None:
        page = text(stranger.get(address(CreatorLinkFactory.create())))
        assert "You are bound to no agency" in page

    def test_a_step_that_somebody_else_was_faster_with(self, stranger: Client) -> None:
        wish = wish_of(Side.CREATOR, state=UnbindingState.WITHDRAWN, closed_at=NOON)
        link = leave_link(wish.binding)
        response = stranger.post(address(link), {"answer": "call-in", "about": wish.pk})
        assert response.status_code == 200
        assert "This step is not possible any more: Withdrawn." in text(response)

    def test_of_other_creators_nothing_is_shown(self, stranger: Client) -> None:
        other = wish_of(Side.CREATOR, reason="CANARY", objection="CANARY")
        Agency.objects.update(name="CANARY", code="CANARY")
        response = stranger.get(address(leave_link(bound(agency=AgencyFactory.create()))))
        assert "CANARY" not in text(response)
        assert other.binding.creator.creator_id not in text(response)


class TestAskingForALink:
    def test_the_answer_is_the_same_whatever_is_true(self, stranger: Client) -> None:
        creator = bound().creator
        answers = {
            text(stranger.post(LEAVE_PAGE, {"creator_id": who, "contact": mail}, follow=True))
            for who, mail in (
                (creator.creator_id, MAIL),
                (creator.creator_id, "other@example.com"),
                ("NOBODY", MAIL),
            )
        }
        [answer] = {_without_token(each) for each in answers}
        assert "If the creator ID and the contact belong together" in answer
        assert [link.creator for link in CreatorLink.objects.all()] == [creator]

    def test_who_asks_too_often_is_told_the_same_and_sent_nothing(self, stranger: Client) -> None:
        first, other = bound().creator, bound().creator

        def ask(creator: Creator, contact: str, visitor: str = "127.0.0.1") -> str:
            given = {"creator_id": creator.creator_id, "contact": contact}
            page = stranger.post(LEAVE_PAGE, given, follow=True, REMOTE_ADDR=visitor)
            return _without_token(text(page))

        def sent() -> list[Creator]:
            return [link.creator for link in CreatorLink.objects.order_by("pk")]

        guesses = {ask(first, f"guess-{number}@example.com") for number in range(5)}
        assert guesses == {ask(first, MAIL)}
        assert sent() == []
        ask(other, MAIL)
        ask(first, MAIL, visitor="192.0.2.7")
        assert sent() == [other, first]

    def test_after_a_quarter_of_an_hour_a_visitor_is_heard_again(self, stranger: Client) -> None:
        creator = bound().creator
        for _ in range(6):
            given = {"creator_id": creator.creator_id, "contact": "guess@example.com"}
            stranger.post(LEAVE_PAGE, given)
        with time_machine.travel(NOON + timedelta(minutes=15, seconds=1), tick=False):
            stranger.post(LEAVE_PAGE, {**given, "contact": MAIL})
        assert [link.creator for link in CreatorLink.objects.all()] == [creator]

    def test_what_is_missing_is_named(self, stranger: Client) -> None:
        response = stranger.post(LEAVE_PAGE, {"creator_id": "", "contact": "x"})
        assert response.status_code == 200
        assert "Enter your creator ID" in text(response)
        assert "This is not an e-mail address" in text(response)

    def test_the_contact_may_be_blank_where_the_platform_delivers(
        self, stranger: Client, settings: Any
    ) -> None:
        given = {"creator_id": BindingFactory.create().creator.creator_id, "contact": ""}
        assert stranger.post(LEAVE_PAGE, given).status_code == 200
        settings.CREATOR_WEBHOOK_URL = "https://platform.example/links"
        assert stranger.post(LEAVE_PAGE, given).status_code == 302
        assert CreatorLink.objects.count() == 1


def _without_token(page: str) -> str:
    return re.sub('name="csrfmiddlewaretoken" value="[^"]*"', "", page)

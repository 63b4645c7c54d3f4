"""The public pages of notices: what everybody reads, and what nobody does."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from agencies.enums import NoticeState, ViolationKind
from agencies.models import PublicNotice
from agencies.views.lists import PER_PAGE
from tests.factories import AgencyFactory, MembershipFactory, ViolationFactory
from tests.factories.cases import AT, TODAY
from tests.factories.honours import NoticeEntryFactory, PublicNoticeFactory
from tests.factories.staff import operator, signed_in

pytestmark = pytest.mark.django_db
LIST = "/public/notices/"
DAY = timedelta(days=1)
MEASURES = [
    {"kind": "warning", "starts_on": "2026-11-22", "until": None},
    {"kind": "suspend_binding", "starts_on": "2026-11-22", "until": "2026-12-22"},
    {"kind": "cancel_honours", "starts_on": "2026-11-22", "until": None},
]


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def stranger() -> Client:
    return Client(headers={"accept-language": "en"})


@pytest.fixture
def notice() -> PublicNotice:
    return PublicNoticeFactory.create(published=True, title="十一月公示")


def text(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def test_without_a_notice_the_list_says_so(stranger: Client) -> None:
    PublicNoticeFactory.create(title="草稿")
    page = text(stranger, LIST)
    assert "There is no notice yet" in page
    assert "草稿" not in page


def test_the_newest_notice_stands_first(stranger: Client, notice: PublicNotice) -> None:
    NoticeEntryFactory.create_batch(2, notice=notice)
    PublicNoticeFactory.create(published=True, title="更早的公示", published_at=AT - DAY)
    PublicNoticeFactory.create(published=True, title="更新的公示", published_at=AT + DAY)
    page = text(stranger, LIST)
    order = [page.index(title) for title in ("更新的公示", "十一月公示", "更早的公示")]
    assert order == sorted(order)
    assert f'href="/public/notices/{notice.pk}/"' in page
    assert '<td class="num">2</td>' in page
    for head in ("Decision dates", "Number of violations", "Publication date"):
        assert f">{head}</th>" in page
    period = '<span class="nowrap">Nov. 1, 2026 –</span> <span class="nowrap">Nov. 22, 2026</span>'
    assert period in page


def test_the_list_has_pages(stranger: Client) -> None:
    PublicNoticeFactory.create_batch(PER_PAGE + 1, published=True)
    assert 'rel="next"' in text(stranger, LIST)
    assert 'rel="prev"' in text(stranger, f"{LIST}?page=2")
    assert 'rel="prev"' in text(stranger, f"{LIST}?page=99")


def test_a_page_shows_the_entry_and_nothing_else_of_the_agency(
    stranger: Client, notice: PublicNotice
) -> None:
    agency = AgencyFactory.create(
        code="STAR",
        name="新名",
        city="CANARY",
        category="CANARY",
        contact_email="canary@example.com",
        contact_phone="CANARY",
        uscc="CANARY",
    )
    violation = ViolationFactory.create(
        agency=agency,
        decided_on=TODAY,
        kind=ViolationKind.FAKE_TRAFFIC,
        summary="CANARY",
        reference="CANARY",
        points=999,
    )
    NoticeEntryFactory.create(
        notice=notice,
        violation=violation,
        agency_name="星河",
        wording="措辞 <b>",
        measures=MEASURES,
        applied=40,
    )
    page = text(stranger, f"{LIST}{notice.pk}/")
    for said in (
        *("十一月公示", notice.introduction, "Decisions from Nov. 1, 2026 to Nov. 22, 2026"),
        *(
            "published on Nov. 22, 2026",
            "星河",
            "STAR",
            "Faked traffic or orders",
            "措辞 &lt;b&gt;",
        ),
        *("Warning", "Binding suspended", "from Nov. 22, 2026 to Dec. 21, 2026"),
        *("Honours cancelled", "from Nov. 22, 2026 on", "40 credit points deducted"),
    ):
        assert said in page, said
    for kept in ("CANARY", "canary", "新名", "999", "<del>", "Revoked"):
        assert kept not in page, kept


@pytest.mark.parametrize(
    ("applied", "said"),
    [
        (20, "Revoked on Nov. 25, 2026 after review; the points were given back."),
        (0, "Revoked on Nov. 25, 2026 after review."),
    ],
)
def test_a_corrected_entry_is_struck_and_stays(
    stranger: Client, notice: PublicNotice, applied: int, said: str
) -> None:
    NoticeEntryFactory.create(
        notice=notice,
        agency_name="星河",
        wording="措辞",
        measures=MEASURES[:1],
        applied=applied,
        corrected_on=TODAY + 3 * DAY,
    )
    page = text(stranger, f"{LIST}{notice.pk}/")
    assert f"{said} What is struck below no longer stands." in page
    assert "<del>措辞</del>" in page
    assert page.count("<del>") == page.count("</del>") == (3 if applied else 2)


def test_drafts_and_missing_notices_do_not_exist(stranger: Client) -> None:
    draft = NoticeEntryFactory.create().notice
    assert draft.state == NoticeState.DRAFT
    for client in (stranger, signed_in(operator()), signed_in(MembershipFactory.create().user)):
        for pk in (draft.pk, draft.pk + 1):
            assert client.get(f"{LIST}{pk}/").status_code == 404


def test_an_agency_is_found_by_name_or_code(stranger: Client, notice: PublicNotice) -> None:
    entry = NoticeEntryFactory.create(
        notice=notice, violation__agency=AgencyFactory.create(code="STAR"), agency_name="星河文化"
    )
    NoticeEntryFactory.create(notice=notice, agency_name="别家")
    NoticeEntryFactory.create(violation=entry.violation, agency_name="星河文化")
    link = f'href="/public/notices/{notice.pk}/#entry-{entry.pk}"'
    for wanted in ("星河", "STAR", "%20星河%20"):
        page = text(stranger, f"{LIST}?agency={wanted}")
        assert (page.count("#entry-"), page.count(link)) == (1, 1)
        assert "别家" not in page


def test_a_revoked_entry_says_so_when_it_is_found(stranger: Client, notice: PublicNotice) -> None:
    NoticeEntryFactory.create(notice=notice, agency_name="星河", corrected_on=TODAY)
    page = text(stranger, f"{LIST}?agency=星河")
    assert "<s>Disputes with merchants or creators</s>" in page
    assert "revoked" in page


def test_an_agency_that_no_notice_names(stranger: Client, notice: PublicNotice) -> None:
    NoticeEntryFactory.create(agency_name="星河")
    page = text(stranger, f"{LIST}?agency=星河<b>")
    assert "No notice names “星河&lt;b&gt;”" in page
    assert "No notice names “星河”" in text(stranger, f"{LIST}?agency=星河")
    assert "星河" not in text(stranger, LIST)


def test_pages_ask_as_often_for_many(stranger: Client, notice: PublicNotice) -> None:
    NoticeEntryFactory.create(notice=notice, agency_name="星河")
    paths = (LIST, f"{LIST}{notice.pk}/", f"{LIST}?agency=星河")
    counts: list[list[int]] = []
    for _ in range(2):
        counts.append([])
        for path in paths:
            with CaptureQueriesContext(connection) as asked:
                stranger.get(path)
            counts[-1].append(len(asked))
        NoticeEntryFactory.create_batch(3, notice=notice, agency_name="星河")
        PublicNoticeFactory.create_batch(3, published=True)
    assert counts[0] == counts[1]


def test_nothing_is_written_here(stranger: Client, notice: PublicNotice) -> None:
    for path in (LIST, f"{LIST}{notice.pk}/"):
        for method in ("post", "put", "patch", "delete"):
            assert getattr(stranger, method)(path).status_code == 405

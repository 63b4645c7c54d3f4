"""The staff's pages of public notices: gathering, wording, looking, publishing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from threading import Barrier, Thread
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from agencies.enums import NoticeState
from agencies.models import NoticeEntry, PublicNotice
from agencies.queries import notices as queries
from portal.models import StaffLook, User
from tests.factories import AgencyFactory, MembershipFactory, ViolationFactory
from tests.factories.cases import AT, TODAY, issued
from tests.factories.honours import NoticeEntryFactory, PublicNoticeFactory
from tests.factories.staff import operator, signed_in, supporter

pytestmark = pytest.mark.django_db
LIST = "/staff/notices/"
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
def entry() -> NoticeEntry:
    violation = ViolationFactory.create(decided_on=TODAY, reference="CASE-ONE", summary="内情")
    return NoticeEntryFactory.create(violation=violation, notice__title="十一月公示")


def text(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def shown_digest(client: Client, notice: PublicNotice) -> str:
    found = re.search(r'name="seen" value="(\w{64})"', text(client, f"{LIST}{notice.pk}/preview/"))
    assert found
    return found[1]


def test_from_the_period_to_the_publication(desk: Client) -> None:
    violation = issued(agency=AgencyFactory.create(name="星河", code="STAR"))
    form = {
        "title": "十一月公示",
        "introduction": "现公示如下。",
        "first_day": "2026-11-01",
        "last_day": "2026-11-22",
        "request_key": str(uuid4()),
    }
    made = desk.post(f"{LIST}new/", form)
    notice = PublicNotice.objects.get()
    assert made.headers["location"] == f"{LIST}{notice.pk}/"
    assert desk.post(f"{LIST}new/", form).headers["location"] == f"{LIST}{notice.pk}/"
    entry = notice.entries.get()
    assert entry.violation == violation
    page = text(desk, f"{LIST}{notice.pk}/")
    assert "20 credit points deducted" in page
    wording = desk.post(f"{LIST}entries/{entry.pk}/", {"wording": "改过的措辞"})
    assert wording.headers["location"] == f"{LIST}{notice.pk}/"
    seen = shown_digest(desk, notice)
    done = desk.post(f"{LIST}{notice.pk}/publish/", {"seen": seen}, follow=True)
    assert "The notice is public and its agencies are told." in done.content.decode()
    public = text(Client(headers={"accept-language": "en"}), f"/public/notices/{notice.pk}/")
    assert "改过的措辞" in public
    again = desk.post(f"{LIST}{notice.pk}/publish/", {"seen": seen}, follow=True)
    assert "it is not rewritten" in again.content.decode()


def test_the_preview_is_what_the_public_reads(desk: Client, entry: NoticeEntry) -> None:
    path = f"/public/notices/{entry.notice_id}/"
    preview = text(desk, f"{LIST}{entry.notice_id}/preview/")
    seen = shown_digest(desk, entry.notice)
    desk.post(f"{LIST}{entry.notice_id}/publish/", {"seen": seen})
    sheet = re.compile(r"<article.*</article>")
    public = sheet.search(text(desk, path))
    before = sheet.search(preview)
    assert public
    assert before
    published = re.compile(r"· published on [^<]*")
    assert published.search(public[0])
    assert published.sub("", public[0]) == before[0]
    assert desk.get(f"{LIST}{entry.notice_id}/preview/").headers["location"] == path


def test_a_change_after_the_look_is_shown_again(desk: Client, entry: NoticeEntry) -> None:
    seen = shown_digest(desk, entry.notice)
    NoticeEntry.objects.filter(pk=entry.pk).update(wording="别人改了")
    for given in (seen, "", "0" * 64):
        answer = desk.post(f"{LIST}{entry.notice_id}/publish/", {"seen": given}, follow=True)
        assert answer.redirect_chain == [(f"{LIST}{entry.notice_id}/preview/", 302)]
        assert "has changed since you looked" in answer.content.decode()
    entry.notice.refresh_from_db()
    assert entry.notice.state == NoticeState.DRAFT


def test_what_is_revoked_drops_out_with_a_message(desk: Client, person: User) -> None:
    from agencies.actions.violations import revoke

    gone, _kept = issued(), issued()
    notice = PublicNoticeFactory.create()
    NoticeEntryFactory.create(notice=notice, violation=gone)
    revoke(violation_id=gone.pk, reason="facts were wrong", at=AT, by=operator())
    for path in (f"{LIST}{notice.pk}/", f"{LIST}{notice.pk}/preview/"):
        page = text(desk, path)
        assert "Revoked since the draft was made, and therefore not in the notice:" in page
        assert gone.reference in page


def test_refusals_come_back_in_the_form(desk: Client, entry: NoticeEntry) -> None:
    form = {"title": "t", "first_day": "2026-11-22", "last_day": "2026-11-23"}
    key = {"request_key": str(uuid4())}
    page = desk.post(f"{LIST}new/", {**form, **key}).content.decode()
    assert "The period reaches into the future: today is Nov. 22, 2026." in page
    none = {**form, **key, "first_day": "2026-10-01", "last_day": "2026-10-02"}
    assert "No violation was decided from" in desk.post(f"{LIST}new/", none).content.decode()
    empty = desk.post(f"{LIST}entries/{entry.pk}/", {"wording": ""}).content.decode()
    assert "An entry needs words: say what was decided." in empty
    assert PublicNotice.objects.count() == 1


def test_entries_leave_and_come_back(desk: Client, entry: NoticeEntry) -> None:
    notice, case = f"{LIST}{entry.notice_id}/", {"case": "CASE-ONE"}
    there = desk.post(f"{notice}add/", case, follow=True).content.decode()
    assert "CASE-ONE is in the notice already." in there
    left = desk.post(f"{LIST}entries/{entry.pk}/remove/", follow=True)
    assert left.redirect_chain == [(notice, 302)]
    assert "Decided in the period, not in the notice" in text(desk, notice)
    assert desk.post(f"{LIST}entries/{entry.pk}/remove/").status_code == 404
    desk.post(f"{notice}add/", case)
    assert entry.notice.entries.get().violation == entry.violation
    ViolationFactory.create(reference="DRAFT", state="draft", decided_on=None, appeal_until=None)
    for given, sentence in (
        ("DRAFT", "No decided case has the number DRAFT."),
        ("NONE", "No decided case has the number NONE."),
        ("", "This field is required."),
        ("a\x00b", "Null characters are not allowed."),
        ("x" * 65, "Ensure this value has at most 64 characters"),
    ):
        answer = desk.post(f"{notice}add/", {"case": given}, follow=True)
        assert answer.redirect_chain == [(notice, 302)], given
        assert sentence in answer.content.decode()


def test_a_long_list_is_cut_and_the_rest_added_by_number(
    desk: Client, entry: NoticeEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = f"{LIST}{entry.notice_id}/"
    for number in range(3):
        ViolationFactory.create(decided_on=TODAY, reference=f"MORE-{number}")
    assert "These are the first" not in text(desk, path)
    monkeypatch.setattr(queries, "MOST_LISTED", 2)
    page = text(desk, path)
    assert "These are the first 2." in page
    assert 'href="/staff/violations/?decided_from=2026-11-01&amp;decided_to=2026-11-22"' in page
    assert 'name="case" value="MORE-1"' in page
    assert "MORE-2" not in page
    assert 'id="id_case"' in page
    assert 'id="id_case"' not in text(signed_in(supporter()), path)
    added = desk.post(f"{path}add/", {"case": " MORE-2 "}, follow=True).content.decode()
    assert "The entry is added to the draft." in added
    assert entry.notice.entries.filter(violation__reference="MORE-2").exists()


GONE_MEANWHILE = {
    "amend/": {"title": "x", "introduction": ""},
    "add/": {"case": "OTHER"},
    "publish/": {"seen": "x"},
    "discard/": {},
}


@pytest.mark.parametrize(
    ("path", "what"),
    [
        *((path, "notice") for path in (*GONE_MEANWHILE, "edit", "remove")),
        ("edit", "entry"),
        ("remove", "entry"),
    ],
)
def test_what_went_while_the_form_was_on_its_way(
    desk: Client, entry: NoticeEntry, path: str, what: str
) -> None:
    ViolationFactory.create(decided_on=TODAY, reference="OTHER")
    of_entry = {
        "edit": (f"{LIST}entries/{entry.pk}/", {"wording": "x"}),
        "remove": (f"{LIST}entries/{entry.pk}/remove/", {}),
    }
    address, form = of_entry.get(path) or (
        f"{LIST}{entry.notice_id}/{path}",
        GONE_MEANWHILE[path],
    )
    gone: list[object] = []

    def somebody_is_faster(execute: Any, sql: str, *rest: Any) -> Any:
        locks = 'FROM "agencies_publicnotice"' in sql and sql.endswith("FOR NO KEY UPDATE")
        if locks and not gone:
            gone.append(entry)
            (entry.notice if what == "notice" else entry).delete()
        return execute(sql, *rest)

    with connection.execute_wrapper(somebody_is_faster):
        answer = desk.post(address, form)
    assert gone
    assert (answer.status_code, answer.headers["location"]) == (302, LIST)
    said = "its draft was discarded" if what == "notice" else "no longer in the notice"
    assert said in text(desk, LIST)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("step", ["discard", "remove"])
def test_twenty_at_once_are_all_answered(person: User, entry: NoticeEntry, step: str) -> None:
    path = {
        "discard": f"{LIST}{entry.notice_id}/discard/",
        "remove": f"{LIST}entries/{entry.pk}/remove/",
    }[step]
    desks = [signed_in(person) for _ in range(20)]
    together, answers = Barrier(len(desks)), list[int]()

    def press(desk: Client) -> None:
        desk.raise_request_exception = False
        together.wait()
        try:
            answers.append(desk.post(path).status_code)
        finally:
            connection.close()

    threads = [Thread(target=press, args=(desk,)) for desk in desks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == len(desks)
    assert set(answers) <= {302, 404}
    assert not NoticeEntry.objects.exists()
    assert PublicNotice.objects.count() == (step == "remove")


def test_title_and_introduction_change_until_it_is_published(
    desk: Client, entry: NoticeEntry
) -> None:
    path = f"{LIST}{entry.notice_id}/amend/"
    assert "十一月公示" in text(desk, path)
    desk.post(path, {"title": "新题", "introduction": ""})
    entry.notice.refresh_from_db()
    assert (entry.notice.title, entry.notice.introduction) == ("新题", "")
    published = PublicNoticeFactory.create(published=True)
    page = desk.post(f"{LIST}{published.pk}/amend/", {"title": "x"}).content.decode()
    assert "it is not rewritten" in page
    kept = desk.post(f"{LIST}{published.pk}/discard/", follow=True)
    assert "it is not rewritten" in kept.content.decode()
    assert desk.post(f"{LIST}{entry.notice_id}/discard/").headers["location"] == LIST
    assert set(PublicNotice.objects.all()) == {published}


def test_the_list_has_drafts_first_and_filters(desk: Client, entry: NoticeEntry) -> None:
    published = PublicNoticeFactory.create(published=True, title="十月公示")
    NoticeEntryFactory.create(notice=published, violation__agency__code="STAR")
    page = text(desk, LIST)
    assert page.index("十一月公示") < page.index("十月公示")
    for query, found in (
        ("title=十月", {"十月公示"}),
        ("state=draft", {"十一月公示"}),
        ("agency=STAR", {"十月公示"}),
        ("agency=STA", set()),
    ):
        page = text(desk, f"{LIST}?{query}")
        assert {t for t in ("十月公示", "十一月公示") if f">{t}<" in page} == found, query
    file = b"".join(desk.get(f"{LIST}?state=published&export=csv")).decode()
    writer = published.created_by
    assert file == (
        "\ufefftitle,first_day,last_day,state,entries,written_by,published_at\r\n"
        f"十月公示,2026-11-01,2026-11-22,published,1,{writer},2026-11-22 10:00\r\n"
    )


def test_pages_ask_as_often_for_many(desk: Client, entry: NoticeEntry) -> None:
    paths = [LIST, f"{LIST}{entry.notice_id}/", f"{LIST}{entry.notice_id}/preview/"]
    counts: list[list[int]] = []
    for _ in range(2):
        counts.append([])
        for path in paths:
            with CaptureQueriesContext(connection) as asked:
                desk.get(path)
            counts[-1].append(len(asked))
        for _ in range(3):
            ViolationFactory.create(decided_on=TODAY)
            violation = ViolationFactory.create(decided_on=TODAY)
            NoticeEntryFactory.create(notice=entry.notice, violation=violation)
    assert counts[0] == counts[1]


def test_who_may_do_what(entry: NoticeEntry) -> None:
    own, missing = f"{LIST}{entry.notice_id}/", f"{LIST}999999/"
    member = signed_in(MembershipFactory.create(agency=entry.violation.agency).user)
    clients = (Client(), member, signed_in(supporter()), signed_in(operator()))
    reading, acting = (302, 403, 200, 200), (302, 403, 403, 200)
    for path, outcomes in {
        LIST: reading,
        own: reading,
        f"{own}preview/": reading,
        f"{LIST}new/": acting,
        f"{own}amend/": acting,
        f"{LIST}entries/{entry.pk}/": acting,
        missing: (302, 403, 404, 404),
        f"{missing}preview/": (302, 403, 404, 404),
        f"{missing}amend/": (302, 403, 403, 404),
        f"{LIST}entries/999999/": (302, 403, 403, 404),
        f"{own}publish/": (302, 405, 405, 405),
        f"{own}discard/": (302, 405, 405, 405),
    }.items():
        assert tuple(each.get(path).status_code for each in clients) == outcomes, path
    for path in ("add/", "publish/", "discard/"):
        answers = tuple(each.post(f"{missing}{path}").status_code for each in clients)
        assert answers == (302, 403, 403, 404), path
    assert clients[3].post(LIST).status_code == 405
    support = text(clients[2], own)
    assert "Leave out" not in support
    assert 'name="seen"' not in text(clients[2], f"{own}preview/")


def test_looks_are_recorded(desk: Client, entry: NoticeEntry) -> None:
    desk.get(f"{LIST}{entry.notice_id}/")
    desk.get(f"{LIST}entries/{entry.pk}/")
    assert list(StaffLook.objects.order_by("pk").values_list("path", "agency")) == [
        (f"{LIST}{entry.notice_id}/", None),
        (f"{LIST}entries/{entry.pk}/", entry.violation.agency_id),
    ]

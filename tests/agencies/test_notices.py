"""Public notices: gathered from a period, worded, published as seen, corrected visibly."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from agencies.actions import notices
from agencies.actions.notices import (
    add_entry,
    amend_notice,
    correct_entries,
    discard_notice,
    draft_notice,
    edit_entry,
    publish_notice,
    remove_entry,
)
from agencies.actions.violations import PlannedMeasure, revoke
from agencies.enums import Measure, News, NoticeState, PenaltyState, Subject, ViolationState
from agencies.models import Agency, ConductEvent, NoticeEntry, PublicNotice, Violation
from agencies.queries import notices as queries
from agencies.queries.notices import (
    PublicEntry,
    addable,
    digest_of,
    revoked_since,
    shown_entries,
)
from agencies.refusals import Refused
from portal.models import User
from tests.factories import AgencyFactory, ViolationFactory
from tests.factories.cases import AT, TODAY, AppealFactory, PenaltyFactory, issued, listening
from tests.factories.honours import NoticeEntryFactory, PublicNoticeFactory
from tests.factories.staff import operator

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
FIRST = TODAY.replace(day=1)


@pytest.fixture(autouse=True)
def _today_in_english() -> Iterator[None]:
    with time_machine.travel(AT, tick=False), translation.override("en"):
        yield


@pytest.fixture
def by() -> User:
    return operator()


def draft(by: User, **given: Any) -> PublicNotice:
    ordinary = {
        "title": "十一月违规处罚公示",
        "introduction": "现公示如下。",
        "first_day": FIRST,
        "last_day": TODAY,
        "request_key": uuid4(),
        "at": AT,
        "by": by,
    }
    return draft_notice(**{**ordinary, **given})


def named(notice: PublicNotice) -> set[str]:
    return set(notice.entries.values_list("violation__reference", flat=True))


def seen(notice: PublicNotice) -> str:
    notice = PublicNotice.objects.get(pk=notice.pk)
    return digest_of(notice, shown_entries(notice))


def publish(notice: PublicNotice, by: User) -> PublicNotice:
    return publish_notice(notice_id=notice.pk, seen=seen(notice), at=AT, by=by)


def revoked(violation: Violation) -> None:
    revoke(violation_id=violation.pk, reason="facts were wrong", at=AT, by=operator())


class TestGathering:
    def test_what_was_decided_in_the_period_and_stands(self, by: User) -> None:
        for reference, fields in {
            "first": {"decided_on": FIRST},
            "last": {"decided_on": TODAY},
            "early": {"decided_on": FIRST - DAY},
            "draft": {"state": ViolationState.DRAFT, "decided_on": None},
        }.items():
            ViolationFactory.create(reference=reference, **fields)
        reviewed = {"reviewed_by": by, "reviewed_on": TODAY, "review_reason": "seen"}
        for state, more in (("appealed", {}), ("upheld", reviewed), ("revoked", reviewed)):
            violation = ViolationFactory.build(agency=AgencyFactory.create(), reference=state)
            appeal = AppealFactory.create(agency=violation.agency)
            ViolationFactory.create(
                agency=violation.agency,
                reference=state,
                decided_on=TODAY,
                state=state,
                appeal=appeal,
                **more,
            )
        notice = draft(by)
        assert named(notice) == {"first", "last", "appealed", "upheld"}
        assert (notice.state, notice.created_by, notice.created_at) == (NoticeState.DRAFT, by, AT)

    def test_the_proposed_wording_names_the_kind_and_leaves_the_measures_to_the_list(
        self, by: User
    ) -> None:
        agency = AgencyFactory.create(name="星河", contact_email="secret@example.com")
        violation = issued(
            agency=agency,
            kind="fake_traffic",
            points=40,
            summary="内部细节",
            measures=(
                PlannedMeasure(Measure.WARNING, None, None),
                PlannedMeasure(Measure.SUSPEND_BINDING, TODAY, date(2026, 12, 22)),
                PlannedMeasure(Measure.CANCEL_HONOURS, TODAY, None),
            ),
        )
        entry = draft(by).entries.get()
        assert entry.violation == violation
        assert entry.wording == ("经核查，该机构存在“流量或交易造假”的违规行为，平台已作出处理。")
        assert (entry.agency_name, entry.applied) == ("星河", 40)
        assert entry.measures == [
            {"kind": "warning", "starts_on": "2026-11-22", "until": None},
            {"kind": "suspend_binding", "starts_on": "2026-11-22", "until": "2026-12-22"},
            {"kind": "cancel_honours", "starts_on": "2026-11-22", "until": None},
        ]

    def test_without_measures_and_points_it_is_on_record(self, by: User) -> None:
        ViolationFactory.create(decided_on=TODAY, kind="dispute")
        assert draft(by).entries.get().wording == (
            "经核查，该机构存在“与商家或达人产生纠纷”的违规行为，平台对此予以记录。"
        )

    def test_a_removal_that_awaits_a_second_person_is_not_told(self, by: User) -> None:
        violation = ViolationFactory.create(decided_on=TODAY)
        PenaltyFactory.create(
            violation=violation, kind=Measure.REMOVAL, state=PenaltyState.PROPOSED, starts_on=None
        )
        assert draft(by).entries.get().measures == []

    def test_the_points_taken_count_not_those_asked(self, by: User) -> None:
        agency = AgencyFactory.create()
        issued(agency=agency, points=100)
        issued(agency=agency, points=100)
        assert [entry.applied for entry in shown_entries(draft(by))] == [100, 20]

    @pytest.mark.parametrize(
        ("given", "rule"),
        [
            ({"first_day": TODAY, "last_day": FIRST}, "period"),
            ({"last_day": TODAY + DAY}, "period"),
            ({"title": " "}, "title"),
            ({"first_day": FIRST - 9 * DAY, "last_day": FIRST - DAY}, "empty"),
        ],
    )
    def test_refusals_are_sentences(self, by: User, given: dict[str, Any], rule: str) -> None:
        ViolationFactory.create(decided_on=TODAY)
        with pytest.raises(Refused) as refused:
            draft(by, **given)
        assert refused.value.rule == rule
        assert str(refused.value).endswith(".")
        assert not PublicNotice.objects.exists()

    def test_too_many_for_one_notice(self, by: User, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(notices, "MOST_ENTRIES", 1)
        ViolationFactory.create_batch(2, decided_on=TODAY)
        with pytest.raises(Refused, match=r"There are 2 violations from .* at most 1"):
            draft(by)

    def test_a_day_with_too_many_is_told_in_several_notices(
        self, by: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(notices, "MOST_ENTRIES", 2)
        decided = ViolationFactory.create_batch(3, decided_on=TODAY)
        one, other = (draft(by, first_day=TODAY, last_day=TODAY) for _ in range(2))
        named = [set(notice.entries.values_list("violation", flat=True)) for notice in (one, other)]
        assert named == [{each.pk for each in decided[:2]}, {decided[2].pk}]
        with pytest.raises(Refused, match=r"Every violation that was decided on .* already"):
            draft(by, first_day=TODAY, last_day=TODAY)

    def test_too_many_are_counted_not_read(self, by: User, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(notices, "MOST_ENTRIES", 1)
        ViolationFactory.create_batch(2, decided_on=TODAY)
        with (
            CaptureQueriesContext(connection) as asked,
            pytest.raises(Refused, match="There are 2 violations"),
        ):
            draft(by)
        (read,) = (each["sql"] for each in asked if 'FROM "agencies_violation"' in each["sql"])
        assert read.startswith("SELECT COUNT(*)")

    def test_the_same_form_twice_is_one_draft(self, by: User) -> None:
        ViolationFactory.create(decided_on=TODAY)
        key = uuid4()
        first = draft(by, request_key=key)
        assert draft(by, request_key=key) == first
        assert NoticeEntry.objects.count() == 1


class TestWording:
    @pytest.fixture
    def notice(self, by: User) -> PublicNotice:
        ViolationFactory.create(decided_on=TODAY, reference="one")
        ViolationFactory.create(decided_on=TODAY, reference="two")
        return draft(by)

    def test_each_step_is_logged_with_its_agency(self, notice: PublicNotice, by: User) -> None:
        entry = notice.entries.get(violation__reference="one")
        edit_entry(entry_id=entry.pk, wording=" 新的措辞 ", at=AT, by=by)
        edit_entry(entry_id=entry.pk, wording="新的措辞", at=AT, by=by)
        entry.refresh_from_db()
        assert entry.wording == "新的措辞"
        remove_entry(entry_id=entry.pk, at=AT, by=by)
        assert named(notice) == {"two"}
        assert [each.reference for each in addable(notice).cases] == ["one"]
        add_entry(notice_id=notice.pk, violation_id=entry.violation_id, at=AT, by=by)
        assert named(notice) == {"one", "two"}
        events = ConductEvent.objects.order_by("pk")
        assert [event.verb for event in events] == ["edit_entry", "remove_entry", "add_entry"]
        assert {
            (event.subject, event.subject_id, event.agency_id, event.about["reference"])
            for event in events
        } == {(Subject.NOTICE, notice.pk, entry.violation.agency_id, "one")}

    def test_what_does_not_belong_is_refused(self, notice: PublicNotice, by: User) -> None:
        entry = notice.entries.first()
        assert entry is not None
        early = ViolationFactory.create(decided_on=FIRST - DAY)
        with pytest.raises(Refused, match="and stands; this is not"):
            add_entry(notice_id=notice.pk, violation_id=early.pk, at=AT, by=by)
        with pytest.raises(Refused, match="is in the notice already"):
            add_entry(notice_id=notice.pk, violation_id=entry.violation_id, at=AT, by=by)
        with pytest.raises(Refused, match="An entry needs words"):
            edit_entry(entry_id=entry.pk, wording=" ", at=AT, by=by)
        with pytest.raises(Refused, match="A notice needs a title"):
            amend_notice(notice_id=notice.pk, title=" ", introduction="", at=AT, by=by)

    def test_title_and_introduction_change(self, notice: PublicNotice, by: User) -> None:
        amend_notice(notice_id=notice.pk, title=" 新题 ", introduction=" 新 ", at=AT, by=by)
        notice.refresh_from_db()
        assert (notice.title, notice.introduction) == ("新题", "新")

    def test_a_discarded_draft_is_gone(self, notice: PublicNotice, by: User) -> None:
        discard_notice(notice_id=notice.pk, at=AT, by=by)
        assert (PublicNotice.objects.count(), NoticeEntry.objects.count()) == (0, 0)

    def test_what_is_gone_is_refused(self, notice: PublicNotice, by: User) -> None:
        left, entry = notice.entries.order_by("pk")
        who: dict[str, Any] = {"at": AT, "by": by}
        remove_entry(entry_id=left.pk, **who)
        discard_notice(notice_id=(other := draft(by)).pk, **who)
        for step, sentence in (
            (lambda: edit_entry(entry_id=left.pk, wording="x", **who), "no longer in the notice"),
            (lambda: remove_entry(entry_id=left.pk, **who), "no longer in the notice"),
            (
                lambda: add_entry(notice_id=other.pk, violation_id=entry.violation_id, **who),
                "its draft was discarded",
            ),
            (
                lambda: add_entry(notice_id=notice.pk, violation_id=0, **who),
                "This case no longer exists",
            ),
            (
                lambda: amend_notice(notice_id=other.pk, title="x", introduction="", **who),
                "its draft was discarded",
            ),
            (lambda: discard_notice(notice_id=other.pk, **who), "its draft was discarded"),
            (lambda: publish_notice(notice_id=other.pk, seen="", **who), "its draft was discarded"),
        ):
            with pytest.raises(Refused, match=sentence) as refused:
                step()
            assert refused.value.rule == "gone"
        assert set(notice.entries.all()) == {entry}

    def test_lists_beside_a_draft_are_bounded(
        self, notice: PublicNotice, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(queries, "MOST_LISTED", 2)
        notice.entries.all().delete()
        assert (len(addable(notice).cases), addable(notice).more) == (2, False)
        ViolationFactory.create(decided_on=TODAY, reference="three")
        listed = addable(notice)
        assert ([each.reference for each in listed.cases], listed.more) == (["one", "two"], True)
        for each in Violation.objects.all():
            revoked(each)
        assert (len(revoked_since(notice).cases), revoked_since(notice).more) == (2, True)

    def test_a_published_notice_is_not_rewritten(self, notice: PublicNotice, by: User) -> None:
        publish(notice, by)
        entry = notice.entries.first()
        other = ViolationFactory.create(decided_on=TODAY)
        assert entry is not None
        who: dict[str, Any] = {"at": AT, "by": by}
        for step in (
            lambda: edit_entry(entry_id=entry.pk, wording="x", **who),
            lambda: remove_entry(entry_id=entry.pk, **who),
            lambda: add_entry(notice_id=notice.pk, violation_id=other.pk, **who),
            lambda: amend_notice(notice_id=notice.pk, title="x", introduction="", **who),
            lambda: discard_notice(notice_id=notice.pk, **who),
            lambda: publish_notice(notice_id=notice.pk, seen=seen(notice), **who),
        ):
            with pytest.raises(Refused, match="it is not rewritten") as refused:
                step()
            assert refused.value.rule == "published"
        assert named(notice) == {"one", "two"}


class TestPublishing:
    @pytest.fixture
    def agency(self) -> Agency:
        return AgencyFactory.create(code="STAR", name="星河")

    def test_what_was_seen_is_frozen_and_told(self, agency: Agency, by: User) -> None:
        one, two = issued(agency=agency), issued(agency=agency, points=30)
        other = issued()
        notice = draft(by)
        Agency.objects.filter(pk=agency.pk).update(name="新名")
        with listening() as heard:
            publish(notice, by)
        notice.refresh_from_db()
        assert (notice.state, notice.published_at, notice.published_by) == (
            NoticeState.PUBLISHED,
            AT,
            by,
        )
        about = {"notice_id": notice.pk, "title": notice.title}
        assert heard.news == [
            (
                agency.pk,
                News.NOTICE_PUBLISHED,
                {**about, "references": [one.reference, two.reference]},
            ),
            (other.agency_id, News.NOTICE_PUBLISHED, {**about, "references": [other.reference]}),
        ]
        steps = ConductEvent.objects.filter(subject=Subject.NOTICE, verb="publish")
        assert set(steps.values_list("agency", "actor", "from_state", "to_state")) == {
            (each, by.pk, "draft", "published") for each in (agency.pk, other.agency_id)
        }
        Agency.objects.filter(pk=agency.pk).update(name="更新的名")
        shown = shown_entries(notice)[0]
        assert (shown.agency_name, shown.agency_code, shown.applied) == ("新名", "STAR", 20)

    def test_only_what_was_looked_at_is_published(self, agency: Agency, by: User) -> None:
        violation = issued(agency=agency)
        notice = draft(by)
        entry = notice.entries.get()
        for change in (
            lambda: edit_entry(entry_id=entry.pk, wording="新的措辞", at=AT, by=by),
            lambda: amend_notice(notice_id=notice.pk, title="新题", introduction="", at=AT, by=by),
            lambda: Agency.objects.filter(pk=agency.pk).update(name="新名"),
            lambda: PenaltyFactory.create(violation=violation),
            lambda: add_entry(notice_id=notice.pk, violation_id=issued().pk, at=AT, by=by),
        ):
            before = seen(notice)
            change()
            with pytest.raises(Refused, match="has changed since you looked") as refused:
                publish_notice(notice_id=notice.pk, seen=before, at=AT, by=by)
            assert refused.value.rule == "changed"
        with pytest.raises(Refused, match="has changed since you looked"):
            publish_notice(notice_id=notice.pk, seen="", at=AT, by=by)
        notice.refresh_from_db()
        assert notice.state == NoticeState.DRAFT
        assert publish(notice, by).state == NoticeState.PUBLISHED

    def test_what_is_revoked_meanwhile_never_gets_out(self, agency: Agency, by: User) -> None:
        gone, kept = issued(agency=agency), issued()
        notice = draft(by)
        before = seen(notice)
        revoked(gone)
        assert named(notice) == {kept.reference}
        assert [each.reference for each in revoked_since(notice).cases] == [gone.reference]
        with pytest.raises(Refused, match="has changed since you looked"):
            publish_notice(notice_id=notice.pk, seen=before, at=AT, by=by)
        publish(notice, by)
        assert [entry.violation_id for entry in shown_entries(notice)] == [kept.pk]

    def test_an_entry_that_no_longer_stands_is_dropped(self, by: User) -> None:
        kept, gone = issued(), issued()
        notice = draft(by)
        Violation.objects.filter(pk=gone.pk).update(
            state=ViolationState.REVOKED,
            reviewed_by=operator(),
            reviewed_on=TODAY,
            review_reason="by hand",
        )
        publish(notice, by)
        assert named(notice) == {kept.reference}

    def test_an_empty_notice_is_not_published(self, by: User) -> None:
        notice = PublicNoticeFactory.create()
        with pytest.raises(Refused, match="names no violation") as refused:
            publish(notice, by)
        assert refused.value.rule == "empty"

    def test_a_revocation_corrects_what_is_published(self, agency: Agency, by: User) -> None:
        violation = issued(agency=agency)
        notice = publish(draft(by), by)
        later = draft(by)
        with time_machine.travel(AT + 3 * DAY, tick=False):
            revoke(
                violation_id=violation.pk,
                reason="facts were wrong",
                at=AT + 3 * DAY,
                by=operator(),
            )
        entry = notice.entries.get()
        assert (entry.corrected_on, entry.applied) == (TODAY + 3 * DAY, 20)
        (shown,) = shown_entries(notice)
        assert isinstance(shown, PublicEntry)
        assert shown.corrected_on == TODAY + 3 * DAY
        assert not later.entries.exists()

    def test_a_correction_keeps_its_first_day(self) -> None:
        entry = NoticeEntryFactory.create(notice__published=True)
        unpublished = NoticeEntryFactory.create(violation=entry.violation)
        assert correct_entries(entry.violation_id, on=TODAY) == 1
        assert correct_entries(entry.violation_id, on=TODAY + DAY) == 0
        entry.refresh_from_db()
        assert entry.corrected_on == TODAY
        assert not NoticeEntry.objects.filter(pk=unpublished.pk).exists()


class TestDatabase:
    def test_a_violation_is_once_in_a_notice(self) -> None:
        entry = NoticeEntryFactory.create()
        with pytest.raises(IntegrityError, match="notice_entry_once"), transaction.atomic():
            NoticeEntryFactory.create(notice=entry.notice, violation=entry.violation)

    @pytest.mark.parametrize(
        ("constraint", "fields"),
        [
            ("public_notice_period", {"last_day": FIRST - DAY}),
            ("public_notice_published_at_a_time", {"published_at": AT}),
            ("public_notice_published_at_a_time", {"state": NoticeState.PUBLISHED}),
            ("public_notice_published_at_a_time", {"state": "lost"}),
        ],
    )
    def test_the_database_refuses(self, constraint: str, fields: dict[str, Any]) -> None:
        with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
            PublicNoticeFactory.create(**fields)

    def test_constraints_are_named(self) -> None:
        models = (PublicNotice, NoticeEntry)
        assert {each.name for model in models for each in model._meta.constraints} == {
            "notice_entry_once",
            "public_notice_period",
            "public_notice_published_at_a_time",
        }

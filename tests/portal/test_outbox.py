"""News in words: each has a sentence, a way on, and is kept with what happened."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import translation

from agencies.actions.transitions import tell
from agencies.enums import News
from portal.models import OutboxEntry
from portal.outbox import words
from tests.factories import AgencyFactory

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
CREATOR = {"creator_id": "C1", "nickname": "小明"}
TITLE = {"title_id": 1, "name_zh": "年度机构", "name_en": "Agency of the year", "day": "2026-11-01"}
MEASURE = {
    "measure": "suspend_binding",
    "starts_on": "2026-11-22",
    "until": "2026-12-22",
    "reference": "R-1",
}
CASE = {"reference": "R-1", "kind": "dispute", "balance": 100}

# What the actions put in `about`, the English sentence, and where it leads.
RULES = {"name_zh": "2027年规则", "name_en": "Level rules 2027"}
ASKED = {"consultation": 7, **RULES}
DECIDED = {"version": "2027.1", "effective_from": "2027-01-01", **RULES}
SALON = {"event": 7, "event_zh": "杭州私享会", "event_en": "Hangzhou salon", "on": "2026-12-12"}
TOLD: dict[News, tuple[dict[str, Any], str, str]] = {
    News.VIOLATION_ISSUED: (
        {**CASE, "asked": 20, "applied": 0, "appeal_until": "2026-12-07", "measures": [MEASURE]},
        "Disputes with merchants or creators, case R-1. Points asked: 20, taken: 0; balance 100."
        " You may appeal until the end of Dec. 7, 2026.",
        "/conduct/violations/R-1/",
    ),
    News.VIOLATION_REVOKED: (
        {**CASE, "returned": 20, "reason": "Wrong"},
        "Disputes with merchants or creators, case R-1. Points given back: 20; balance 100."
        " Its measures are lifted.",
        "/conduct/violations/R-1/",
    ),
    News.APPEAL_FILED: (
        {"references": ["R-1", "R-2"], "due_on": "2026-12-07", "files": 1},
        "Against R-1, R-2. The platform answers by Dec. 7, 2026.",
        "/conduct/",
    ),
    News.APPEAL_DECIDED: (
        {"verdicts": {"R-1": "upheld", "R-2": "revoked"}, "reason": "100% clear"},
        "R-1: Upheld, R-2: Revoked. Reason: 100% clear",
        "/conduct/",
    ),
    News.PENALTY_STARTED: (
        {**MEASURE, "unbound": 3},
        "Binding suspended, from Nov. 22, 2026; over on Dec. 22, 2026.",
        "/conduct/violations/R-1/",
    ),
    News.PENALTY_ENDED: (
        MEASURE,
        "Binding suspended: over since Dec. 22, 2026.",
        "/conduct/violations/R-1/",
    ),
    News.PENALTY_LIFTED: (
        {"measure": "linked_agencies", "starts_on": "2026-11-22", "until": None},
        "Linked agency: binding suspended: it no longer holds.",
        "/conduct/",
    ),
    News.CREDIT_AWARDED: (
        {"points": 5, "asked": 9, "balance": 150, "reason": "2026-11-11"},
        "Points: 5, for 2026-11-11. Balance: 150.",
        "/conduct/",
    ),
    News.CREDIT_RESTORED: (
        {"points": 10, "balance": 110},
        "Nothing was deducted for long enough. Points: 10. Balance: 110.",
        "/conduct/",
    ),
    News.TITLE_GRANTED: (TITLE, "“Agency of the year”, dated Nov. 1, 2026.", "/home/"),
    News.TITLE_WITHDRAWN: (
        {**TITLE, "reason": "Wrong"},
        "“Agency of the year”. Reason: Wrong",
        "/home/",
    ),
    News.CREATOR_BOUND: (
        {**CREATOR, "on": "2026-11-22"},
        "小明 (C1), from Nov. 22, 2026.",
        "/creators/",
    ),
    News.CREATOR_UNBOUND: (
        {**CREATOR, "last_day": "2026-11-22"},
        "小明 (C1); the last day was Nov. 22, 2026.",
        "/creators/",
    ),
    News.REQUEST_DECLINED: (
        {"creator_id": "C1", "nickname": ""},
        "C1 does not want to be bound.",
        "/creators/",
    ),
    News.REQUEST_EXPIRED: (
        CREATOR,
        "小明 (C1) did not answer in time. You may ask again after a day.",
        "/creators/",
    ),
    News.UNBINDING_ASKED: (
        {**CREATOR, "silent_on": "2026-12-06"},
        "小明 (C1). Answer before Dec. 6, 2026: silence counts as consent.",
        "/creators/",
    ),
    News.UNBINDING_OBJECTED: (
        CREATOR,
        "小明 (C1) gave a reason. You may call the platform in, or withdraw.",
        "/creators/",
    ),
    News.UNBINDING_DECIDED: (
        {**CREATOR, "kept": False},
        "小明 (C1): the binding ends.",
        "/creators/",
    ),
    News.UNBINDING_CALLED_IN: (
        CREATOR,
        "小明 (C1) insists on leaving; the platform decides.",
        "/creators/",
    ),
    News.UNBINDING_WITHDRAWN: (CREATOR, "小明 (C1) stays with the agency.", "/creators/"),
    News.NOTICE_PUBLISHED: (
        {"notice_id": 7, "title": "October", "references": ["R-1"]},
        "“October” names R-1.",
        "/public/notices/7/",
    ),
    News.LEVEL_CHANGED: (
        {
            "month": "2026-10-01",
            "corrected": False,
            "level": "V2",
            "stage": "assessed",
            "level_before": "",
            "stage_before": "novice",
        },
        "Result of October 2026: V2; the month before: Novice stage.",
        "/score/movement/?month=2026-10",
    ),
    News.RESULT_CORRECTED: (
        {"month": "2026-10-01", "total": "612.30", "total_before": "600.00", "cause": "facts"},
        "The result of October 2026 was corrected: 612.30 points instead of 600.00. Level and stage"
        " stay. Reason: Promotion data arrived late or was corrected.",
        "/score/?month=2026-10",
    ),
    News.DISPUTE_ANSWERED: (
        {
            "dispute": 7,
            "month": "2026-10-01",
            "creator_code": "C1",
            "verdict": "rejected",
            "answer": "The days are right.",
        },
        "Creator C1 in October 2026: Rejected. The days are right.",
        "/disputes/7/",
    ),
    News.DISPUTE_CORRECTED: (
        {"dispute": 7, "month": "2026-10-01", "creator_code": "C1"},
        "Creator C1 in October 2026: the data are as they should be now.",
        "/disputes/7/",
    ),
    News.CONSULTATION_OPENED: (
        {**ASKED, "closes_on": "2026-12-06"},
        "“Level rules 2027”: read what would change, see your own results under the draft, and"
        " comment until Dec. 6, 2026.",
        "/rules/consultations/7/",
    ),
    News.CONSULTATION_CLOSED: (
        ASKED,
        "“Level rules 2027”: the summary and the answers are published.",
        "/rules/consultations/7/",
    ),
    News.COMMENT_ANSWERED: (
        ASKED,
        "Your comment on “Level rules 2027” has an answer.",
        "/rules/consultations/7/",
    ),
    News.RULES_SCHEDULED: (
        DECIDED,
        "“Level rules 2027” counts from the data month January 2027 on.",
        "/rules/?version=2027.1",
    ),
    News.RULES_WITHDRAWN: (
        DECIDED,
        "“Level rules 2027” does not come into force in January 2027 after all.",
        "/rules/?version=2027.1",
    ),
    News.RESULT_PUBLISHED: (
        {
            "month": "2026-10-01",
            "level": "V3",
            "stage": "assessed",
            "total": "612.30",
            "total_before": "600.00",
        },
        "Result of October 2026: V3 as before. Points: 612.30; the month before: 600.00.",
        "/score/?month=2026-10",
    ),
    News.AT_RISK: (
        {
            "month": "2026-11-01",
            "risk": "level_fall",
            "value": "688.10",
            "threshold": "700",
            "level": "V4",
            "to_level": "V3",
        },
        "November 2026 leads to 688.10 points, and V4 begins at 700. It would be V3.",
        "/guidance/",
    ),
    News.APPEAL_ENDING: (
        {"reference": "R-1", "appeal_until": "2026-12-07"},
        "Case R-1: no appeal was filed yet. You may appeal until the end of Dec. 7, 2026.",
        "/conduct/violations/R-1/",
    ),
    News.QUESTION_ANSWERED: (
        {"question": 7, "subject": "Why V2?"},
        "“Why V2?” has an answer.",
        "/help/questions/7/",
    ),
    News.QUESTION_CLOSED: (
        {"question": 7, "subject": "Why V2?", "reason": "Answered in the notice"},
        "“Why V2?”: write again to reopen it. Reason: Answered in the notice",
        "/help/questions/7/",
    ),
    News.CONTACT_ASSIGNED: (
        {"contact": "Li Na", "contact_kind": "service"},
        "Customer-service contact: Li Na. The help page says how to reach them.",
        "/help/",
    ),
    News.CONTACT_ENDED: (
        {"contact_kind": "operations"},
        "Operations contact: your level does not bring one any more. Customer service answers your"
        " questions as before.",
        "/help/",
    ),
    News.STAR_SELECTED: (
        {**CREATOR, "first_live_on": "2027-01-10"},
        "小明 (C1), first live day Jan. 10, 2027: see what supports them, and when.",
        "/star-source/C1/",
    ),
    News.STAR_ANCHORED: (
        {**CREATOR, "first_live_on": "2027-01-20", "was_on": "2027-01-10"},
        "小明 (C1) goes live first on Jan. 20, 2027 instead of Jan. 10, 2027. The phases move with"
        " it.",
        "/star-source/C1/",
    ),
    News.STAR_PHASE: (
        {**CREATOR, "phase": "trial"},
        "小明 (C1), phase “Trial run”: see what is due.",
        "/star-source/C1/",
    ),
    News.STAR_INCENTIVE: (
        {**CREATOR, "what": "Home page banner", "amount": 1200000},
        "小明 (C1): Home page banner, impressions: 1,200,000.",
        "/star-source/C1/",
    ),
    News.STAR_LEFT: (
        {**CREATOR, "on": "2026-11-22"},
        "小明 (C1), on Nov. 22, 2026. What was done stays to be read.",
        "/star-source/C1/",
    ),
    News.EVENT_ANNOUNCED: (
        SALON,
        "“Hangzhou salon”, Dec. 12, 2026: read the programme, and register while there are seats.",
        "/events/7/",
    ),
    News.EVENT_CHANGED: (
        SALON,
        "“Hangzhou salon”, Dec. 12, 2026: read what holds now, and bring your calendar up to date.",
        "/events/7/",
    ),
    News.EVENT_CANCELLED: (
        {**SALON, "reason": "Typhoon"},
        "“Hangzhou salon” on Dec. 12, 2026 does not take place. Reason: Typhoon",
        "/events/7/",
    ),
    News.EVENT_SEATED: (
        {**SALON, "person": "Wang Wei"},
        "Wang Wei has a seat at “Hangzhou salon” on Dec. 12, 2026. Cancel it if it is not needed.",
        "/events/7/",
    ),
    News.EVENT_MATERIALS: (SALON, "“Hangzhou salon”: the materials are there.", "/events/7/"),
}


@pytest.mark.parametrize("news", list(News))
def test_every_news_has_a_sentence_and_a_way(news: News) -> None:
    about, sentence, url = TOLD[news]
    with translation.override("en"):
        said = words(OutboxEntry(news=news, about=about))
    assert (said.title, said.sentence, said.url) == (news.label, sentence, url)


@pytest.mark.parametrize("news", list(News))
def test_news_without_any_value_still_have_a_title(news: News) -> None:
    with translation.override("en"):
        said = words(OutboxEntry(news=news, about={}))
        assert said.title == news.label
    assert "%" not in said.sentence
    assert said.url.startswith("/")


@pytest.mark.parametrize("news", list(News))
def test_news_fail_for_no_value_that_is_missing_or_empty(news: News) -> None:
    about = TOLD[news][0]
    for key in about:
        for broken in ({k: v for k, v in about.items() if k != key}, {**about, key: None}):
            assert "%(" not in words(OutboxEntry(news=news, about=broken)).sentence


def test_a_kept_binding_and_a_single_appeal_are_said() -> None:
    with translation.override("en"):
        kept = words(OutboxEntry(news=News.UNBINDING_DECIDED, about={**CREATOR, "kept": True}))
        assert kept.sentence == "小明 (C1): the binding is kept."
    one = words(OutboxEntry(news=News.APPEAL_DECIDED, about={"verdicts": {"R/1": "upheld"}}))
    assert one.url == "/conduct/violations/R~s1/"


def test_a_corrected_level_is_told_as_a_correction() -> None:
    about = {**TOLD[News.LEVEL_CHANGED][0], "corrected": True, "level_before": "V3"}
    with translation.override("en"):
        said = words(OutboxEntry(news=News.LEVEL_CHANGED, about=about)).sentence
    assert said == "The result of October 2026 was corrected: V2 instead of V3."


def test_the_reader_gets_the_own_language() -> None:
    entry = OutboxEntry(news=News.TITLE_GRANTED, about=TITLE)
    with translation.override("zh-hans"):
        assert "年度机构" in words(entry).sentence
        assert "2026年11月1日" in words(entry).sentence


@pytest.mark.django_db
def test_news_are_kept_with_what_happened_or_not_at_all() -> None:
    agency = AgencyFactory.create()
    tell(agency.pk, News.CREDIT_RESTORED, at=NOW, points=10)
    entry = OutboxEntry.objects.get()
    assert (entry.agency, entry.news, entry.about, entry.at) == (
        agency,
        News.CREDIT_RESTORED,
        {"points": 10},
        NOW,
    )
    with transaction.atomic():
        tell(agency.pk, News.CREDIT_RESTORED, at=NOW)
        transaction.set_rollback(True)
    assert OutboxEntry.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("constraint", "fields"),
    [
        ("outbox_entry_for_one_reader", {"news": News.CREATOR_BOUND}),
        ("outbox_entry_for_one_reader", {}),
        ("outbox_entry_news_known", {"news": "gossip"}),
    ],
)
def test_an_entry_is_for_one_reader_and_known(constraint: str, fields: dict[str, Any]) -> None:
    if fields.get("news") == "gossip":
        fields["agency"] = AgencyFactory.create()
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        OutboxEntry.objects.create(at=NOW, **fields)

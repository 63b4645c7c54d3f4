"""Filing, withdrawing, answering and correcting disputes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import time_machine
from django.apps import apps
from django.db import IntegrityError, transaction
from django.utils import timezone

from agencies.actions.case_files import NewFile
from agencies.enums import FileKind, News, Role
from agencies.models import Agency, Binding
from agencies.refusals import Refused
from portal.models import OutboxEntry, User
from scoring.disputes import (
    accept_dispute,
    file_dispute,
    mark_corrected,
    reject_dispute,
    withdraw_dispute,
)
from scoring.enums import DisputeKind, DisputeState
from scoring.models import Dispute, DisputeFile
from scoring.queries.disputes import open_windows
from tests.factories import (
    AgencyFactory,
    BindingFactory,
    CreatorFactory,
    EvaluationFactory,
    MembershipFactory,
)
from tests.factories.disputes import (
    AFTER_DUE,
    BEFORE_DUE,
    FIRST,
    MONTH,
    PDF,
    SECOND,
    DisputeFactory,
    delivered,
    parts_of,
)
from tests.factories.staff import operator

pytestmark = pytest.mark.django_db

LATER = SECOND + timedelta(hours=1)
DAYS = [date(2026, 10, 5), date(2026, 10, 6), date(2026, 10, 7)]


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with time_machine.travel(SECOND, tick=False):
        yield


@pytest.fixture
def agency() -> Agency:
    return AgencyFactory.create()


@pytest.fixture
def owner(agency: Agency) -> User:
    return MembershipFactory.create(agency=agency).user


@pytest.fixture
def staff() -> User:
    return operator()


def filed(agency: Agency, by: User, **changes: Any) -> Dispute:
    fields: dict[str, Any] = {
        "month": MONTH,
        "kind": DisputeKind.ATTRIBUTION,
        "creator_code": "C-1",
        "first_day": DAYS[0],
        "last_day": DAYS[-1],
        "text": "这三天达人属于我们",
        "request_key": uuid4(),
        "at": timezone.now(),
    }
    return file_dispute(agency=agency, by=by, **{**fields, **changes})


def rule_of(step: Callable[[], object]) -> str:
    """The rule by which a step is refused, with a sentence."""
    with pytest.raises(Refused) as refused:
        step()
    assert str(refused.value).endswith(".")
    return refused.value.rule


def news_of(agency: Agency) -> list[tuple[str, dict[str, Any]]]:
    rows = OutboxEntry.objects.filter(agency=agency).order_by("pk")
    return [(row.news, row.about) for row in rows]


def test_an_owner_files_a_dispute_with_evidence(agency: Agency, owner: User) -> None:
    files = [NewFile("days/proof", PDF), NewFile("again.pdf", PDF)]
    dispute = filed(agency, owner, files=files, creator_code=" C-1 ", text=" 有误 ")
    assert (dispute.state, dispute.creator_code, dispute.text) == (DisputeState.OPEN, "C-1", "有误")
    assert (dispute.filed_by, dispute.filed_at) == (owner, SECOND)
    file = dispute.files.get()
    assert (file.name, file.content_type, file.size) == ("proof.pdf", "application/pdf", len(PDF))
    assert bytes(file.content) == PDF


def test_a_form_sent_twice_is_one_dispute(agency: Agency, owner: User) -> None:
    key = uuid4()
    first = filed(agency, owner, request_key=key)
    again = filed(agency, owner, request_key=key, text="第二次", files=[NewFile("a.pdf", PDF)])
    assert again == first
    assert again.text == first.text
    assert not again.files.exists()


def test_a_form_of_another_agency_is_not_sent_for_this_one(agency: Agency, owner: User) -> None:
    key = filed(agency, owner).request_key
    assert isinstance(key, UUID)
    other = MembershipFactory.create(user=owner).agency
    assert rule_of(lambda: filed(other, owner, request_key=key)) == "sent"


@pytest.mark.parametrize("at", [FIRST, SECOND, BEFORE_DUE, AFTER_DUE])
def test_a_month_is_open_on_the_draft_days_and_while_it_is_held(
    agency: Agency, owner: User, at: datetime
) -> None:
    assert filed(agency, owner, at=at).filed_at == at
    (newest, *_) = open_windows(agency, now=at)
    assert (newest.month, newest.held) == (MONTH, at == AFTER_DUE)


def test_a_running_month_is_not_open_yet(agency: Agency, owner: User) -> None:
    last_moment = datetime.fromisoformat("2026-10-31T23:59:59+08:00")
    assert rule_of(lambda: filed(agency, owner, at=last_moment)) == "not_over"


def test_publication_ends_it(agency: Agency, owner: User) -> None:
    EvaluationFactory.create(month=MONTH)
    assert rule_of(lambda: filed(agency, owner, at=AFTER_DUE)) == "published"
    assert MONTH not in [window.month for window in open_windows(agency, now=AFTER_DUE)]


def test_only_assessed_months_of_late_can_be_disputed(owner: User, agency: Agency) -> None:
    july = {"month": date(2026, 7, 1), "first_day": date(2026, 7, 1), "last_day": date(2026, 7, 2)}
    assert rule_of(lambda: filed(agency, owner, **july)) == "old"
    august = {
        "month": date(2026, 8, 1),
        "first_day": date(2026, 8, 1),
        "last_day": date(2026, 8, 1),
    }
    assert filed(agency, owner, **august).state == DisputeState.OPEN
    EvaluationFactory.create(month=date(2026, 9, 1))
    assert rule_of(lambda: filed(agency, owner, **august)) == "old"
    agency.joined_on = date(2026, 11, 1)
    agency.save()
    assert rule_of(lambda: filed(agency, owner)) == "not_assessed"
    assert open_windows(agency, now=SECOND) == ()


def test_viewers_and_others_cannot_file_or_withdraw(agency: Agency, owner: User) -> None:
    viewer = MembershipFactory.create(agency=agency, role=Role.VIEWER).user
    stranger = MembershipFactory.create().user
    dispute = filed(agency, owner)
    for person in (viewer, stranger):
        assert rule_of(lambda by=person: filed(agency, by)) == "owner"
        assert (
            rule_of(
                lambda by=person: withdraw_dispute(
                    agency=agency, dispute_id=dispute.pk, at=SECOND, by=by
                )
            )
            == "owner"
        )


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"kind": "score"}, "kind"),
        ({"creator_code": ""}, "creator"),
        ({"creator_code": "达人"}, "creator"),
        ({"creator_code": "C" * 33}, "creator"),
        ({"creator_code": "C-1\nC-2"}, "creator"),
        ({"first_day": date(2026, 9, 30)}, "days"),
        ({"last_day": date(2026, 11, 1)}, "days"),
        ({"first_day": DAYS[1], "last_day": DAYS[0]}, "days"),
        ({"text": "  "}, "text"),
        ({"text": "长" * 2001}, "text"),
        ({"files": [NewFile("a.exe", b"MZ")]}, "file_type"),
        ({"files": [NewFile(f"{n}.pdf", PDF + bytes([n])) for n in range(6)]}, "file_count"),
    ],
)
def test_what_cannot_be_right_is_refused(
    agency: Agency, owner: User, changes: dict[str, Any], rule: str
) -> None:
    assert rule_of(lambda: filed(agency, owner, **changes)) == rule
    assert not Dispute.objects.exists()


def test_data_are_disputed_on_own_days_only(agency: Agency, owner: User) -> None:
    creator = CreatorFactory.create(creator_id="C-1")
    BindingFactory.create(
        agency=AgencyFactory.create(), creator=creator, bound_until=date(2026, 10, 7)
    )
    data = {"kind": DisputeKind.DATA}
    foreign = rule_of(lambda: filed(agency, owner, **data))
    unknown = rule_of(lambda: filed(agency, owner, creator_code="C-2", **data))
    assert foreign == unknown == "not_own"
    BindingFactory.create(agency=agency, creator=creator, bound_from=date(2026, 10, 7))
    assert filed(agency, owner, **data).state == DisputeState.OPEN
    earlier = {"first_day": DAYS[0], "last_day": DAYS[1]}
    assert rule_of(lambda: filed(agency, owner, **data, **earlier)) == "not_own"


def test_attribution_tells_nothing_of_the_creator(agency: Agency, owner: User) -> None:
    foreign = BindingFactory.create().creator.creator_id
    assert filed(agency, owner, creator_code=foreign).state == DisputeState.OPEN
    assert filed(agency, owner, creator_code="NOBODY").state == DisputeState.OPEN


def test_fifty_may_wait_in_a_month(agency: Agency, owner: User) -> None:
    waiting = DisputeFactory.create_batch(50, agency=agency, filed_by=owner)
    DisputeFactory.create(filed_by=owner)
    assert rule_of(lambda: filed(agency, owner)) == "many"
    withdraw_dispute(agency=agency, dispute_id=waiting[0].pk, at=SECOND, by=owner)
    assert filed(agency, owner).state == DisputeState.OPEN


def test_it_is_withdrawn_until_it_is_answered(agency: Agency, owner: User, staff: User) -> None:
    dispute = filed(agency, owner)

    def withdraw(**which: Any) -> Dispute:
        asked = {"agency": agency, "dispute_id": dispute.pk, **which}
        return withdraw_dispute(at=SECOND, by=owner, **asked)

    other = MembershipFactory.create(user=owner).agency
    with pytest.raises(Dispute.DoesNotExist):
        withdraw(agency=other)
    assert withdraw().state == DisputeState.WITHDRAWN
    assert rule_of(withdraw) == "state"
    answered = filed(agency, owner)
    accept_dispute(dispute_id=answered.pk, answer="属实", at=SECOND, by=staff)
    assert rule_of(lambda: withdraw(dispute_id=answered.pk)) == "state"


def test_an_answer_is_told_with_its_words(agency: Agency, owner: User, staff: User) -> None:
    dispute = filed(agency, owner)
    accept_dispute(dispute_id=dispute.pk, answer=" 属实 ", at=LATER, by=staff)
    dispute.refresh_from_db()
    assert (dispute.state, dispute.answer) == (DisputeState.ACCEPTED, "属实")
    assert (dispute.answered_by, dispute.answered_at) == (staff, LATER)
    assert list(Dispute.objects.awaiting_correction(MONTH)) == [dispute]
    about = {"dispute": dispute.pk, "creator_code": "C-1", "month": "2026-10-01"}
    verdict = {"verdict": "accepted", "answer": "属实"}
    assert news_of(agency) == [(News.DISPUTE_ANSWERED, about | verdict)]


def test_messages_quote_the_beginning_of_a_long_answer(staff: User) -> None:
    dispute = DisputeFactory.create()
    reject_dispute(dispute_id=dispute.pk, answer="否" * 2000, at=LATER, by=staff)
    [(_, about)] = news_of(dispute.agency)
    assert about["answer"] == "否" * 199 + "…"


def test_an_accepted_one_can_be_rejected_after_all(
    agency: Agency, owner: User, staff: User
) -> None:
    dispute = filed(agency, owner)
    accept_dispute(dispute_id=dispute.pk, answer="属实", at=SECOND, by=staff)
    assert (
        rule_of(lambda: accept_dispute(dispute_id=dispute.pk, answer="是", at=LATER, by=staff))
        == "state"
    )
    reject_dispute(dispute_id=dispute.pk, answer="复核后不属实", at=LATER, by=staff)
    assert not Dispute.objects.awaiting_correction(MONTH).exists()
    assert [about["verdict"] for _, about in news_of(agency)] == ["accepted", "rejected"]
    assert (
        rule_of(lambda: reject_dispute(dispute_id=dispute.pk, answer="否", at=LATER, by=staff))
        == "state"
    )


def test_disputes_of_a_published_month_are_still_answered(
    agency: Agency, owner: User, staff: User
) -> None:
    accepted, rejected = filed(agency, owner), filed(agency, owner)
    EvaluationFactory.create(month=MONTH)
    accept_dispute(dispute_id=accepted.pk, answer="属实", at=AFTER_DUE, by=staff)
    reject_dispute(dispute_id=rejected.pk, answer="不属实", at=AFTER_DUE, by=staff)
    states = Dispute.objects.order_by("pk").values_list("state", flat=True)
    assert list(states) == [DisputeState.ACCEPTED, DisputeState.REJECTED]


def test_answers_need_words_and_free_hands(agency: Agency, owner: User, staff: User) -> None:
    dispute = filed(agency, owner)
    MembershipFactory.create(agency=agency, user=staff, role=Role.VIEWER)
    free = {"dispute_id": dispute.pk, "at": SECOND, "by": operator()}
    for answer in ("", "  ", "字" * 2001):
        assert rule_of(lambda words=answer: accept_dispute(answer=words, **free)) == "answer"
    own = {"dispute_id": dispute.pk, "at": SECOND, "by": staff}
    assert rule_of(lambda: accept_dispute(answer="是", **own)) == "own_agency"
    assert rule_of(lambda: reject_dispute(answer="否", **own)) == "own_agency"
    assert rule_of(lambda: mark_corrected(imported_file_id=None, **own)) == "own_agency"


def accepted(staff: User, **fields: Any) -> Dispute:
    dispute = DisputeFactory.create(**fields)
    return accept_dispute(dispute_id=dispute.pk, answer="属实", at=SECOND, by=staff)


def test_data_are_corrected_by_an_import_since_the_filing(staff: User) -> None:
    with time_machine.travel(FIRST - timedelta(days=1), tick=False):
        before = delivered()
        parts_of(DAYS, before)
    dispute = accepted(staff, kind=DisputeKind.DATA)

    def mark(imported: int | None) -> Dispute:
        return mark_corrected(dispute_id=dispute.pk, imported_file_id=imported, at=LATER, by=staff)

    elsewhere = delivered()
    parts_of([date(2026, 10, 8)], elsewhere)
    for wrong in (before.pk, elsewhere.pk, None):
        assert rule_of(lambda pk=wrong: mark(pk)) == "unchanged"
    right = delivered()
    parts_of([DAYS[1]], right)
    found = mark(right.pk)
    assert (found.state, found.corrected_by, found.corrected_at) == (
        DisputeState.CORRECTED,
        right,
        LATER,
    )
    about = {"dispute": dispute.pk, "creator_code": "C-UNKNOWN", "month": "2026-10-01"}
    assert news_of(dispute.agency)[-1] == (News.DISPUTE_CORRECTED, about)
    assert rule_of(lambda: mark(right.pk)) == "state"


def test_attribution_is_corrected_by_bindings_that_changed_on_these_days(staff: User) -> None:
    dispute = accepted(staff, creator_code="C-1")

    def mark(imported: int | None) -> Dispute:
        return mark_corrected(dispute_id=dispute.pk, imported_file_id=imported, at=LATER, by=staff)

    imported = delivered(FileKind.BINDINGS)
    assert rule_of(lambda: mark(imported.pk)) == "unchanged"
    creator = CreatorFactory.create(creator_id="C-1")
    BindingFactory.create(creator=creator, bound_from=date(2026, 10, 8))
    assert rule_of(lambda: mark(None)) == "unchanged"
    BindingFactory.create(
        creator=creator, bound_from=date(2026, 10, 7), bound_until=date(2026, 10, 8)
    )
    assert rule_of(lambda: mark(delivered(FileKind.FACTS).pk)) == "unchanged"
    assert mark(imported.pk).corrected_by == imported


def test_attribution_is_corrected_by_an_end_on_these_days(staff: User) -> None:
    dispute = accepted(staff, creator_code="C-1")
    binding = BindingFactory.create(
        creator=CreatorFactory.create(creator_id="C-1"), bound_from=date(2026, 10, 8)
    )

    def mark() -> Dispute:
        return mark_corrected(dispute_id=dispute.pk, imported_file_id=None, at=LATER, by=staff)

    own = Binding.objects.filter(pk=binding.pk)
    for day in (date(2026, 11, 3), date(2026, 10, 9)):
        own.update(bound_until=day)
        assert rule_of(mark) == "unchanged"
    own.update(bound_from=date(2026, 10, 1), bound_until=date(2026, 10, 6))
    assert mark().corrected_by is None


def test_only_accepted_ones_are_corrected(staff: User) -> None:
    dispute = DisputeFactory.create()
    step = {"dispute_id": dispute.pk, "imported_file_id": None, "at": SECOND, "by": staff}
    assert rule_of(lambda: mark_corrected(**step)) == "state"


ANSWERED = {"answer": "属实", "answered_at": SECOND}


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("dispute_kind_known", {"kind": "score"}),
        ("dispute_state_known", {"state": "lost"}),
        ("dispute_days_in_order", {"first_day": date(2026, 9, 30)}),
        ("dispute_days_in_order", {"last_day": date(2026, 10, 4)}),
        ("dispute_days_in_order", {"month": date(2026, 10, 2)}),
        ("dispute_says_what", {"text": ""}),
        ("dispute_answered_with_words", {"state": "rejected"}),
        ("dispute_answered_with_words", {"answer": "属实"}),
        ("dispute_answered_with_words", {"state": "accepted", **ANSWERED, "answer": ""}),
        ("dispute_corrected_when", {"state": "corrected", **ANSWERED}),
        ("dispute_corrected_when", {"corrected_at": SECOND}),
    ],
)
def test_constraints_of_disputes(name: str, wrong: dict[str, Any]) -> None:
    if "answered_at" in wrong:
        wrong = {**wrong, "answered_by": operator()}
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        DisputeFactory.create(**wrong)


def test_a_request_key_is_of_one_dispute() -> None:
    key = uuid4()
    DisputeFactory.create(request_key=key)
    with pytest.raises(IntegrityError, match="request_key"), transaction.atomic():
        DisputeFactory.create(request_key=key)


def test_a_file_is_once_in_a_dispute() -> None:
    file = {
        "dispute": DisputeFactory.create(),
        "name": "a.pdf",
        "content_type": "application/pdf",
        "size": 1,
        "sha256": "0" * 64,
        "content": b"0",
    }
    DisputeFile.objects.create(**file)
    with pytest.raises(IntegrityError, match="dispute_file_once"), transaction.atomic():
        DisputeFile.objects.create(**file)


def test_every_change_of_a_dispute_is_kept(agency: Agency, owner: User) -> None:
    dispute = filed(agency, owner)
    withdraw_dispute(agency=agency, dispute_id=dispute.pk, at=SECOND, by=owner)
    events = apps.get_model("scoring", "DisputeEvent").objects.order_by("pgh_id")
    kept = list(events.values_list("pgh_label", "state"))
    assert kept == [("insert", "open"), ("update", "withdrawn")]

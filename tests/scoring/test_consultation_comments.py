"""What agencies say about a draft, and the answers they get."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from agencies.enums import News, Role
from agencies.models import Membership
from agencies.refusals import Refused
from portal.models import OutboxEntry
from portal.outbox.news import words
from scoring.consultation_comments import (
    MOST_COMMENTS,
    answer_comment,
    withdraw_comment,
    write_comment,
)
from scoring.models import Consultation, ConsultationComment
from scoring.rulebook_versions import store_rulebook
from tests.factories import MembershipFactory, UserFactory
from tests.factories.cases import AT
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

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner() -> Membership:
    return MembershipFactory.create(role=Role.OWNER)


@pytest.fixture
def consultation() -> Consultation:
    return ConsultationFactory.create()


def write(owner: Membership, consultation: Consultation, **given: Any) -> ConsultationComment:
    ordinary = {"clause": "level-cut-offs", "text": "V3 is high enough.", "at": AT}
    return write_comment(
        agency=owner.agency,
        consultation_id=consultation.pk,
        by=owner.user,
        **{**ordinary, **given},
    )


def refusal(step: Any, *args: Any, **given: Any) -> tuple[str, str]:
    before = list(ConsultationComment.objects.values())
    with pytest.raises(Refused) as refused:
        step(*args, **given)
    assert list(ConsultationComment.objects.values()) == before
    return refused.value.rule, str(refused.value)


def answer(comment: ConsultationComment, **given: Any) -> ConsultationComment:
    ordinary = {"answer_zh": "已采纳。", "answer_en": "We follow it.", "at": AT}
    by = UserFactory.create()
    return answer_comment(comment_id=comment.pk, **{**ordinary, **given}, by=by)


def test_an_owner_comments_on_a_clause_or_on_the_whole(
    owner: Membership, consultation: Consultation
) -> None:
    one = write(owner, consultation, text="  Too high.\r\nReally.  ")
    assert (one.text, one.author, one.at) == ("Too high.\nReally.", owner.user, AT)
    assert write(owner, consultation, clause="").clause == ""


def test_the_same_again_is_the_same_comment(owner: Membership, consultation: Consultation) -> None:
    assert write(owner, consultation) == write(owner, consultation)


def test_a_clause_that_the_draft_drops_can_be_commented_on(owner: Membership) -> None:
    other = TEXT[TEXT.index('[[violations]]\nkind = "other"') :]
    dropping = ConsultationFactory.create(version=draft("2027.2", "2027-02", (other, "")))
    assert write(owner, dropping, clause="violation-other").clause == "violation-other"


def test_a_clause_that_is_nowhere_is_refused(owner: Membership, consultation: Consultation) -> None:
    assert refusal(write, owner, consultation, clause="level-V9")[0] == "clause"


@pytest.mark.parametrize("text", ["", " \n ", "x" * 2001])
def test_a_comment_has_1_to_2000_characters(
    owner: Membership, consultation: Consultation, text: str
) -> None:
    assert refusal(write, owner, consultation, text=text)[0] == "text"
    assert len(write(owner, consultation, text="x" * 2000).text) == 2000


def test_comments_are_taken_from_the_first_moment_to_the_last(
    owner: Membership, consultation: Consultation
) -> None:
    tick = timedelta(microseconds=1)
    assert refusal(write, owner, consultation, at=OPENS - tick)[0] == "closed"
    rule, told = refusal(write, owner, consultation, at=CLOSES)
    assert (rule, told) == ("closed", "Comments were taken until the end of Nov. 29, 2026.")
    write(owner, consultation, at=OPENS, text="first")
    write(owner, consultation, at=CLOSES - tick, text="last")


def test_not_once_the_platform_has_decided(owner: Membership, consultation: Consultation) -> None:
    store_rulebook(consultation.version.text, at=AT, activate=True)
    assert refusal(write, owner, consultation)[0] == "closed"


def test_an_agency_writes_at_most_fifty(owner: Membership, consultation: Consultation) -> None:
    for number in range(MOST_COMMENTS):
        CommentFactory.create(
            consultation=consultation, agency=owner.agency, author=owner.user, text=str(number)
        )
    assert refusal(write, owner, consultation)[0] == "many"
    assert write(owner, consultation, text="0").text == "0"
    write(MembershipFactory.create(role=Role.OWNER), consultation)


def test_only_owners_of_the_agency_comment(owner: Membership, consultation: Consultation) -> None:
    viewer = MembershipFactory.create(agency=owner.agency, role=Role.VIEWER)
    stranger = MembershipFactory.create(role=Role.OWNER)
    for person in (viewer.user, stranger.user):
        given: dict[str, Any] = {"clause": "", "text": "x", "at": AT, "by": person}
        rule, _told = refusal(
            write_comment, agency=owner.agency, consultation_id=consultation.pk, **given
        )
        assert rule == "owner"


class TestTakingBack:
    def back(self, owner: Membership, comment: ConsultationComment, **given: Any) -> None:
        values: dict[str, Any] = {"at": AT, "by": owner.user, **given}
        withdraw_comment(agency=owner.agency, comment_id=comment.pk, **values)

    def test_unanswered_it_goes(self, owner: Membership, consultation: Consultation) -> None:
        self.back(owner, write(owner, consultation))
        assert not ConsultationComment.objects.exists()

    def test_answered_or_too_late_it_stays(
        self, owner: Membership, consultation: Consultation
    ) -> None:
        comment = write(owner, consultation)
        assert refusal(self.back, owner, comment, at=CLOSES)[0] == "closed"
        answered(comment)
        assert refusal(self.back, owner, comment)[0] == "answered"

    def test_not_by_others(self, owner: Membership, consultation: Consultation) -> None:
        comment = write(owner, consultation)
        viewer = MembershipFactory.create(agency=owner.agency, role=Role.VIEWER)
        assert refusal(self.back, owner, comment, by=viewer.user)[0] == "owner"
        with pytest.raises(ConsultationComment.DoesNotExist):
            self.back(MembershipFactory.create(role=Role.OWNER), comment)


class TestAnswering:
    def test_the_agency_is_told_once(self) -> None:
        comment = CommentFactory.create()
        answer(comment)
        answer(comment, answer_en="We follow it in part.")
        comment.refresh_from_db()
        assert comment.answer_en == "We follow it in part."
        news = OutboxEntry.objects.get(news=News.COMMENT_ANSWERED)
        assert (news.agency_id, news.about["consultation"]) == (
            comment.agency_id,
            comment.consultation_id,
        )
        assert "2027.1” has an answer" in words(news).sentence

    @pytest.mark.parametrize("text", ["", "  ", "x" * 2001])
    def test_in_both_languages(self, text: str) -> None:
        comment = CommentFactory.create()
        assert refusal(answer, comment, answer_zh=text)[0] == "text"
        assert refusal(answer, comment, answer_en=text)[0] == "text"

    def test_not_once_the_summary_is_published(self) -> None:
        comment = answered(CommentFactory.create())
        concluded(comment.consultation)
        assert refusal(answer, comment)[0] == "closed"

"""Releasing what the gate holds takes two people, on the page and beneath it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from agencies.refusals import Refused
from portal.models import User
from scoring.enums import Cause, EvaluationState, ReleaseState
from scoring.evaluation.actions import supersede
from scoring.evaluation.gate import DISPUTES, describe
from scoring.evaluation.release import (
    confirm_release,
    decline_release,
    propose_release,
    withdraw_release,
)
from scoring.models import Evaluation, GateRelease, StaleMark
from tests.agencies.desk import closed_to_support, refused_to_outsiders, said, told
from tests.factories import EvaluationFactory
from tests.factories.evaluations import (
    AT,
    OCTOBER,
    computed_revision,
    dispute_of,
    mark_of,
    parts_of,
    release_of,
)
from tests.factories.staff import operator, signed_in, supporter

pytestmark = pytest.mark.django_db
DESK = "/staff/evaluations/"
REASON = "The days are lost for good"


def page_of(evaluation: Evaluation) -> str:
    return f"{DESK}{evaluation.pk}/"


def step(release: GateRelease, verb: str) -> str:
    return f"{DESK}releases/{release.pk}/{verb}/"


@pytest.fixture
def held() -> Evaluation:
    return computed_revision(facts=False)


@pytest.fixture
def proposer() -> User:
    return operator(name="王敏")


@pytest.fixture
def client(proposer: User) -> Client:
    return signed_in(proposer)


def proposed(client: Client, evaluation: Evaluation) -> GateRelease:
    form = {"digest": evaluation.result_digest, "reason": REASON}
    answer = client.post(f"{page_of(evaluation)}propose/", form)
    assert answer["Location"] == page_of(evaluation)
    return GateRelease.objects.get(evaluation=evaluation, state=ReleaseState.PROPOSED)


def confirmed(client: Client, release: GateRelease) -> HttpResponse:
    """Press the button on the page as it stands now."""
    page = client.get(page_of(release.evaluation))
    assert f'name="seen" value="{page.context["seen"]}"' in said(page)
    return client.post(step(release, "confirm"), {"seen": page.context["seen"]})


class TestTwoPeople:
    def test_one_proposes_and_another_publishes(self, client: Client, held: Evaluation) -> None:
        release = proposed(client, held)
        other = signed_in(operator(name="李华"))
        page = said(other.get(page_of(held)))
        assert "王敏 proposed on" in page
        assert REASON in page
        answer = confirmed(other, release)
        assert told(answer) == ["The release is confirmed and the month is published."]
        held.refresh_from_db()
        release.refresh_from_db()
        assert (held.state, held.published_by.name) == ("published", "李华")
        assert held.release_reason == REASON
        assert (release.state, release.decided_by.name) == ("confirmed", "李华")
        assert held.events.get(to_state="published").reason == REASON
        history = said(other.get(page_of(held)))
        for words in ("Release proposed", "Release confirmed", "what the gate held was released"):
            assert words in history
        assert "on the command line" not in history

    def test_nobody_confirms_their_own_proposal(self, client: Client, held: Evaluation) -> None:
        release = proposed(client, held)
        page = said(client.get(page_of(held)))
        assert "You proposed this release: another person must confirm it." in page
        assert step(release, "confirm") not in page
        answer = client.post(step(release, "confirm"))
        assert told(answer)[-1] == "You proposed this release: another person must confirm it."
        held.refresh_from_db()
        assert held.state == EvaluationState.COMPUTED

    def test_the_action_refuses_them_too(self, proposer: User, held: Evaluation) -> None:
        release = release_of(held, proposed_by=proposer)
        with pytest.raises(Refused, match="another person must confirm it") as refused:
            confirm_release(release_id=release.pk, seen="", at=AT, by=proposer)
        assert refused.value.rule == "two_people"

    def test_the_database_refuses_them_too(self, proposer: User, held: Evaluation) -> None:
        release = release_of(held, proposed_by=proposer)
        with pytest.raises(IntegrityError, match="gate_release_by_two"), transaction.atomic():
            GateRelease.objects.filter(pk=release.pk).update(
                state=ReleaseState.CONFIRMED, decided_by=proposer, decided_at=AT
            )

    def test_a_confirmation_sent_twice_publishes_once(self, held: Evaluation) -> None:
        release = release_of(held)
        other = signed_in(operator(name="李华"))
        confirmed(other, release)
        held.refresh_from_db()
        first = held.published_at
        answer = other.post(step(release, "confirm"))
        assert told(answer)[-1] == "李华 has decided on this proposal already: it is “Confirmed”."
        held.refresh_from_db()
        assert held.published_at == first


class TestProposing:
    def test_a_proposal_sent_twice_is_one(self, client: Client, held: Evaluation) -> None:
        proposed(client, held)
        form = {"digest": held.result_digest, "reason": REASON}
        answer = client.post(f"{page_of(held)}propose/", form)
        assert answer.status_code == 200
        sentence = "王敏 has proposed a release already: decide on that one first."
        assert answer.context["release_form"].non_field_errors() == [sentence]
        assert GateRelease.objects.count() == 1

    def test_it_needs_a_reason_and_the_result_that_was_shown(
        self, client: Client, held: Evaluation
    ) -> None:
        path = f"{page_of(held)}propose/"
        answer = client.post(path, {"digest": held.result_digest, "reason": " "})
        assert answer.context["release_form"].errors["reason"] == ["This field is required."]
        answer = client.post(path, {"digest": "3" * 64, "reason": REASON})
        assert "The result was computed again after this page was opened." in said(answer)
        assert not GateRelease.objects.exists()

    def test_what_the_gate_passes_needs_no_release(self, proposer: User) -> None:
        sound = computed_revision()
        with pytest.raises(Refused, match="publish it without a release") as refused:
            propose_release(evaluation_id=sound.pk, reason=REASON, at=AT, by=proposer)
        assert refused.value.rule == "not_held"

    def test_only_what_is_computed_is_released(self, proposer: User) -> None:
        published = EvaluationFactory.create()
        with pytest.raises(Refused, match="2026-10 r1 is “Published”"):
            propose_release(evaluation_id=published.pk, reason=REASON, at=AT, by=proposer)

    def test_a_reason_of_blanks_is_none(self, proposer: User, held: Evaluation) -> None:
        with pytest.raises(Refused, match="A release needs its reason"):
            propose_release(evaluation_id=held.pk, reason="  ", at=AT, by=proposer)


class TestDeciding:
    def test_another_result_is_not_released_by_an_old_proposal(self, held: Evaluation) -> None:
        release = release_of(held, result_digest="3" * 64)
        other = signed_in(operator())
        page = said(other.get(page_of(held)))
        assert "this proposal cannot be confirmed any more" in page
        answer = other.post(step(release, "confirm"))
        assert told(answer)[0].startswith("The result is not the one that was proposed")
        held.refresh_from_db()
        release.refresh_from_db()
        assert (held.state, release.state) == ("computed", "proposed")

    def test_what_the_gate_finds_after_the_page_was_opened_is_looked_at_first(
        self, held: Evaluation
    ) -> None:
        release = release_of(held)
        other = signed_in(operator())
        seen = other.get(page_of(held)).context["seen"]
        dispute_of(OCTOBER)
        answer = other.post(step(release, "confirm"), {"seen": seen})
        assert told(answer)[0].startswith("The gate finds something else than this page showed")
        held.refresh_from_db()
        release.refresh_from_db()
        assert (held.state, release.state) == ("computed", "proposed")
        answer = confirmed(other, release)
        assert told(answer)[-1] == "The release is confirmed and the month is published."

    def test_a_proposal_ends_with_its_revision(self, held: Evaluation) -> None:
        release = release_of(held)
        supersede(held, at=AT)
        other = signed_in(operator())
        assert step(release, "confirm") not in said(other.get(page_of(held)))
        answer = other.post(step(release, "confirm"))
        assert told(answer)[0] == (
            "2026-10 r1 is “Superseded”: only a computed revision can be released."
        )

    def test_what_is_mended_meanwhile_is_published_without_a_release(
        self, held: Evaluation
    ) -> None:
        release = release_of(held)
        held.parts.set(parts_of(OCTOBER))
        answer = signed_in(operator()).post(step(release, "confirm"))
        assert "publish it without a release" in told(answer)[0]
        held.refresh_from_db()
        assert held.state == EvaluationState.COMPUTED

    def test_another_person_declines_in_words(self, held: Evaluation) -> None:
        release = release_of(held)
        client = signed_in(operator(name="李华"))
        answer = client.post(step(release, "decline"), {"note": ""})
        assert answer.context["decline_form"].errors["note"] == ["This field is required."]
        answer = client.post(step(release, "decline"), {"note": "Import the days first"})
        assert told(answer) == ["The release is declined; the month stays unpublished."]
        release.refresh_from_db()
        assert (release.state, release.note) == ("declined", "Import the days first")
        assert "Import the days first" in said(client.get(page_of(held)))
        assert "Propose the release" in said(client.get(page_of(held)))

    def test_ones_own_is_withdrawn_not_declined(
        self, client: Client, proposer: User, held: Evaluation
    ) -> None:
        release = release_of(held, proposed_by=proposer)
        answer = client.post(step(release, "decline"), {"note": "no"})
        assert told(answer) == ["You proposed this release: you can withdraw it."]
        other = signed_in(operator()).post(step(release, "withdraw"))
        assert told(other) == ["Only 王敏 can withdraw this proposal."]
        client.post(step(release, "withdraw"))
        release.refresh_from_db()
        assert (release.state, release.decided_by) == ("withdrawn", proposer)
        with pytest.raises(Refused, match="has decided on this proposal already"):
            withdraw_release(release_id=release.pk, at=AT, by=proposer)

    def test_a_decline_needs_words(self, held: Evaluation) -> None:
        release = release_of(held)
        with pytest.raises(Refused, match="Say why the release is declined"):
            decline_release(release_id=release.pk, note=" ", at=AT, by=operator())


def test_support_reads_a_proposal_and_cannot_act(held: Evaluation) -> None:
    release = release_of(held)
    assert "Confirm and publish" not in said(signed_in(supporter()).get(page_of(held)))
    for path in (
        f"{page_of(held)}propose/",
        *(step(release, verb) for verb in ("confirm", "decline", "withdraw")),
    ):
        closed_to_support(path)
        refused_to_outsiders(path)
        assert signed_in(operator()).get(path).status_code == 405
    assert signed_in(operator()).post(f"{DESK}releases/4711/confirm/").status_code == 404


def test_an_accepted_dispute_holds_and_is_described() -> None:
    dispute_of(OCTOBER)
    dispute_of(OCTOBER)
    evaluation = computed_revision()
    assert evaluation.gate["findings"] == [{"code": DISPUTES, "disputes": 2}]
    assert describe(evaluation.gate["findings"][0]) == (
        "2 accepted disputes wait for the correction of the data. Correct them and evaluate again."
    )
    assert describe({"code": DISPUTES, "disputes": 1}).startswith("1 accepted dispute waits for")


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"state": ReleaseState.DECLINED}, "gate_release_decided_unless_proposed"),
        ({"decided_at": AT}, "gate_release_decided_unless_proposed"),
        ({"reason": ""}, "gate_release_has_a_reason"),
    ],
)
def test_a_release_that_cannot_be_is_refused(
    held: Evaluation, fields: dict[str, object], name: str
) -> None:
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        release_of(held, **fields)


def test_a_state_of_a_release_is_a_known_one(held: Evaluation) -> None:
    with pytest.raises(IntegrityError, match="gate_release_state_known"), transaction.atomic():
        release_of(held, state="doubted", decided_by=operator(), decided_at=AT)


def test_one_proposal_waits_at_a_time(held: Evaluation) -> None:
    release_of(held)
    with pytest.raises(IntegrityError, match="gate_release_one_open"), transaction.atomic():
        release_of(held)


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"cause": "weather"}, "stale_mark_cause_known"),
        ({"last": OCTOBER - timedelta(days=1)}, "stale_mark_days_in_order"),
    ],
)
def test_a_mark_that_cannot_be_is_refused(fields: dict[str, object], name: str) -> None:
    evaluation = EvaluationFactory.create()
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        mark_of(evaluation, **fields)  # type: ignore[arg-type]


def test_a_cause_of_an_evaluation_is_a_known_one() -> None:
    with pytest.raises(IntegrityError, match="evaluation_cause_known"), transaction.atomic():
        EvaluationFactory.create(cause="weather")


def test_a_mark_is_never_rewritten() -> None:
    mark = mark_of(EvaluationFactory.create(), Cause.APPEAL)
    with pytest.raises(DatabaseError, match="stale_mark_kept"), transaction.atomic():
        StaleMark.objects.filter(pk=mark.pk).update(at=timezone.now())

"""A won appeal asks for the months that it changed, once, and publishes where that is all."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from agencies.actions.appeals import REVOKE, UPHOLD, decide_appeal
from agencies.enums import News
from agencies.models import Appeal
from portal.models import OutboxEntry
from rankings.models import Place
from scoring.due import settle
from scoring.enums import Cause, EvaluationState
from scoring.evaluation.actions import UNCHANGED, set_aside_unchanged
from scoring.evaluation.attempt import claim, release
from scoring.evaluation.freeze import freeze
from scoring.evaluation.run import run_evaluation
from scoring.evaluation.staleness import mark_stale
from scoring.models import Evaluation, FactPart, StaleMark
from tests.agencies.beside import race
from tests.factories import CreatorFactory, EvaluationFactory
from tests.factories.appeals import appealed
from tests.factories.facts import deliver_facts
from tests.factories.staff import operator
from tests.scoring.conftest import JULY, JUNE, NOW, Platform, published

pytestmark = pytest.mark.django_db(transaction=True)
MINUTE = timedelta(minutes=1)
LATER = NOW + timedelta(days=1)


@pytest.fixture(autouse=True)
def _in_august() -> Iterator[None]:
    with time_machine.travel(LATER):
        yield


def decide(platform: Platform, verdict: str) -> None:
    """A verdict on the only appeal, by somebody who had no hand in it."""
    case = platform.strong.violations.get()
    decide_appeal(
        appeal_id=Appeal.objects.get().pk,
        verdicts={case.pk: verdict},
        reason="复核",
        at=timezone.now(),
        by=operator(),
    )


@pytest.fixture
def july(platform: Platform) -> Evaluation:
    """July as published: 50 of the strong agency's points are under appeal, so it has no level."""
    appealed(platform.strong, date(2026, 7, 20), points=50, reference="CASE")
    return published(JULY)


def settled() -> list[str]:
    """What was asked for or published; ringing is not told."""
    said = settle(now=timezone.now())
    return [each for each in said if not each.startswith("rang")]


def revisions(month: date = JULY) -> list[tuple[int, str, str]]:
    found = Evaluation.objects.filter(month=month).order_by("revision")
    return list(found.values_list("revision", "state", "cause"))


def test_it_is_computed_again_published_and_told(platform: Platform, july: Evaluation) -> None:
    platform.strong.refresh_from_db()
    assert (platform.strong.level, Place.objects.filter(code="strong").exists()) == ("", False)
    decide(platform, REVOKE)

    assert settled() == ["asked for 2026-07 r2: an appeal was decided"]
    corrected = run_evaluation(Evaluation.objects.get(revision=2).pk)

    assert corrected is not None
    assert (corrected.cause, corrected.reason, corrected.requested_by) == (Cause.APPEAL, "", None)
    assert revisions() == [(1, "superseded", "routine"), (2, "published", "appeal")]
    platform.strong.refresh_from_db()
    result = corrected.assessments.get(agency=platform.strong)
    assert (platform.strong.level, result.credit) == (result.level, 120)
    assert Place.objects.filter(code="strong", board__evaluation=corrected).count() == 2
    routine = [News.APPEAL_DECIDED, News.VIOLATION_REVOKED, News.RESULT_PUBLISHED]
    told = OutboxEntry.objects.exclude(news__in=routine)
    (entry,) = told
    assert (entry.agency, entry.news) == (platform.strong, News.LEVEL_CHANGED)
    assert entry.about == {
        "month": "2026-07-01",
        "corrected": True,
        "cause": "appeal",
        "level": result.level,
        "stage": "assessed",
        "level_before": "",
        "stage_before": "observation",
    }
    assert settled() == []


def test_an_upheld_decision_asks_for_nothing(platform: Platform, july: Evaluation) -> None:
    decide(platform, UPHOLD)
    assert settled() == []
    assert not StaleMark.objects.exists()


def test_a_revocation_without_an_appeal_waits_for_a_person(july: Evaluation) -> None:
    mark_stale(JULY, None, at=timezone.now(), cause=Cause.CREDIT, about={"references": ["CASE"]})
    assert settled() == []


def test_where_facts_came_late_too_a_person_publishes(platform: Platform, july: Evaluation) -> None:
    decide(platform, REVOKE)
    deliver_facts({(platform.starter, JULY): {"settled_cents": 1}})
    mark_stale(JULY, JULY, at=timezone.now(), cause=Cause.FACTS)

    settled()
    run_evaluation(Evaluation.objects.get(revision=2).pk)

    assert revisions() == [(1, "published", "routine"), (2, "computed", "appeal")]
    assert settled() == []


def test_facts_that_come_while_the_gate_holds_it_make_it_wait(
    platform: Platform, july: Evaluation
) -> None:
    decide(platform, REVOKE)
    FactPart.objects.filter(day=date(2026, 7, 9)).update(superseded_at=timezone.now())
    settled()
    run_evaluation(Evaluation.objects.get(revision=2).pk)
    assert revisions()[1] == (2, "computed", "appeal")
    assert settled() == []
    deliver_facts({(platform.star, date(2026, 7, 9)): {}})
    mark_stale(JULY, JULY, at=timezone.now(), cause=Cause.FACTS)

    assert settled() == ["asked for 2026-07 r3: its inputs changed"]
    run_evaluation(Evaluation.objects.get(revision=3).pk)

    assert revisions()[1:] == [(2, "superseded", "appeal"), (3, "computed", "appeal")]
    assert settled() == []


def test_the_same_result_is_set_aside_and_nobody_is_told(july: Evaluation) -> None:
    deliver_facts({(CreatorFactory.create(), JULY): {}})  # bound to nobody
    mark_stale(JULY, None, at=timezone.now(), cause=Cause.APPEAL)

    settled()
    run_evaluation(Evaluation.objects.get(revision=2).pk)

    assert revisions() == [(1, "published", "routine"), (2, "superseded", "appeal")]
    july.refresh_from_db()
    assert july.stale_since is None
    assert Evaluation.objects.get(revision=2).events.latest("id").reason == UNCHANGED
    assert not OutboxEntry.objects.exclude(news=News.RESULT_PUBLISHED).exists()
    assert settled() == []


def test_inputs_that_are_the_same_again_take_the_mark_off(july: Evaluation) -> None:
    mark_stale(JULY, None, at=timezone.now(), cause=Cause.APPEAL)
    assert settled() == []
    july.refresh_from_db()
    assert (july.stale_since, revisions()) == (None, [(1, "published", "routine")])


def test_an_appeal_won_while_it_is_computed_is_told_together(
    platform: Platform, july: Evaluation
) -> None:
    decide(platform, REVOKE)
    settled()
    attempt = claim(Evaluation.objects.get(revision=2).pk, at=timezone.now())
    assert attempt is not None
    freeze(attempt)
    appealed(platform.weak, date(2026, 7, 21), points=50)
    mark_stale(JULY, None, at=timezone.now(), cause=Cause.APPEAL)
    release(attempt)
    with time_machine.travel(LATER + 5 * MINUTE):
        run_evaluation(attempt.pk)
        assert revisions()[1] == (2, "computed", "appeal")
        assert settled() == ["asked for 2026-07 r3: its inputs changed"]
        run_evaluation(Evaluation.objects.get(revision=3).pk)
        assert [state for _r, state, _c in revisions()] == ["superseded"] * 2 + ["published"]
        assert settled() == []
    strong, weak = OutboxEntry.objects.filter(news=News.LEVEL_CHANGED).order_by("agency__code")
    assert (strong.agency, weak.agency) == (platform.strong, platform.weak)


def test_two_at_once_ask_once(platform: Platform, july: Evaluation) -> None:
    decide(platform, REVOKE)
    race([settled] * 4)
    assert revisions() == [(1, "published", "routine"), (2, "requested", "appeal")]


def test_a_correction_that_failed_is_not_asked_for_again_by_itself(
    platform: Platform, july: Evaluation
) -> None:
    decide(platform, REVOKE)
    settled()
    Evaluation.objects.filter(revision=2).update(state=EvaluationState.FAILED)
    with time_machine.travel(LATER + 2 * MINUTE):
        assert settled() == []
        mark_stale(JULY, None, at=timezone.now(), cause=Cause.APPEAL)
    with time_machine.travel(LATER + 3 * MINUTE):
        assert settled() == ["asked for 2026-07 r3: an appeal was decided"]


def test_a_later_month_waits_for_the_earlier_one(platform: Platform) -> None:
    appealed(platform.strong, date(2026, 6, 20), points=50, reference="CASE")
    published(JUNE)
    published(JULY)
    decide(platform, REVOKE)

    assert settled() == ["asked for 2026-06 r2: an appeal was decided"]
    assert settled() == []
    run_evaluation(Evaluation.objects.get(month=JUNE, revision=2).pk)
    assert settled() == ["asked for 2026-07 r2: an appeal was decided"]


class TestSetAside:
    """Rows by hand: an appeal's revision beside the published one, with the same digest."""

    def aside(self, **given: object) -> bool:
        published = EvaluationFactory.create()
        mark_stale(published.month, None, at=NOW, cause=Cause.APPEAL, about=given.pop("about", {}))
        filled = {
            "revision": 2,
            "state": EvaluationState.COMPUTED,
            "cause": Cause.APPEAL,
            "published_at": None,
            **given,
        }
        again = EvaluationFactory.create(**filled)
        return set_aside_unchanged(evaluation_id=again.pk, at=NOW)

    def test_an_appeal_s_revision_is(self) -> None:
        assert self.aside()

    @pytest.mark.parametrize(
        "given",
        [
            {"result_digest": "3" * 64},
            {"cause": Cause.FACTS},
            {"reason": "we looked twice"},
            {"stale_since": datetime(2026, 8, 10, tzinfo=timezone.get_current_timezone())},
            {"state": EvaluationState.REQUESTED},
            {"about": {"boards": True}},
        ],
    )
    def test_others_are_not(self, given: dict[str, object]) -> None:
        assert not self.aside(**given)

    def test_what_a_person_asked_for_is_not(self) -> None:
        assert not self.aside(requested_by=operator())

    def test_a_month_s_first_result_is_not(self) -> None:
        first = EvaluationFactory.create(state=EvaluationState.COMPUTED, cause=Cause.APPEAL)
        assert not set_aside_unchanged(evaluation_id=first.pk, at=NOW)

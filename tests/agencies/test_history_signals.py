"""Whoever changes what a month was computed from says what it was."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.dispatch import Signal

from agencies.actions.appeals import REVOKE, UPHOLD, decide_appeal, file_appeal
from agencies.actions.awards import award_credit
from agencies.actions.bindings import bind
from agencies.actions.violations import PlannedMeasure, group_incident, revoke
from agencies.enums import Measure
from agencies.models import Appeal, Violation
from agencies.signals import Changed, appeal_decided, appeal_filed, history_changed
from tests.factories import AgencyFactory, CreatorFactory, MembershipFactory
from tests.factories.cases import AT, TODAY, issued, later
from tests.factories.staff import operator

pytestmark = pytest.mark.django_db
HONOURS = PlannedMeasure(Measure.CANCEL_HONOURS, None)


@contextmanager
def heard(signal: Signal) -> Iterator[list[dict[str, Any]]]:
    """What a signal was sent with meanwhile."""
    said: list[dict[str, Any]] = []

    def note(signal: Any, sender: Any, **values: Any) -> None:
        said.append(values)

    signal.connect(note)
    try:
        yield said
    finally:
        signal.disconnect(note)


@contextmanager
def changes() -> Iterator[list[tuple[Changed, dict[str, Any]]]]:
    """What `history_changed` spoke of meanwhile, and what it said about it."""
    found: list[tuple[Changed, dict[str, Any]]] = []
    with heard(history_changed) as said:
        yield found
    found.extend((each["what"], each["about"]) for each in said)


def appeal_against(*cases: Violation) -> Appeal:
    owner = MembershipFactory.create(agency=cases[0].agency).user
    return file_appeal(
        agency=cases[0].agency,
        violation_ids=[case.pk for case in cases],
        text="事实不符",
        at=later(1),
        by=owner,
    )


def test_an_issued_case_is_named() -> None:
    with changes() as found:
        case = issued()
    assert found == [(Changed.CREDIT, {"references": [case.reference]})]


def test_a_revoked_case_nobody_appealed_is_credit() -> None:
    case = issued()
    with changes() as found, heard(appeal_decided) as verdicts:
        revoke(violation_id=case.pk, reason="更正", at=later(1), by=operator())
    assert found == [(Changed.CREDIT, {"references": [case.reference], "boards": False})]
    assert verdicts == []


def test_a_revoked_case_under_appeal_is_an_appeal() -> None:
    case = issued(measures=[HONOURS])
    appeal_against(case)
    with changes() as found, heard(appeal_decided) as verdicts:
        revoke(violation_id=case.pk, reason="更正", at=later(2), by=operator())
    assert found == [(Changed.APPEAL, {"references": [case.reference], "boards": True})]
    assert [each["references"] for each in verdicts] == [[case.reference]]


def test_an_appeal_is_told_when_it_is_filed_and_when_it_is_decided() -> None:
    agency, by = AgencyFactory.create(), operator()
    cases = [issued(agency=agency, by=by), issued(agency=agency, by=by, at=later(1))]
    group_incident(violation_ids=[case.pk for case in cases], title="直播间", at=later(1), by=by)
    references = [case.reference for case in cases]
    with heard(appeal_filed) as filed:
        appeal = appeal_against(*cases)
    verdicts = {cases[0].pk: UPHOLD, cases[1].pk: REVOKE}
    with changes() as found, heard(appeal_decided) as decided:
        decide_appeal(
            appeal_id=appeal.pk, verdicts=verdicts, reason="复核", at=later(2), by=operator()
        )
    told = {"agency_id": agency.pk, "references": references, "first": TODAY}
    assert filed == [{**told, "at": later(1)}]
    assert decided == [{**told, "at": later(2)}]
    assert found == [(Changed.APPEAL, {"references": references[1:], "boards": False})]


def test_awards_are_credit_and_bindings_are_counted() -> None:
    agency, creator = AgencyFactory.create(), CreatorFactory.create()
    with changes() as found:
        issued(agency=agency)
        award_credit(agency=agency, points=5, reason="活跃榜", at=AT, by=operator())
        bind(
            agency=agency,
            creator=creator,
            on=TODAY + timedelta(days=1),
            reason="签约",
            at=AT,
            by=operator(),
        )
    assert found[1:] == [(Changed.CREDIT, {}), (Changed.BINDINGS, {"creators": 1})]

"""Nobody puts rules in force or releases a held month alone, not even by a form made by hand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from playwright.sync_api import Page, expect

from scoring.enums import EvaluationState, ReleaseState, RulebookState
from scoring.models import Evaluation
from tests.browser.conduct import Windows, opened, press
from tests.factories.consultations import ConsultationFactory, concluded
from tests.factories.evaluations import computed_revision
from tests.factories.staff import operator

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def windows(browser: Any, live_server: Any) -> Iterator[Windows]:
    with opened(browser, live_server) as windows:
        yield windows


def says(page: Page, sentence: str) -> None:
    expect(page.get_by_role("main")).to_contain_text(sentence)


def press_elsewhere(page: Page, button: str, address: str) -> None:
    """Press a button that was made to send its form to another address."""
    found = page.get_by_role("main").get_by_role("button", name=button, exact=True)
    found.evaluate("(button, address) => { button.formAction = address }", address)
    found.click()


def test_rules_are_put_in_force_by_two(windows: Windows) -> None:
    consultation = concluded(ConsultationFactory.create())
    version = consultation.version
    address = f"/staff/rulebooks/{version.pk}/"
    with time_machine.travel(consultation.closes_at + timedelta(days=2), tick=False):
        proposer, other = windows.open(operator()), windows.open(operator())
        proposer.goto(address)
        press(proposer, "Propose to schedule it")
        says(proposer, "You proposed it, so another person has to approve it.")
        press_elsewhere(proposer, "Take the proposal back", f"{address}approve/")
        says(proposer, "You proposed this version yourself, so its approval needs another person.")
        version.refresh_from_db()
        assert version.state == RulebookState.CONSULTATION
        other.goto(address)
        press(other, "Approve: schedule it")
        says(other, "Scheduled")
    version.refresh_from_db()
    assert version.state == RulebookState.SCHEDULED
    assert version.approved_by != version.proposed_by


def test_a_held_month_is_released_by_two(windows: Windows) -> None:
    held = computed_revision(facts=False)
    address = f"/staff/evaluations/{held.pk}/"
    proposer, other = windows.open(operator()), windows.open(operator())
    proposer.goto(address)
    proposer.get_by_label("Why it should be published all the same").fill("这些天的数据已丢失。")
    press(proposer, "Propose the release")
    says(proposer, "You proposed this release: another person must confirm it.")
    release = held.releases.get()
    confirm = f"/staff/evaluations/releases/{release.pk}/confirm/"
    press_elsewhere(proposer, "Withdraw the proposal", confirm)
    expect(proposer.locator(".notices")).to_contain_text("another person must confirm it")
    assert Evaluation.objects.get(pk=held.pk).state == EvaluationState.COMPUTED
    other.goto(address)
    press(other, "Confirm and publish")
    says(other, "Published")
    release.refresh_from_db()
    assert release.state == ReleaseState.CONFIRMED
    assert Evaluation.objects.get(pk=held.pk).release_reason == "这些天的数据已丢失。"

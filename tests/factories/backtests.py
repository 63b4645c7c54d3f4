"""Published months with boards, a draft that moves agencies, and back-tests of it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any

from django.utils import timezone

from rankings.actions import make_boards
from scoring.backtests.life import ask_back_test
from scoring.backtests.run import run_back_test
from scoring.models import BackTest, Evaluation, RulebookVersion
from scoring.rulebook_versions import DEFAULT, store_rulebook
from tests.factories.conduct import AgencyFactory
from tests.factories.level import AssessmentFactory, EvaluationFactory
from tests.factories.people import UserFactory

SEPTEMBER, OCTOBER = date(2026, 9, 1), date(2026, 10, 1)
NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
# The ordinary result of the factories has V3 under the default rules, V1 under these.
STRICT = (("min_total = 400", "min_total = 900"), ("min_total = 550", "min_total = 910"))
STRICTER = (("min_total = 700", "min_total = 920"), ("min_total = 850", "min_total = 930"))


def draft_of(
    name: str = "draft", changes: Iterable[tuple[str, str]] = (*STRICT, *STRICTER)
) -> RulebookVersion:
    """A draft that is the default rulebook with some words replaced."""
    text = DEFAULT.read_text(encoding="utf-8").replace('"2026.1"', f'"{name}"', 1)
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    version, _ = store_rulebook(text, at=timezone.now())
    return version


def published_month(month: date, agencies: int = 1, **fields: Any) -> Evaluation:
    """A published month in which so many agencies have the ordinary result, with its boards."""
    evaluation = EvaluationFactory.create(month=month)
    for agency in AgencyFactory.create_batch(agencies):
        AssessmentFactory.create(evaluation=evaluation, agency=agency, **fields)
    make_boards(evaluation, at=evaluation.published_at or NOW)
    return evaluation


def asked_test(version: RulebookVersion, *months: date, **fields: Any) -> BackTest:
    """A back-test that waits, with these fields besides."""
    by = fields.pop("by", None) or UserFactory.create()
    test, new = ask_back_test(version_id=version.pk, months=months, at=NOW, by=by)
    assert new
    BackTest.objects.filter(pk=test.pk).update(**fields)
    test.refresh_from_db()
    return test


def ready_test(version: RulebookVersion, *months: date) -> BackTest:
    """A back-test that was run."""
    test = asked_test(version, *months)
    assert run_back_test(test.pk, clock=lambda: NOW)
    test.refresh_from_db()
    return test

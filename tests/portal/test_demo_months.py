"""The demo's months are published on the 3rd of the next, and its conduct comes after that."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from django.utils import timezone
from rich.console import Console

from portal.demo.months import publish_months, unpublished
from portal.demo.stage import Stage
from portal.models import OutboxEntry
from rankings.models import Board
from scoring.evaluation.run import run_evaluation
from scoring.models import Evaluation
from scoring.months import last_day, publication_due
from tests.factories import AgencyFactory, BindingFactory, CreatorFactory
from tests.factories.facts import days_of, deliver_facts

MAY, JUNE = date(2026, 5, 1), date(2026, 6, 1)
RICH = {"settled_cents": 500_000_000, "settled_orders": 20_000}


def local(day: int, hour: int = 12, month: int = 7) -> datetime:
    return timezone.make_aware(datetime(2026, month, day, hour))


@pytest.mark.django_db(transaction=True)
def test_each_month_is_published_as_of_its_third_and_so_are_its_news() -> None:
    rising = BindingFactory.create(
        agency=AgencyFactory.create(code="rising"), creator=CreatorFactory.create()
    )
    deliver_facts({(rising.creator, day): {} for day in days_of(MAY)})
    deliver_facts({(rising.creator, day): RICH for day in days_of(JUNE)})

    def work() -> None:
        for evaluation in Evaluation.objects.all():
            run_evaluation(evaluation.pk)

    publish_months([MAY, JUNE], tend=work, console=Console(quiet=True))
    for evaluation in Evaluation.objects.published():
        due = publication_due(evaluation.month)
        assert timezone.localtime(due).strftime("%d %H:%M") == "03 03:00"
        assert evaluation.published_at == evaluation.computed_at == due
        assert evaluation.requested_at == evaluation.started_at == due
        assert set(evaluation.events.values_list("at", flat=True)) == {due}
        assert evaluation.data_through == last_day(evaluation.month)
    assert Board.objects.count() == 4
    told = [entry.at for entry in OutboxEntry.objects.order_by("at")]
    assert told == [publication_due(MAY), publication_due(JUNE)]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("now", "due"),
    [(local(2), [MAY]), (local(3, 2), [MAY]), (local(3, 3), [MAY, JUNE]), (local(22), [MAY, JUNE])],
)
def test_last_full_month_waits_for_its_third(now: datetime, due: list[date]) -> None:
    assert unpublished(["2026-05", "2026-06"], now=now) == due


@pytest.mark.parametrize(
    ("now", "days_ago", "at"),
    [
        (local(22), 9, local(13, 9)),
        (local(22), 30, local(3, 9)),
        (local(4), 9, local(3, 9)),
        (local(3, 4), 9, local(3, 4)),
        (local(3, 2), 9, local(1, 9)),
        (local(2), 9, local(1, 9)),
    ],
)
def test_conduct_comes_after_the_months_that_were_published(
    now: datetime, days_ago: int, at: datetime
) -> None:
    stage = Stage(now, agencies={}, people={})
    assert stage.at(days_ago) == at

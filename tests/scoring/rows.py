"""July 2026 of an agency whose creators come, go and come back, for the rows behind a score."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from django.utils import timezone

from agencies.models import Agency, Binding, Creator
from scoring.evaluation.freeze import BINDINGS, frozen_path
from scoring.models import Evaluation, FactPart, RowExport
from scoring.receipts.exports import ask_for_rows, export_path
from scoring.receipts.run import make_rows
from tests.factories import (
    AgencyFactory,
    AssessmentFactory,
    BindingFactory,
    CreatorFactory,
    EvaluationFactory,
    UserFactory,
)
from tests.factories.facts import deliver_facts

JULY, AUGUST = date(2026, 7, 1), date(2026, 8, 1)
LEFT, BACK = date(2026, 7, 11), date(2026, 7, 21)
NOW = timezone.make_aware(datetime(2026, 8, 10, 12, 0))


def july(day: int) -> date:
    return JULY.replace(day=day)


@dataclass
class Month:
    """`own` shares the mover (away from the 11th to the 20th) and the leaver with `other`.

    `refunded` comes on the 30th; `quiet` is there all month and has facts of one day only;
    `empty` is an agency without creators.
    """

    own: Agency
    other: Agency
    empty: Agency
    mover: Creator
    leaver: Creator
    quiet: Creator
    refunded: Creator


def a_month() -> Month:
    own, other, empty = (AgencyFactory.create(code=code) for code in ("OWN", "OTHER", "EMPTY"))
    refunded = CreatorFactory.create(creator_id="-B")
    mover = CreatorFactory.create(creator_id="m", nickname="=HYPERLINK(1)")
    leaver = CreatorFactory.create(creator_id="A")
    quiet = CreatorFactory.create(creator_id="zz", nickname="安静, “Q”")
    alien = CreatorFactory.create(creator_id="CANARYID", nickname="CANARYNAME")
    for agency, creator, start, until in (
        (own, mover, date(2026, 1, 1), LEFT),
        (other, mover, LEFT, BACK),
        (own, mover, BACK, None),
        (own, leaver, date(2026, 1, 1), july(6)),
        (other, leaver, july(6), None),
        (own, refunded, july(30), None),
        (own, quiet, date(2026, 1, 1), None),
        (other, alien, date(2026, 1, 1), None),
    ):
        BindingFactory.create(agency=agency, creator=creator, bound_from=start, bound_until=until)
    days = [july(n) for n in range(1, 32)]
    moving = {"settled_cents": 1_234_567, "showcase_cents": 250_001, "reputation": 481}
    leaving = {"level": 7, "reputation": None, "live_minutes": 123}
    deliver_facts(
        {
            **{(mover, day): moving for day in days},
            **{(leaver, day): leaving for day in days},
            **{(alien, day): {"settled_cents": 98_765_432_109} for day in days},
            **{(mover, july(n)): {"settled_cents": 77_777_777} for n in range(11, 21)},
            **{(leaver, july(n)): {"settled_cents": 55_555_555} for n in range(6, 32)},
            (mover, july(31)): {"level": None, "reputation": None, "settled_cents": -12_05},
            (refunded, july(31)): {
                "settled_cents": -50_005,
                "showcase_cents": -7,
                "settled_orders": 0,
                "reputation": 250,
            },
            (quiet, july(3)): {"reputation": None, "level": None, "good_goods_cents": 0},
        }
    )
    return Month(own, other, empty, mover, leaver, quiet, refunded)


def published(*agencies: Agency) -> Evaluation:
    """July as published: today's bindings and facts frozen, a score for each of the agencies."""
    slices = [
        {
            "agency": binding.agency_id,
            "creator": binding.creator_id,
            "bound_from": max(binding.bound_from, JULY),
            "bound_until": min(binding.bound_until or AUGUST, AUGUST),
        }
        for binding in Binding.objects.order_by("creator", "bound_from")
    ]
    frozen_path("").mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist(slices, schema=BINDINGS), frozen_path("b.parquet"))
    evaluation = EvaluationFactory.create(month=JULY, inputs={"bindings": "b.parquet"})
    evaluation.parts.set(FactPart.objects.current())
    for agency in agencies:
        AssessmentFactory.create(evaluation=evaluation, agency=agency)
    return evaluation


def asked(agency: Agency, evaluation: Evaluation, at: datetime = NOW) -> RowExport:
    """A new request for the rows."""
    export, new = ask_for_rows(agency=agency, evaluation=evaluation, by=UserFactory.create(), at=at)
    assert new
    return export


def exported(agency: Agency, evaluation: Evaluation) -> Path:
    """The path of the file of rows, asked for and made."""
    export = asked(agency, evaluation)
    assert make_rows(export.pk, clock=lambda: NOW)
    export.refresh_from_db()
    return export_path(export.sha256)


def lines(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))

"""Writes the demo platform as the files of the outside contract."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from random import Random
from typing import Literal

from portal.demo.agencies import AgencyPlan, agency_plans
from portal.demo.creators import CreatorPlan, creator_plans
from portal.demo.facts import write_facts
from portal.demo.timeline import Timeline, timeline
from portal.demo.violations import case_rows

_AGENCIES = (
    "agency_code",
    "name",
    "joined_on",
    "city",
    "category",
    "contact_email",
    "contact_phone",
    "uscc",
)
_CREATORS = ("creator_id", "nickname", "followers", "contact")
_BINDINGS = ("agency_code", "creator_id", "bound_from", "bound_until")
_VIOLATIONS = (
    "agency_code",
    "kind",
    "occurred_on",
    "decided_on",
    "points",
    "summary",
    "reference",
)
# The rest of the creators is bound to nobody.
_SEATS_PERCENT = 97


@dataclass(frozen=True)
class DemoSize:
    """How many agencies, creators and months; the current month counts as one."""

    agencies: int
    creators: int
    months: int


SIZES = {"small": DemoSize(300, 6_000, 7), "full": DemoSize(3_000, 60_000, 13)}


@dataclass(frozen=True)
class DemoPlatform:
    """The files, in the order of their import, and the agencies worth looking at.

    `months` are the full months, ascending; `situations` maps a situation's name to the code of
    the agency that is in it (see `portal.demo.situations`).
    """

    agencies: Path
    creators: Path
    bindings: list[Path]
    violations: Path
    facts: list[Path]
    months: list[str]
    current_month: str
    situations: dict[str, str]


def write_platform(
    directory: Path,
    *,
    size: Literal["small", "full"] | DemoSize,
    today: date,
    seed: int = 20230403,
) -> DemoPlatform:
    """Write the files of a demo platform into a directory, which is made when it is missing.

    1. The same size, day and seed give the same bytes, on any machine.
    2. Nothing lies after the day before `today`, the platform's local day.
    3. There are two files of bindings: the history up to the first month, then its changes.
    4. Each month with a delivered day has one file of facts, sorted by day and creator.

    Amounts are yuan. Raises ValueError for a size that cannot show every situation. Source: D.
    """
    measure = SIZES[size] if isinstance(size, str) else size
    line = timeline(today, measure.months)
    seats = measure.creators * _SEATS_PERCENT // 100
    agencies = agency_plans(_stream(seed, "agencies"), line, measure.agencies, seats)
    creators = creator_plans(_stream(seed, "creators"), line, agencies, measure.creators)
    directory.mkdir(parents=True, exist_ok=True)
    return DemoPlatform(
        agencies=_write(directory / "agencies.csv", _AGENCIES, _agency_rows(agencies)),
        creators=_write(directory / "creators.csv", _CREATORS, _creator_rows(creators)),
        bindings=[
            _write(directory / name, _BINDINGS, rows)
            for name, rows in (
                ("bindings-history.csv", _history_rows(agencies, creators, line.start)),
                ("bindings-changes.csv", _change_rows(agencies, creators, line.start)),
            )
        ],
        violations=_write(
            directory / "violations.csv", _VIOLATIONS, _violation_rows(seed, line, agencies)
        ),
        facts=list(_fact_files(directory, seed, line, agencies, creators)),
        months=[month.key for month in line.full],
        current_month=line.current.key,
        situations={plan.situation: plan.code for plan in agencies if plan.situation},
    )


def _stream(seed: int, purpose: str) -> Random:
    """Give each part its own stream of numbers, so that one part's changes leave the others be."""
    return Random(f"{seed}/{purpose}")  # noqa: S311 - made-up data, meant to repeat


def _write(path: Path, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)
    return path


def _agency_rows(agencies: list[AgencyPlan]) -> Iterator[Sequence[object]]:
    for plan in agencies:
        yield (
            plan.code,
            plan.name,
            plan.joined_on,
            plan.city,
            plan.category,
            plan.contact_email,
            plan.contact_phone,
            plan.uscc,
        )


def _creator_rows(creators: list[CreatorPlan]) -> Iterator[Sequence[object]]:
    for plan in creators:
        yield plan.creator_id, plan.nickname, plan.followers, plan.contact


def _history_rows(
    agencies: list[AgencyPlan], creators: list[CreatorPlan], start: date
) -> Iterator[Sequence[object]]:
    """Bindings from before the first month, with the ends that were known by then."""
    for plan in creators:
        for span in plan.spans:
            if span.bound_from < start:
                ended = span.bound_until is not None and span.bound_until <= start
                until = span.bound_until if ended else None
                yield agencies[span.agency].code, plan.creator_id, span.bound_from, until or ""


def _change_rows(
    agencies: list[AgencyPlan], creators: list[CreatorPlan], start: date
) -> Iterator[Sequence[object]]:
    """Bindings that began or ended since: the end of an older one repeats its row with the end."""
    for plan in creators:
        for span in plan.spans:
            ended = span.bound_until is not None and span.bound_until > start
            if span.bound_from >= start or ended:
                code = agencies[span.agency].code
                yield code, plan.creator_id, span.bound_from, span.bound_until or ""


def _violation_rows(
    seed: int, line: Timeline, agencies: list[AgencyPlan]
) -> Iterator[Sequence[object]]:
    for row in case_rows(_stream(seed, "violations"), line, agencies):
        yield (
            row.agency_code,
            row.kind,
            row.occurred_on,
            row.decided_on,
            row.points,
            row.summary,
            row.reference,
        )


def _fact_files(
    directory: Path,
    seed: int,
    line: Timeline,
    agencies: list[AgencyPlan],
    creators: list[CreatorPlan],
) -> Iterator[Path]:
    for position, month in enumerate(line.months):
        if month.days:
            path = directory / f"facts-{month.key}.csv"
            rnd = _stream(seed, f"facts/{month.key}")
            write_facts(
                path, rnd, month=month, position=position, agencies=agencies, creators=creators
            )
            yield path

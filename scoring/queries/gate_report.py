"""The gate's report for people who decide: a verdict in one sentence, and what it rests on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from agencies.enums import Stage
from scoring.enums import EvaluationState
from scoring.models import Dispute, Evaluation
from scoring.months import first_day

# What is worth a look before publishing, though it holds nothing (D).
SUM_SHARE: Final = Decimal("0.25")
STAGE_SHARE: Final = Decimal("0.10")

# The platform's sums: name, unit of the page, and how many decimals the stored whole number hides.
SUM_NAMES: Final[Mapping[str, tuple[Promise, str, int]]] = {
    "settled_cents": (_("Settled amount"), "yuan", 2),
    "settled_orders": (_("Settled orders"), "count", 0),
    "showcase_cents": (_("Showcase amount"), "yuan", 2),
    "good_goods_cents": (_("Good-goods amount"), "yuan", 2),
    "worry_free_orders": (_("Worry-free orders"), "count", 0),
    "live_minutes": (_("Live minutes"), "count", 0),
    "creator_days": (_("Bound creator-days"), "count", 0),
}
NO_RESULT: Final = _("No result")


@dataclass(frozen=True)
class Count:
    """How many agencies are in a stage or on a level."""

    label: str
    agencies: int


@dataclass(frozen=True)
class Cell:
    """How many agencies go from one standing to another; `way` is rise, fall, stay or other."""

    agencies: int
    way: str


@dataclass(frozen=True)
class MatrixRow:
    """Agencies of one standing before, by their standing now."""

    label: str
    cells: tuple[Cell, ...]
    agencies: int


@dataclass(frozen=True)
class Matrix:
    """From each standing before (rows) to each standing now (columns)."""

    columns: tuple[str, ...]
    rows: tuple[MatrixRow, ...]


@dataclass(frozen=True)
class PlatformSum:
    """What all agencies brought together; `share` is the change as a share of before."""

    name: Promise
    unit: str
    before: Decimal
    now: Decimal
    share: Decimal | None

    @property
    def unusual(self) -> bool:
        """Whether it moved so much that somebody should know why."""
        return self.share is not None and abs(self.share) >= SUM_SHARE


@dataclass(frozen=True)
class Comparison:
    """A revision beside another one: how many agencies stand elsewhere.

    `rises` and `falls` are of levels, with the observation stage beneath the lowest; `changed`
    differ in stage or level (against last month) or in anything (against the published revision).
    """

    evaluation: int
    month: date
    revision: int
    agencies: int
    changed: int
    stages: int
    levels: int
    points: int
    rises: int
    falls: int
    matrix: Matrix


@dataclass(frozen=True)
class GateReport:
    """What the gate said of a computed revision; `passed` is None before it was computed."""

    passed: bool | None
    findings: tuple[str, ...]
    stages: tuple[Count, ...]
    levels: tuple[Count, ...]
    last_month: Comparison | None
    correction: Comparison | None
    sums: tuple[PlatformSum, ...]
    unusual: tuple[str, ...]

    def effect(self, *, published: bool = False) -> str:
        """What a publication would change, or changed, in one sentence; "" without a report."""
        found = self.correction or self.last_month
        if self.passed is None:
            return ""
        if found is None:
            return gettext("Nothing is published that it could be compared with.")
        return _changed(found) if published else _would_change(found)


def gate_report(evaluation: Evaluation) -> GateReport:
    """The report stored with the evaluation, readable; empty where none is stored. No query."""
    stored = evaluation.gate
    last_month = _comparison(stored.get("last_month"), of_levels=True)
    sums = tuple(_sums(stored.get("last_month") or {}))
    return GateReport(
        passed=stored.get("passed"),
        findings=tuple(finding_sentence(finding) for finding in stored.get("findings", [])),
        stages=tuple(
            Count(str(stage.label), stored["stages"][stage.value])
            for stage in Stage
            if stage.value in stored.get("stages", {})
        ),
        levels=tuple(
            Count(key, number) for key, number in sorted(stored.get("levels", {}).items())
        ),
        last_month=last_month,
        correction=_comparison(stored.get("correction"), of_levels=False),
        sums=sums,
        unusual=tuple(_unusual(last_month, sums)),
    )


def verdict_word(evaluation: Evaluation) -> str:
    """What the gate said, in a word or two, for lists."""
    passed = evaluation.gate.get("passed")
    if passed is None:
        return gettext("not checked yet")
    return gettext("passed") if passed else gettext("held")


def compares_with_others(evaluation: Evaluation, base: Mapping[date, int], before: date) -> bool:
    """Whether what a stored report compares with is not what is published now.

    `base` holds the published revisions of the month and of the month `before`, by month.
    """
    stored = evaluation.gate
    found = [stored.get(key) or {} for key in ("correction", "last_month")]
    wanted = [base.get(evaluation.month), base.get(before)]
    return [each.get("evaluation") for each in found] != wanted


def with_waiting_disputes(stored: Mapping[str, Any], month: date) -> dict[str, Any]:
    """A stored report with the disputes as they stand now, rather than when it was made."""
    findings = [each for each in stored.get("findings", []) if each["code"] != "disputes"]
    waiting = Dispute.objects.awaiting_correction(month).count()
    if waiting:
        findings.append({"code": "disputes", "disputes": waiting})
    return {**stored, "findings": findings, "passed": not findings}


def is_held(evaluation: Evaluation) -> bool:
    """Whether a computed revision waits because the gate found something."""
    return evaluation.state == EvaluationState.COMPUTED and evaluation.gate.get("passed") is False


def finding_sentence(finding: Mapping[str, Any]) -> str:
    """One finding in the reader's language."""
    if finding["code"] == "missing_days":
        days = [date_format(date.fromisoformat(day), "MONTH_DAY_FORMAT") for day in finding["days"]]
        return ngettext(
            "%(count)d day of the month has no facts: %(days)s.",
            "%(count)d days of the month have no facts: %(days)s.",
            len(days),
        ) % {"count": len(days), "days": ", ".join(days)}
    if finding["code"] == "jumps":
        return gettext(
            "%(moved)d of %(compared)d agencies move by more than one level: %(share)s, where "
            "%(allowed)s is allowed."
        ) % {
            "moved": finding["moved"],
            "compared": finding["compared"],
            "share": percent(Decimal(finding["share"])),
            "allowed": percent(Decimal(finding["allowed"])),
        }
    if finding["code"] == "disputes":
        return ngettext(
            "%(count)d accepted dispute waits for the correction of its data.",
            "%(count)d accepted disputes wait for the correction of their data.",
            finding["disputes"],
        ) % {"count": finding["disputes"]}
    return gettext("The gate found %(code)s.") % {"code": finding["code"]}


def percent(share: Decimal) -> str:
    """A share in per cent, with at most two decimals."""
    rounded = (share * 100).quantize(Decimal("0.01"), ROUND_HALF_UP)
    return f"{rounded.normalize():f}%"


def _would_change(found: Comparison) -> str:
    if not found.changed:
        return gettext("Publication would change no agency.")
    return ngettext(
        "Publication would change %(changed)s of %(agencies)s agency: %(rises)s rise, "
        "%(falls)s fall.",
        "Publication would change %(changed)s of %(agencies)s agencies: %(rises)s rise, "
        "%(falls)s fall.",
        found.agencies,
    ) % _grouped(found)


def _changed(found: Comparison) -> str:
    if not found.changed:
        return gettext("Publication changed no agency.")
    return ngettext(
        "Publication changed %(changed)s of %(agencies)s agency: %(rises)s rose, %(falls)s fell.",
        "Publication changed %(changed)s of %(agencies)s agencies: %(rises)s rose, %(falls)s fell.",
        found.agencies,
    ) % _grouped(found)


def _grouped(found: Comparison) -> dict[str, str]:
    names = ("changed", "agencies", "rises", "falls")
    return {name: f"{getattr(found, name):,}" for name in names}


def _comparison(stored: Mapping[str, Any] | None, *, of_levels: bool) -> Comparison | None:
    if not stored:
        return None
    steps = [(step["from"], step["to"], step["agencies"]) for step in stored["migration"]]
    ways = [(_way(old, new), count) for old, new, count in steps]
    moved = sum(count for way, count in ways if way != "stay")
    return Comparison(
        evaluation=stored["evaluation"],
        month=first_day(stored["month"]),
        revision=stored["revision"],
        agencies=stored["agencies"],
        changed=moved if of_levels else stored["changed"],
        stages=stored["stages"],
        levels=stored["levels"],
        points=stored["points"],
        rises=sum(count for way, count in ways if way == "rise"),
        falls=sum(count for way, count in ways if way == "fall"),
        matrix=_matrix(steps),
    )


def _way(old: str, new: str) -> str:
    """Levels are V1 to V9, so that their keys compare as they rank; observation is beneath V1."""
    if old == new:
        return "stay"
    if {old, new} & {"", Stage.NOVICE}:
        return "other"
    before, now = ("" if each == Stage.OBSERVATION else each for each in (old, new))
    return "rise" if now > before else "fall"


def _matrix(steps: Iterable[tuple[str, str, int]]) -> Matrix:
    found = {(old, new): count for old, new, count in steps}
    before = sorted({old for old, _new in found}, key=_place)
    now = sorted({new for _old, new in found}, key=_place)
    return Matrix(
        columns=tuple(standing_name(each) for each in now),
        rows=tuple(
            MatrixRow(
                label=standing_name(old),
                cells=tuple(Cell(found.get((old, new), 0), _way(old, new)) for new in now),
                agencies=sum(found.get((old, new), 0) for new in now),
            )
            for old in before
        ),
    )


def _place(standing: str) -> tuple[int, str]:
    """No result, novice, observation, then the levels from the lowest up."""
    return {"": 0, Stage.NOVICE.value: 1, Stage.OBSERVATION.value: 2}.get(standing, 3), standing


def standing_name(standing: str) -> str:
    """A level's key, the name of a stage, or that there is no result."""
    if not standing:
        return str(NO_RESULT)
    return str(Stage(standing).label) if standing in Stage.values else standing


def _sums(last_month: Mapping[str, Any]) -> Iterator[PlatformSum]:
    stored = last_month.get("sums", {})
    for key, (name, unit, decimals) in SUM_NAMES.items():
        if key not in stored:
            continue
        before, now = stored[key]
        share = (
            (Decimal(now - before) / abs(before)).quantize(Decimal("0.0001")) if before else None
        )
        yield PlatformSum(
            name=name,
            unit=unit,
            before=Decimal(before).scaleb(-decimals),
            now=Decimal(now).scaleb(-decimals),
            share=share,
        )


def _unusual(last_month: Comparison | None, sums: Iterable[PlatformSum]) -> Iterator[str]:
    if last_month is None:
        return
    month = date_format(last_month.month, "YEAR_MONTH_FORMAT")
    for each in sums:
        if each.unusual and each.share is not None:
            sign = "+" if each.share > 0 else "\N{MINUS SIGN}"
            yield gettext("%(name)s of all agencies together: %(change)s against %(month)s.") % {
                "name": each.name,
                "change": f"{sign}{percent(abs(each.share))}",
                "month": month,
            }
    if last_month.agencies and last_month.stages >= STAGE_SHARE * last_month.agencies:
        yield gettext("%(share)s of the agencies change their stage against %(month)s.") % {
            "share": percent(Decimal(last_month.stages) / last_month.agencies),
            "month": month,
        }

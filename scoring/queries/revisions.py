"""Two revisions side by side: who stands elsewhere, by how much, and which inputs differ."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from django.db.models import BooleanField, Count, F, FilteredRelation, Func, Q, QuerySet
from django.db.models.functions import Abs, Coalesce
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from agencies.enums import Stage
from agencies.models import Agency
from scoring.models import Evaluation, FactPart
from scoring.rulebook import DIMENSIONS, INDICATOR_KEYS
from scoring.wording import INDICATOR_NAMES

FIELDS: Final = ("stage", "level", "credit", *DIMENSIONS, "total")
ZERO: Final = Decimal(0)

# What the list is narrowed down to.
CHANGED, LEVELS, RISES, FALLS, ALL = "", "levels", "rises", "falls", "all"


@dataclass(frozen=True)
class Pair:
    """An agency in both revisions; a side without a result has None everywhere."""

    agency_id: int
    code: str
    name: str
    before: dict[str, Any]
    now: dict[str, Any]

    @property
    def changes(self) -> dict[str, Decimal | None]:
        """The change of each dimension and of the total, in points; None where one is missing."""
        return {key: _change(self.before[key], self.now[key]) for key in (*DIMENSIONS, "total")}

    @property
    def change(self) -> Decimal | None:
        """The change of the total."""
        return self.changes["total"]

    @property
    def moved_by(self) -> tuple[Promise, Decimal] | None:
        """The indicator whose points moved most, with its change; None where none did."""
        key, change = self.strongest
        return (INDICATOR_NAMES[key], change) if key else None

    @property
    def strongest(self) -> tuple[str, Decimal]:
        """The key of that indicator and its change in points; ("", 0) where none moved."""
        before, now = (_points(side["indicators"]) for side in (self.before, self.now))
        moved = [(key, now.get(key, ZERO) - before.get(key, ZERO)) for key in INDICATOR_KEYS]
        key, change = max(moved, key=lambda each: abs(each[1]))
        return (key, change) if change else ("", ZERO)

    @property
    def stage_before(self) -> str | Promise:
        return _stage(self.before["stage"])

    @property
    def stage(self) -> str | Promise:
        return _stage(self.now["stage"])


def pairs(now: Evaluation, before: Evaluation, *, show: str = CHANGED) -> QuerySet[Agency]:
    """The agencies of both revisions, the largest change of the total first.

    `show` narrows to those whose stage, level or points changed, whose level or stage changed,
    whose level rose or fell, or to nothing. `pairs_on` reads a page
    of it, `pairs_in` all of its rows.
    """
    # one filter: each further one would join both revisions once more
    found = Agency.objects.annotate(now=_of(now), before=_of(before)).filter(
        (Q(now__isnull=False) | Q(before__isnull=False)) & _NARROWED[show]
    )
    distance = Coalesce(Abs(F("now__total") - F("before__total")), ZERO)
    return found.annotate(distance=distance).order_by("-distance", "code")


def searched(found: QuerySet[Agency], text: str) -> QuerySet[Agency]:
    """Those whose code begins with the text, or whose name holds it."""
    return found.filter(Q(code__startswith=text) | Q(name__icontains=text)) if text else found


def pairs_on(page: QuerySet[Agency], now: Evaluation, before: Evaluation) -> list[Pair]:
    """The rows of one page of such a list; sorting it does not carry what only the page shows."""
    keys = list(page.values_list("pk", flat=True))
    return list(pairs_in(pairs(now, before, show=ALL).filter(pk__in=keys)))


def pairs_in(found: QuerySet[Agency]) -> Iterator[Pair]:
    """The rows of such a list, read a thousand at a time."""
    columns = [f"{side}__{name}" for side in ("before", "now") for name in (*FIELDS, "indicators")]
    rows = found.values("pk", "code", "name", *columns)
    for row in rows.iterator(chunk_size=1_000):
        sides = {
            side: {name: row[f"{side}__{name}"] for name in (*FIELDS, "indicators")}
            for side in ("before", "now")
        }
        yield Pair(row["pk"], row["code"], row["name"], **sides)


@dataclass(frozen=True)
class Totals:
    """How many agencies two revisions hold, and how many differ in what.

    `moved` changed level or stage; `credit` is a difference that need not change anything else.
    """

    agencies: int
    changed: int
    moved: int
    points: int
    rises: int
    falls: int
    credit: int
    appeared: int
    gone: int

    def shown(self, show: str) -> int:
        """How many rows a list narrowed down like this has."""
        return {
            CHANGED: self.changed,
            LEVELS: self.moved,
            RISES: self.rises,
            FALLS: self.falls,
            ALL: self.agencies,
        }[show]


def totals_of(now: Evaluation, before: Evaluation) -> Totals:
    """The counts of a comparison. One query over both revisions."""
    conditions = {
        "changed": _NARROWED[CHANGED],
        "moved": _NARROWED[LEVELS],
        "points": _differs(*DIMENSIONS),
        "rises": _NARROWED[RISES],
        "falls": _NARROWED[FALLS],
        "credit": Q(now__isnull=False, before__isnull=False) & _differs("credit"),
        "appeared": Q(before__isnull=True),
        "gone": Q(now__isnull=True),
    }
    counted = {key: Count("pk", filter=condition) for key, condition in conditions.items()}
    found = pairs(now, before, show=ALL).order_by().aggregate(agencies=Count("pk"), **counted)
    return Totals(**found)


@dataclass(frozen=True)
class Inputs:
    """Which of the four frozen inputs of two revisions differ, with what is known of it."""

    rulebook: bool
    bindings: bool
    agencies: bool
    days: tuple[date, ...]
    same_month: bool

    @property
    def any(self) -> bool:
        return bool(self.rulebook or self.bindings or self.agencies or self.days)


def inputs_apart(now: Evaluation, before: Evaluation) -> Inputs:
    """What two revisions were computed from, compared; days are told of one month only.

    The agencies' snapshots hold who is in scope, with credit and points under appeal. One query
    for revisions of one month.
    """
    same_month = now.month == before.month
    return Inputs(
        rulebook=now.rulebook_id != before.rulebook_id,
        bindings=now.inputs.get("bindings") != before.inputs.get("bindings"),
        agencies=any(
            now.inputs.get(name) != before.inputs.get(name) for name in ("agencies", "appeals")
        ),
        days=_days_apart(now, before) if same_month else (),
        same_month=same_month,
    )


def _days_apart(now: Evaluation, before: Evaluation) -> tuple[date, ...]:
    frozen = FactPart.objects.filter(evaluations__in=[now, before]).order_by("day")
    sides: dict[int, set[tuple[date, str]]] = {now.pk: set(), before.pk: set()}
    for evaluation, day, sha256 in frozen.values_list("evaluations", "day", "sha256"):
        if evaluation in sides:
            sides[evaluation].add((day, sha256))
    return tuple(sorted({day for day, _content in sides[now.pk] ^ sides[before.pk]}))


def _of(evaluation: Evaluation) -> FilteredRelation:
    return FilteredRelation("assessments", condition=Q(assessments__evaluation=evaluation))


class _Distinct(Func):
    """Whether two values differ, where nothing is a value like any other."""

    arg_joiner = " IS DISTINCT FROM "
    template = "%(expressions)s"
    output_field = BooleanField()


def _differs(*names: str) -> Q:
    """Whether any of these differs, a missing result from every result."""
    found = Q()
    for name in names:
        found |= Q(_Distinct(F(f"now__{name}"), F(f"before__{name}")))
    return found


def _rises(now: str, before: str) -> Q:
    """A higher level, or one after the observation stage; keys compare as they rank."""
    ranked = [Stage.ASSESSED, Stage.OBSERVATION]
    return Q(
        **{
            f"{now}__stage__in": ranked,
            f"{before}__stage__in": ranked,
            f"{now}__level__gt": F(f"{before}__level"),
        }
    )


_NARROWED: Final[dict[str, Q]] = {
    ALL: Q(),
    CHANGED: _differs("stage", "level", *DIMENSIONS),
    LEVELS: _differs("stage", "level"),
    RISES: _rises("now", "before"),
    FALLS: _rises("before", "now"),
}
SHOWN: Final[dict[str, Promise]] = {
    CHANGED: _("Everything that changed"),
    LEVELS: _("Changes of level or stage only"),
    RISES: _("Rises only"),
    FALLS: _("Falls only"),
    ALL: _("All agencies"),
}


def _change(before: Decimal | None, now: Decimal | None) -> Decimal | None:
    return None if before is None or now is None else now - before


def _points(indicators: dict[str, dict[str, str]] | None) -> dict[str, Decimal]:
    return {key: Decimal(entry["points"]) for key, entry in (indicators or {}).items()}


def _stage(stage: str | None) -> str | Promise:
    return Stage(stage).label if stage else _("No result")

"""The gate's report as sentences and tables for the people who decide on a publication."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext, ngettext

from agencies.enums import Stage
from scoring.enums import EvaluationState
from scoring.models import Evaluation


@dataclass(frozen=True)
class Count:
    """How many agencies are in a stage or on a level."""

    label: str
    agencies: int


@dataclass(frozen=True)
class GateReport:
    """What the gate said of a computed revision; `passed` is None before it was computed.

    `moves` holds the agencies that change their level, not those that keep it.
    """

    passed: bool | None
    findings: list[str]
    stages: list[Count]
    levels: list[Count]
    moves: list[dict[str, Any]]

    @property
    def verdict(self) -> str:
        """One word for lists."""
        if self.passed is None:
            return gettext("not checked yet")
        return gettext("passed") if self.passed else gettext("held")


def gate_report(evaluation: Evaluation) -> GateReport:
    """The report stored with the evaluation, readable; empty where none is stored."""
    stored = evaluation.gate
    return GateReport(
        passed=stored.get("passed"),
        findings=[finding_sentence(finding) for finding in stored.get("findings", [])],
        stages=[
            Count(str(stage.label), stored["stages"][stage.value])
            for stage in Stage
            if stage.value in stored.get("stages", {})
        ],
        levels=[Count(key, number) for key, number in sorted(stored.get("levels", {}).items())],
        moves=[move for move in stored.get("moves", []) if move["from"] != move["to"]],
    )


def is_held(evaluation: Evaluation) -> bool:
    """Whether a computed revision waits because the gate found something."""
    return evaluation.state == EvaluationState.COMPUTED and evaluation.gate.get("passed") is False


def finding_sentence(finding: dict[str, Any]) -> str:
    """One finding in the reader's language."""
    if finding["code"] == "missing_days":
        days = finding["days"]
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
            "share": _percent(finding["share"]),
            "allowed": _percent(finding["allowed"]),
        }
    return gettext("The gate found %(code)s.") % {"code": finding["code"]}


def _percent(share: str) -> str:
    return f"{(Decimal(share) * 100).normalize():f} %"

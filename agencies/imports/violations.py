"""The violations file: cases that were decided elsewhere, with the credit they cost."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from agencies.actions.removal import propose_removals_at_zero
from agencies.enums import FileKind, ViolationKind
from agencies.files import columns
from agencies.files.columns import Check, FileSpec
from agencies.files.staging import Staging
from agencies.imports.frame import FileImport, Occasion, lock_imports
from agencies.imports.incoming import Incoming
from agencies.ledger import Deduction, deduct
from agencies.models import Violation
from agencies.policy import conduct_policies
from agencies.signals import Changed, history_changed

HIGHEST_POINTS = 1_000_000
# A change of more cases than this is named by their number only.
MOST_NAMED = 20
FOUND = {"agency": "bigint", "stored": "bigint"}
SAME_VALUES = ("kind", "occurred_on", "decided_on", "points", "summary")


class ViolationImport(FileImport):
    """Records decided cases and takes their points on the day of the decision.

    1. A case number that is stored with the same values changes nothing; with others it is
       rejected.
    2. Rejected: an unknown agency, a kind that the rulebook of the decision's month does not know,
       a decision before the agency joined, before the day it occurred, or in the future.
    3. Where the credit is 0 afterwards, the agency's removal is proposed (P, docs/rules.md §7).
    """

    kind = FileKind.VIOLATIONS

    def spec(self, today: date) -> FileSpec:
        return FileSpec(
            columns=(
                columns.code("agency_code"),
                columns.text("kind", required=True, longest=32),
                columns.day("occurred_on"),
                columns.day("decided_on", until=today.isoformat(), future="is in the future"),
                columns.whole("points", required=True, high=HIGHEST_POINTS, sql_type="INTEGER"),
                columns.text("summary", required=True, longest=2000, lines=True),
                columns.text("reference", required=True, longest=64),
            ),
            key=("reference",),
            row_checks=(
                Check(
                    "decided_on < occurred_on",
                    "'decided_on: ' || decided_on || ' is before it occurred, on ' || occurred_on",
                ),
            ),
        )

    def apply(self, staged: Staging, occasion: Occasion) -> None:
        lock_imports(FileKind.AGENCIES)  # both lock agencies, in orders of their own
        incoming = Incoming(staged, FOUND)
        _look_up(incoming)
        _reject_unknown(incoming)
        _reject_rewritten(incoming)
        _reject_unknown_kinds(incoming)
        _insert(incoming, occasion)
        incoming.hand_back()


def _look_up(incoming: Incoming) -> None:
    incoming.run(
        """
        UPDATE incoming SET agency = found.agency, stored = found.stored
        FROM (
            SELECT line, agency.id AS agency, violation.id AS stored
            FROM incoming
            LEFT JOIN agencies_agency AS agency ON agency.code = incoming.agency_code
            LEFT JOIN agencies_violation AS violation ON violation.reference = incoming.reference
        ) AS found
        WHERE found.line = incoming.line
        """
    )


def _reject_unknown(incoming: Incoming) -> None:
    incoming.reject(
        "agency IS NULL",
        "'agency_code: there is no agency ' || agency_code || '; import the agencies first'",
    )
    incoming.reject(
        "agency.id = incoming.agency AND incoming.decided_on < agency.joined_on",
        "'decided_on: ' || incoming.decided_on || ' is before the agency joined on '"
        " || agency.joined_on",
        source="agencies_agency AS agency",
    )


def _reject_rewritten(incoming: Incoming) -> None:
    differing = "concat_ws(', ', {})".format(
        ", ".join(
            f"CASE WHEN stored.{column} <> incoming.{value} THEN '{name}' END"
            for column, value, name in [
                ("agency_id", "agency", "agency_code"),
                *((name, name, name) for name in SAME_VALUES),
            ]
        )
    )
    incoming.reject(
        f"stored.id = incoming.stored AND {differing} <> ''",
        f"'reference: case ' || incoming.reference || ' is stored with another ' || {differing}"
        " || '; a file cannot change history'",
        source="agencies_violation AS stored",
    )


def _reject_unknown_kinds(incoming: Incoming) -> None:
    months = incoming.rows(
        "SELECT DISTINCT date_trunc('month', decided_on)::date FROM incoming"
        " WHERE reason IS NULL AND stored IS NULL"
    )
    policies = conduct_policies(month for (month,) in months)
    known = [
        (month, kind)
        for month, policy in policies.items()
        for kind in sorted(policy.kinds & set(ViolationKind.values))
    ]
    incoming.reject(
        """
        stored IS NULL AND NOT EXISTS (
            SELECT FROM unnest(%(months)s::date[], %(kinds)s::text[]) AS known(month, kind)
            WHERE known.month = date_trunc('month', decided_on)::date
                AND known.kind = incoming.kind
        )
        """,
        "'kind: the rulebook of ' || to_char(decided_on, 'YYYY-MM') || ' knows no kind \"'"
        " || kind || '\"'",
        values={"months": [month for month, _ in known], "kinds": [kind for _, kind in known]},
    )


def _insert(incoming: Incoming, occasion: Occasion) -> None:
    days = incoming.rows(
        "SELECT DISTINCT decided_on FROM incoming WHERE reason IS NULL AND stored IS NULL"
    )
    policies = conduct_policies(day for (day,) in days)
    stored = incoming.rows(
        """
        INSERT INTO agencies_violation
            (agency_id, kind, occurred_on, decided_on, appeal_until, points, summary, reference,
             created_at)
        SELECT agency, kind, occurred_on, decided_on, decided_on + appeal.days, points, summary,
            reference, %s
        FROM incoming JOIN unnest(%s::date[], %s::int[]) AS appeal(decided_on, days)
            USING (decided_on)
        WHERE reason IS NULL AND stored IS NULL ORDER BY reference
        RETURNING id, agency_id, points, decided_on, reference
        """,
        [occasion.now, list(policies), [policies[day].appeal_days for day in policies]],
    )
    if not stored:
        return
    deduct(
        [
            Deduction(
                agency_id=agency_id,
                violation_id=violation_id,
                asked=points,
                effective_on=decided_on,
                reference=reference,
            )
            for violation_id, agency_id, points, decided_on, reference in stored
        ],
        at=occasion.now,
        by_id=occasion.by.pk if occasion.by else None,
    )
    propose_removals_at_zero({agency_id for _, agency_id, *_ in stored}, at=occasion.now)
    first = min(decided_on for _, _, _, decided_on, _ in stored)
    references = [reference for *_, reference in stored]
    what, about = Changed.CREDIT, _about(references)
    history_changed.send(sender=Violation, first=first, last=None, what=what, about=about)


def _about(references: Sequence[str]) -> dict[str, Any]:
    """The cases by their numbers where they are few, and how many there are."""
    named = {"references": list(references)} if len(references) <= MOST_NAMED else {}
    return {"cases": len(references), **named}

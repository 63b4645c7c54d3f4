"""The bindings file: which creator was bound to which agency, as history."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from agencies.enums import FileKind
from agencies.files import columns
from agencies.files.columns import Check, FileSpec
from agencies.files.staging import Staging
from agencies.imports.frame import FileImport, Occasion
from agencies.imports.incoming import Incoming
from agencies.models import Binding
from agencies.signals import Changed, history_changed

SPEC = FileSpec(
    columns=(
        columns.code("agency_code"),
        columns.code("creator_id"),
        columns.day("bound_from"),
        columns.day("bound_until", required=False),
    ),
    key=("agency_code", "creator_id", "bound_from"),
    row_checks=(
        Check(
            "bound_until <= bound_from",
            "'bound_until: ' || bound_until || ' is not after bound_from; it is the first day"
            " that is not bound any more'",
        ),
    ),
)
# First day, last day, how many bindings; no first: nothing, no last: open.
Span = tuple[date | None, date | None, int]
FOUND = {"agency": "bigint", "creator": "bigint", "stored": "bigint", "stored_until": "date"}
OVERLAPPING = """
    SELECT line, 'creator_id: bindings of creator ' || creator_id || ' overlap within this file;'
        || ' leave those that are right'
    FROM (
        SELECT line, creator_id, bound_from, ends,
            max(ends) OVER (
                PARTITION BY creator_id ORDER BY bound_from, line
                ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
            ) AS ends_before,
            min(bound_from) OVER (
                PARTITION BY creator_id ORDER BY bound_from, line
                ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING
            ) AS starts_after
        FROM (
            SELECT *, coalesce(bound_until, DATE 'infinity') AS ends
            FROM staged WHERE reason IS NULL
        )
    )
    WHERE ends_before > bound_from OR starts_after < ends
"""


class BindingImport(FileImport):
    """Records bindings as they were; caps and bans of the day are not applied.

    1. The same binding again changes nothing; an end closes one that is stored open, before the
       file's new bindings are looked at. Any other change of a stored one is rejected.
    2. Rejected: an unknown agency or creator, a start before the agency joined, an overlap with a
       stored binding of the creator, days on which the agency is removed, and all of one creator
       that overlap within the file.

    Locks the agencies by id.
    """

    kind = FileKind.BINDINGS

    def spec(self, today: date) -> FileSpec:
        return SPEC

    def check(self, staged: Staging) -> None:
        super().check(staged)
        staged.reject(OVERLAPPING)

    def apply(self, staged: Staging, occasion: Occasion) -> None:
        incoming = Incoming(staged, FOUND)
        _look_up(incoming)
        _lock_agencies(incoming)
        _look_up_stored(incoming)
        _reject_unknown(incoming)
        _reject_removed(incoming)
        _reject_rewritten(incoming)
        spans = [_close(incoming)]
        _reject_overlapping(incoming)
        spans.append(_insert(incoming, occasion))
        incoming.hand_back()
        _announce([span for span in spans if span[0] is not None])


def _look_up(incoming: Incoming) -> None:
    incoming.run(
        """
        UPDATE incoming SET agency = found.agency, creator = found.creator
        FROM (
            SELECT line, agency.id AS agency, creator.id AS creator
            FROM incoming
            LEFT JOIN agencies_agency AS agency ON agency.code = incoming.agency_code
            LEFT JOIN agencies_creator AS creator ON creator.creator_id = incoming.creator_id
                AND creator.introduced_on IS NOT NULL
        ) AS found
        WHERE found.line = incoming.line
        """
    )


def _look_up_stored(incoming: Incoming) -> None:
    """Under the agencies' locks, so that nobody ends these bindings meanwhile."""
    incoming.run(
        """
        UPDATE incoming SET stored = binding.id, stored_until = binding.bound_until
        FROM agencies_binding AS binding
        WHERE binding.agency_id = incoming.agency AND binding.creator_id = incoming.creator
            AND binding.bound_from = incoming.bound_from
        """
    )


def _reject_unknown(incoming: Incoming) -> None:
    incoming.reject(
        "agency IS NULL",
        "'agency_code: there is no agency ' || agency_code || '; import the agencies first'",
    )
    incoming.reject(
        "creator IS NULL",
        "'creator_id: there is no creator ' || creator_id || '; import the creators first'",
    )
    incoming.reject(
        "agency.id = incoming.agency AND incoming.bound_from < agency.joined_on",
        "'bound_from: ' || incoming.bound_from || ' is before the agency joined on '"
        " || agency.joined_on",
        source="agencies_agency AS agency",
    )


def _lock_agencies(incoming: Incoming) -> None:
    """Nobody is removed while the file is applied; everybody locks agencies in this order."""
    incoming.rows(
        "SELECT FROM agencies_agency WHERE id IN (SELECT agency FROM incoming)"
        " ORDER BY id FOR NO KEY UPDATE"
    )


def _reject_removed(incoming: Incoming) -> None:
    incoming.reject(
        """
        incoming.stored IS NULL AND agency.id = incoming.agency
        AND coalesce(incoming.bound_until, 'infinity') > agency.removed_on
        """,
        "'bound_until: the agency was removed on ' || agency.removed_on"
        " || '; its bindings end on that day at the latest'",
        source="agencies_agency AS agency",
    )


def _reject_rewritten(incoming: Incoming) -> None:
    if "bound_until" not in incoming.present:
        return
    incoming.reject(
        "stored_until IS NOT NULL AND bound_until IS DISTINCT FROM stored_until",
        "'bound_until: this binding is stored with the end ' || stored_until"
        " || '; a file cannot change history'",
    )


def _close(incoming: Incoming) -> Span:
    """End stored open bindings; from which day on creators are not bound any more, how many."""
    [span] = incoming.rows(
        """
        WITH closed AS (
            UPDATE agencies_binding AS binding SET bound_until = incoming.bound_until
            FROM incoming
            WHERE incoming.reason IS NULL AND binding.id = incoming.stored
                AND binding.bound_until IS NULL AND incoming.bound_until IS NOT NULL
            RETURNING binding.bound_until
        )
        SELECT min(bound_until), NULL::date, count(*) FROM closed
        """
    )
    return span


def _reject_overlapping(incoming: Incoming) -> None:
    incoming.reject(
        """
        incoming.stored IS NULL AND binding.creator_id = incoming.creator
        AND daterange(binding.bound_from, binding.bound_until)
            && daterange(incoming.bound_from, incoming.bound_until)
        """,
        "'bound_from: creator ' || incoming.creator_id || ' is bound to agency '"
        " || (SELECT code FROM agencies_agency WHERE id = binding.agency_id) || ' from '"
        " || binding.bound_from || coalesce(' until ' || binding.bound_until, ' with no end')"
        " || '; the days overlap'",
        source="agencies_binding AS binding",
    )


def _insert(incoming: Incoming, occasion: Occasion) -> Span:
    """Store new bindings; the first and the last day that is bound now, how many."""
    [span] = incoming.rows(
        """
        WITH bound AS (
            INSERT INTO agencies_binding
                (agency_id, creator_id, bound_from, bound_until, created_at)
            SELECT agency, creator, bound_from, bound_until, %s FROM incoming
            WHERE reason IS NULL AND stored IS NULL ORDER BY creator, bound_from
            RETURNING bound_from, bound_until
        )
        SELECT min(bound_from),
            CASE WHEN count(*) = count(bound_until) THEN max(bound_until) - 1 END, count(*)
        FROM bound
        """,
        [occasion.now],
    )
    return span


def _announce(spans: Sequence[Span]) -> None:
    """Send the days whose bindings changed up to whoever computed with them."""
    if not spans:
        return
    lasts = [last for _, last, _ in spans]
    history_changed.send(
        sender=Binding,
        first=min(first for first, _, _ in spans if first),
        last=None if None in lasts else max(last for last in lasts if last),
        what=Changed.BINDINGS,
        about={"bindings": sum(number for _, _, number in spans)},
    )

"""News that are found again and again, and told once."""

from __future__ import annotations

from collections.abc import Sequence

from portal.models import OutboxEntry


def tell_once(entries: Sequence[OutboxEntry]) -> int:
    """Keep those of some news whose `once` the agency was not told yet; how many. Two queries.

    Whoever tells the same at the same moment: the constraint lets one of both through.
    """
    names = {each.once for each in entries}
    agencies = {each.agency_id for each in entries}
    known = OutboxEntry.objects.filter(agency__in=agencies, once__in=names)
    told = set(known.values_list("agency_id", "once"))
    fresh = [each for each in entries if (each.agency_id, each.once) not in told]
    OutboxEntry.objects.bulk_create(fresh, ignore_conflicts=True)
    return len(fresh)

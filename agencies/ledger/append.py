"""The one way into the ledger: numbered, sealed and stored under the agencies' locks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db import connection

from agencies.ledger.seal import head_seal, line_seal
from agencies.models import Agency, CreditEntry

BATCH = 5_000


def lock(agency_ids: Iterable[int]) -> None:
    """Lock agencies in the order of their ids until the transaction ends."""
    agencies = Agency.objects.select_for_update(no_key=True).filter(id__in=set(agency_ids))
    list(agencies.order_by("id").values_list("id"))


def append(entries: Sequence[CreditEntry]) -> None:
    """Number, seal and store entries after the last ones of their agencies, and move the heads.

    Locks the agencies; entries of one agency keep the order given.
    """
    ids = sorted({entry.agency_id for entry in entries})
    if not ids:
        return
    agencies = Agency.objects.select_for_update(no_key=True).filter(id__in=ids).order_by("id")
    length = dict(agencies.values_list("id", "ledger_length"))
    last = dict(
        CreditEntry.objects.filter(agency_id__in=ids)
        .order_by("agency_id", "-number")
        .distinct("agency_id")
        .values_list("agency_id", "seal")
    )
    for entry in entries:
        agency_id = entry.agency_id
        length[agency_id] += 1
        entry.number = length[agency_id]
        entry.seal = last[agency_id] = line_seal(entry, last.get(agency_id, ""))
    CreditEntry.objects.bulk_create(entries, batch_size=BATCH)
    heads = [head_seal(agency_id, length[agency_id], last[agency_id]) for agency_id in ids]
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE agencies_agency SET ledger_length = new.length, ledger_seal = new.seal"
            " FROM unnest(%s::bigint[], %s::int[], %s::text[]) AS new(id, length, seal)"
            " WHERE agencies_agency.id = new.id",
            [ids, [length[agency_id] for agency_id in ids], heads],
        )

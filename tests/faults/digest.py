"""Everything that must come out the same, in one digest."""

from __future__ import annotations

import hashlib
import io

from django.core.management import call_command

from agencies.models import Agency, Binding, CreditEntry
from rankings.models import BoardKind
from scoring.models import CreatorContribution, Evaluation


def platform_digest() -> str:
    """Levels, scores, boards, ledger, bindings and contributions of the platform."""
    text = io.StringIO()
    for evaluation in Evaluation.objects.published().order_by("month"):
        month = f"{evaluation.month:%Y-%m}"
        call_command("export_assessments", month, stdout=text)
        for kind in BoardKind.values:
            call_command("export_board", kind, month, stdout=text)
        rows = CreatorContribution.objects.filter(evaluation=evaluation)
        for row in rows.order_by("agency_id", "creator_id").values_list():
            text.write(f"{row[2:]}\n")
    for model, fields in (
        (Agency, ("code", "stage", "level", "level_since", "binding_cap", "followers_below")),
        (CreditEntry, ("agency__code", "number", "kind", "points", "effective_on")),
        (Binding, ("agency__code", "creator__creator_id", "bound_from", "bound_until")),
    ):
        for row in model.objects.order_by(*fields).values_list(*fields):
            text.write(f"{row}\n")
    return hashlib.sha256(text.getvalue().encode()).hexdigest()

"""The keyed chain over an agency's entries.

Each line is sealed together with the seal before it, so an edit, an insertion or a removal breaks
every seal that follows. The head (length and last seal) is sealed under another label and kept on
the agency, so that cutting off the newest lines shows too: no earlier head is stored anywhere.
"""

from __future__ import annotations

import hmac
import json
from datetime import UTC
from hashlib import sha256

from django.conf import settings

from agencies.models import CreditEntry


def _mac(label: str, fields: list[object]) -> str:
    message = json.dumps([label, *fields], ensure_ascii=True, separators=(",", ":"))
    return hmac.new(settings.LEDGER_KEY.encode(), message.encode(), sha256).hexdigest()


def line_seal(entry: CreditEntry, previous: str) -> str:
    """The seal of a line that follows the line sealed as `previous` ("" for the first)."""
    return _mac(
        "credit-line",
        [
            previous,
            entry.agency_id,
            entry.number,
            entry.kind,
            entry.asked,
            entry.points,
            entry.effective_on.isoformat(),
            entry.violation_id,
            entry.reverses_id,
            entry.reason,
            entry.actor_id,
            entry.created_at.astimezone(UTC).isoformat(timespec="microseconds"),
            # a later field: lines without it are sealed as they always were
            *([] if entry.adjusts_id is None else [entry.adjusts_id]),
        ],
    )


def head_seal(agency_id: int, length: int, last: str) -> str:
    """The seal of a whole ledger: how long it is and how it ends."""
    return _mac("credit-head", [agency_id, length, last])

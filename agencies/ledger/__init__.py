"""The credit ledger: the only code that writes `CreditEntry` (docs/rules.md §7)."""

from agencies.ledger.balance import balances_on, takeable
from agencies.ledger.corrections import AFTER_REVOCATION, reverse
from agencies.ledger.forecast import Preview, preview
from agencies.ledger.gifts import award, restore_due
from agencies.ledger.lines import lines_of, running
from agencies.ledger.verify import Finding, verify
from agencies.ledger.write import Deduction, deduct, open_ledgers

__all__ = [
    "AFTER_REVOCATION",
    "Deduction",
    "Finding",
    "Preview",
    "award",
    "balances_on",
    "deduct",
    "lines_of",
    "open_ledgers",
    "preview",
    "restore_due",
    "reverse",
    "running",
    "takeable",
    "verify",
]

"""The credit ledger: the only code that writes `CreditEntry` (docs/rules.md §7)."""

from agencies.ledger.balance import balances_on, takeable
from agencies.ledger.verify import Finding, verify
from agencies.ledger.write import Deduction, deduct, open_ledgers

__all__ = [
    "Deduction",
    "Finding",
    "balances_on",
    "deduct",
    "open_ledgers",
    "takeable",
    "verify",
]

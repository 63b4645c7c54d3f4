"""A slow, exact reference of the monthly level, independent of the product's code."""

from tests.reference.assess import assess, assess_exactly, assess_months, percentiles
from tests.reference.boards import boards
from tests.reference.edges import write_edges
from tests.reference.inputs import Platform
from tests.reference.ledger import ledgers

__all__ = [
    "Platform",
    "assess",
    "assess_exactly",
    "assess_months",
    "boards",
    "ledgers",
    "percentiles",
    "write_edges",
]

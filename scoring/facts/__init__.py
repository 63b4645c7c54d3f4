"""Facts: imported files as immutable parts per day, listed in the manifest."""

from scoring.facts.coverage import data_through, missing_days
from scoring.facts.importing import FactImport
from scoring.facts.pruning import prune_parts

__all__ = ["FactImport", "data_through", "missing_days", "prune_parts"]

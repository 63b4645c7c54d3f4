"""The pages of staff for rulebooks, facts, evaluations and their results."""

from scoring.admin import evaluation, levers, results, sources

__all__ = ["evaluation", "levers", "results", "sources"]

"""The pages of staff for rulebooks, facts, evaluations and their results."""

from scoring.admin import evaluation, results, sources

__all__ = ["evaluation", "results", "sources"]

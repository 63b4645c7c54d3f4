"""News that the level sends up inside its transactions (docs/signals.md lists who listens)."""

from django.dispatch import Signal

# A month was published: sent with `evaluation: Evaluation` and `at: datetime`.
evaluation_published = Signal()

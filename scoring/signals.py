"""News that the level sends up inside its transactions (docs/signals.md lists who listens)."""

from django.dispatch import Signal

# Facts were imported: sent with `days: list[date]`, the days whose content changed, and
# `at: datetime`.
facts_imported = Signal()

# A month was published: sent with `evaluation: Evaluation` and `at: datetime`.
evaluation_published = Signal()

# Something that every agency should read: sent with `news: News`, `about: dict` of plain values for
# the sentence, and `at: datetime`. Whoever listens tells those that have not left by that day.
agencies_told = Signal()

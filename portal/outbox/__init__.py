"""What the house has to tell: news in the reader's words, links carried to whoever they are for."""

from portal.outbox.delivery import deliver_due, due_entries, pause_after
from portal.outbox.news import Told, Words, told, words

__all__ = ["Told", "Words", "deliver_due", "due_entries", "pause_after", "told", "words"]

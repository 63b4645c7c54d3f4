"""What the house has to tell: news in the reader's words, links carried to whoever they are for."""

from portal.outbox.carrying import pause_after
from portal.outbox.delivery import deliver_due, due_entries
from portal.outbox.news import Told, Words, told, words

__all__ = ["Told", "Words", "deliver_due", "due_entries", "pause_after", "told", "words"]

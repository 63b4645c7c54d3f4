"""News that conduct sends up inside its transactions (docs/signals.md lists who listens)."""

from django.dispatch import Signal

# Credit or bound days changed on days that may already be published:
# sent with `first: date` and `last: date | None` (inclusive, None for an open end).
history_changed = Signal()

# A staff member opened something of an agency in the admin: sent with `actor`, `path: str`,
# `label: str`, `agency_id: int | None` and `at: datetime`, before the page is shown.
staff_looked = Signal()

# Something happened that an agency should read: sent with `agency_id: int`, `news: News`,
# `about: dict` of plain values for the sentence, and `at: datetime`.
agency_news = Signal()

# A creator is to get a link: sent with `link: CreatorLink` and `at: datetime`. Whoever listens
# delivers it to the creator's own contact or the platform's webhook.
creator_link_made = Signal()

# A person is to get an invitation: sent with `invitation: Invitation` and `at: datetime`. Whoever
# listens mails the link to the invited address.
invitation_made = Signal()

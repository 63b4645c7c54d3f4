"""News that conduct sends up inside its transactions (docs/signals.md lists who listens)."""

from enum import StrEnum

from django.dispatch import Signal


class Changed(StrEnum):
    """What `history_changed` speaks of; `APPEAL` is credit that a won appeal gave back."""

    BINDINGS = "bindings"
    CREDIT = "credit"
    APPEAL = "appeal"
    AGENCIES = "agencies"


# Credit, bound days or membership changed on days that may already be published: sent with
# `first: date`, `last: date | None` (inclusive, None for an open end), `what: Changed`, and
# `about: dict` of plain values that name it: `references` of cases, the number of `creators`,
# `bindings`, `agencies` or `cases`, and `boards` where places on boards are concerned.
history_changed = Signal()

# An agency objected to decisions, or got verdicts on them: sent with `agency_id: int`,
# `references: list[str]` of the cases, `first: date` (the earliest day of these decisions) and
# `at: datetime`. A verdict is sent before what follows from it.
appeal_filed = Signal()
appeal_decided = Signal()

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

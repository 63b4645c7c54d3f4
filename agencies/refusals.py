"""Why something is not done, as a sentence for whoever asked."""

from __future__ import annotations

from datetime import date


class Refused(Exception):
    """The step is not taken; the message says why, and until when where that is known.

    `rule` names the rule for programs ("cap", "followers", …), `until` the first day on which the
    step may succeed again.
    """

    def __init__(self, message: str, *, rule: str = "", until: date | None = None) -> None:
        super().__init__(message)
        self.rule = rule
        self.until = until

"""What a new password must be, beyond Django's own rules."""

from __future__ import annotations

from django.contrib.auth.password_validation import MinimumLengthValidator
from django.utils.translation import ngettext


class MinimumLength(MinimumLengthValidator):
    """Django's rule, with a sentence that exists in both languages of the portal."""

    def get_error_message(self) -> str:
        return ngettext(
            "This password is too short: it needs at least %(number)d character.",
            "This password is too short: it needs at least %(number)d characters.",
            self.min_length,
        ) % {"number": self.min_length}

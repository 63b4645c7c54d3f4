"""Names and addresses that people type and others read: one line, and nothing unseen in it."""

from __future__ import annotations

import re
from typing import Final
from unicodedata import category

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

# What the tables of addresses hold.
LONGEST_EMAIL: Final = 254
# Control characters, signs that nobody sees (writing direction among them), ends of lines.
_UNSEEN: Final = frozenset({"Cc", "Cf", "Zl", "Zp"})
NOT_AN_ADDRESS: Final = _("This is not an e-mail address: name@example.com is one.")


def check_one_line(text: str) -> None:
    """Refuse a name that would break its line, or turn the reading direction of what follows."""
    if any(category(each) in _UNSEEN for each in text):
        raise ValidationError(
            _("Write the name in one line, without invisible characters."), code="unseen"
        )


def one_line(text: str) -> str:
    """The text in one line, blanks for what is unseen: for mails, where a line can be a lie."""
    seen = "".join(" " if category(each) in _UNSEEN else each for each in text)
    return re.sub(r"\s+", " ", seen).strip()


def plain_email(text: str) -> str:
    """An e-mail address as we keep it, in lower case; raises ValidationError(code="invalid").

    1. No quoted local part, nothing unseen, nothing that this Python cannot put in lower case.
    2. At most 254 characters after that: lower case may be longer.
    3. The domain is one that mail programs write as it stands, so that no mail goes to another.
    """
    email = text.strip().lower()
    plain = email.isprintable() and not email.startswith('"') and len(email) <= LONGEST_EMAIL
    if not plain or not _is_address(email):
        raise ValidationError(NOT_AN_ADDRESS, code="invalid")
    return email


def _is_address(email: str) -> bool:
    try:
        validate_email(email)
        domain = email.rpartition("@")[2]
        return domain.isascii() or domain.encode("idna").decode("idna") == domain
    except (ValidationError, UnicodeError):
        return False

"""Links that stop mails: what they name, signed, so that nobody stops another's mails."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from django.core import signing

from portal.enums import Topic
from portal.models import User

SALT: Final = "portal.mail_stop"


@dataclass(frozen=True)
class Stop:
    """What a stopping link of a mail names: whose mails, and of which topics."""

    user_id: int
    topics: tuple[Topic, ...]


def stop_token(user: User, topics: Collection[Topic]) -> str:
    """A token for the links of a mail: with it anybody may stop these mails, and nothing else.

    It needs no sign-in and does not expire: whoever got the mail may stop it years later.
    """
    named = [topic.value for topic in Topic if topic in topics]
    return signing.Signer(salt=SALT).sign_object([user.pk, named])


def stop_of(token: str) -> Stop | None:
    """What a token stops; None for one that is not ours. No query."""
    try:
        user_id, named = signing.Signer(salt=SALT).unsign_object(token)
        return Stop(int(user_id), tuple(Topic(each) for each in named))
    except (signing.BadSignature, ValueError, TypeError):
        return None

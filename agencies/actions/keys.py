"""What the address of a single-use link carries: a random number and a signature over it."""

from __future__ import annotations

from uuid import UUID

from django.core.signing import BadSignature, Signer
from django.utils.translation import gettext as _

from agencies.refusals import Refused


def sealed(nonce: UUID, *, salt: str) -> str:
    """The number with its signature; `salt` names the kind of link."""
    return _signer(salt).sign(nonce.hex)


def unsealed(token: str, *, salt: str) -> UUID:
    """The number that a token carries; raises Refused(rule="bad_link") where it is not of ours."""
    try:
        return UUID(hex=_signer(salt).unsign(token))
    except (BadSignature, ValueError):
        raise bad_link() from None


def bad_link() -> Refused:
    """The refusal of an address that no link of ours has."""
    return Refused(
        _("This is not a link of ours. Check that the address was copied as a whole."),
        rule="bad_link",
    )


def _signer(salt: str) -> Signer:
    # a point, since mail programs end an address at a colon
    return Signer(sep=".", salt=salt)

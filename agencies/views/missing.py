"""What was there a moment ago and is not any more."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404


@contextmanager
def missing_is_404() -> Iterator[None]:
    """Answer 404 for what somebody else took away between looking and acting."""
    try:
        yield
    except ObjectDoesNotExist as missing:
        raise Http404 from missing

"""What pages are called where somebody reads which ones were looked at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Final
from urllib.parse import unquote

from django import template
from django.apps import apps
from django.urls import Resolver404, resolve
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.context_processors import AFTER_BOARDS, BEFORE_BOARDS, DESK, PUBLIC

register = template.Library()

# Pages that the navigation has not, or under another name.
OTHERS: Final[dict[str, Promise]] = {
    "movement": gettext_lazy("Why the score moved"),
    "receipt": gettext_lazy("Score receipt"),
    "simulator": gettext_lazy("Simulator"),
    "certificate": gettext_lazy("Certificate"),
    "board": gettext_lazy("Boards"),
    "violation": gettext_lazy("Case"),
    "creator": gettext_lazy("Creator"),
    "dispute": gettext_lazy("Dispute"),
    "consultations": gettext_lazy("Consultations"),
    "help": gettext_lazy("Help"),
    "question": gettext_lazy("Question"),
    "events": gettext_lazy("Events"),
    "star-source": gettext_lazy("Star Source plan"),
    "looks": gettext_lazy("When the platform looked"),
    "staff-agencies": gettext_lazy("Agencies"),
    "staff-agency": gettext_lazy("Agency at a glance"),
    "staff-why": gettext_lazy("Why this level"),
    "staff-see": gettext_lazy("Began to see the agency's pages"),
    "staff-looks": gettext_lazy("Who looked at what"),
    "staff-questions": gettext_lazy("Questions"),
    "staff-question": gettext_lazy("Question"),
}


@register.filter
def page_name(path: str) -> str:
    """What a page is called, in the reader's language, from its address; parameters do not count.

    1. A page without a name of its own goes by the nearest page above it that has one.
    2. A page of the administration goes by its table.
    """
    for above in _upwards(unquote(path.partition("?")[0])):
        try:
            found = resolve(above)
        except Resolver404:
            continue
        if found.app_name == "admin":
            return _("Administration: %(table)s") % {"table": _table(str(found.url_name))}
        name = _names().get(str(found.url_name))
        if name:
            return str(name)
    return _("Another page")


def _upwards(path: str) -> Iterator[str]:
    """The address and those above it, without the front page."""
    parts = path.strip("/").split("/")
    for length in range(len(parts), 0, -1):
        yield f"/{'/'.join(parts[:length])}/"


def _table(name: str) -> str:
    """The table of a page of the administration, by the page's name: `app_table_step`."""
    app, _underscore, rest = name.partition("_")
    try:
        model = apps.get_model(app, rest.rpartition("_")[0])
    except (LookupError, ValueError):
        return _("Overview")
    return str(model._meta.verbose_name_plural)


@cache
def _names() -> Mapping[str, str | Promise]:
    """Names by those of the addresses: the navigation's, then the others."""
    pages = (*BEFORE_BOARDS, *AFTER_BOARDS, *PUBLIC, *DESK)
    named: dict[str, str | Promise] = {str(page[1]): page[0] for page in pages}
    return {**named, **OTHERS}

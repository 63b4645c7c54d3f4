"""The groups that give the platform's people their rights."""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from operator import or_

from django.contrib.auth.models import Group, Permission
from django.db.models import Q

SUPPORT = "support"
OPERATIONS = "operations"

_READABLE = ("agencies", "scoring", "rankings")
# What the house keeps of questions, people and events; readable for both groups.
_READ_IN_THE_HOUSE = (
    *("view_question", "view_helparticle", "view_cannedanswer", "view_contactperson"),
    *("view_event", "view_servicetarget"),
)
_ANSWERED = ("answer_question", "see_as_agency", "manage_help")
_OPERATED = {
    "agencies": (
        "change_agency",
        "add_membership",
        "change_membership",
        "delete_membership",
        "decide_violation",
        "review_appeal",
        "grant_honour",
        "manage_binding",
        "publish_notice",
        "manage_star_source",
    ),
    "scoring": (
        "add_evaluation",
        "publish_evaluation",
        "change_levertext",
        "manage_rulebook",
        "answer_dispute",
        "import_files",
    ),
    "portal": (
        *("view_user", "add_user", "change_user", "view_heartbeat", "view_outboxentry"),
        *("view_newsmail", "change_newsmail", "view_stafflook", "manage_service", "manage_event"),
    ),
}


def create_roles() -> None:
    """Create the two groups with exactly their rights; runs after every migration.

    1. Support reads everything of agencies, level and boards, and changes nothing of it; it answers
       questions, writes public and prepared answers, and sees what an agency sees.
    2. Operations may do the same, runs the Star Source plan, events and the desk itself, keeps
       contact data, members and people up to date, decides cases and bindings, imports files,
       answers disputes, drafts rules, and asks for and publishes evaluations. Whoever is to be
       staff is a superuser's decision.
    """
    readable = Q(content_type__app_label__in=_READABLE, codename__startswith="view_") | _named(
        "portal", (*_READ_IN_THE_HOUSE, *_ANSWERED)
    )
    operated = reduce(or_, (_named(app, names) for app, names in _OPERATED.items()))
    for name, rights in ((SUPPORT, readable), (OPERATIONS, readable | operated)):
        group, _ = Group.objects.get_or_create(name=name)
        group.permissions.set(Permission.objects.filter(rights))


def _named(app: str, codenames: Iterable[str]) -> Q:
    return Q(content_type__app_label=app, codename__in=codenames)

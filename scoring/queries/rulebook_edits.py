"""Who changed a draft of the rulebook, when, and what that changed in the rules."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from itertools import pairwise
from typing import Any, TypeVar

from django.contrib.auth import get_user_model
from django.utils.translation import gettext as _

from scoring.models import RulebookVersion
from scoring.queries.rules import Change, changes
from scoring.queries.rules.clause import in_language
from scoring.rulebook import Rulebook, parse

PER_PAGE = 10
Told = TypeVar("Told", str, date)


@dataclass(frozen=True)
class Edit:
    """One kept state of a version, as it came to be.

    `first` is the oldest state that is kept. `renamed`, `titled`, `moved` and `state` hold what was
    before and what is now where version name, title, first month or state differ; `rules` is what
    reads otherwise than before, `rewritten` a text that changed without changing any of these.
    """

    at: datetime
    who: str
    first: bool
    renamed: tuple[str, str] | None = None
    titled: tuple[str, str] | None = None
    moved: tuple[date, date] | None = None
    state: tuple[str, str] | None = None
    rules: tuple[Change, ...] = ()
    rewritten: bool = False

    @property
    def silent(self) -> bool:
        """Whether nothing of it can be told here, as who proposed a version."""
        told = (self.renamed, self.titled, self.moved, self.state, self.rules)
        return not (self.first or self.rewritten or any(told))


@dataclass(frozen=True)
class Edits:
    """A page of edits, the newest first; `older` says whether there are more before them."""

    edits: tuple[Edit, ...]
    older: bool


def edits_of(version: RulebookVersion, *, page: int = 1) -> Edits:
    """Ten kept states of a version, the newest first, each with what it changed.

    1. Kept by the database itself, also for changes that were made past the portal.
    2. A state is compared with the one before it; nothing is said of a first one.

    Two queries.
    """
    begin = PER_PAGE * (page - 1)
    # two more than are shown: one to compare the oldest with, both to know of further ones
    rows = list(_events(version)[begin : begin + PER_PAGE + 1])
    people = _people(rows)
    newest_first = [_edit(new, old, people) for new, old in pairwise(rows)]
    older = len(rows) > PER_PAGE
    if rows and not older:
        newest_first.append(Edit(rows[-1].pgh_created_at, _who(rows[-1], people), first=True))
    return Edits(tuple(newest_first), older)


def last_edit(version: RulebookVersion) -> Edit:
    """When a version came to be as it is, and by whom; two queries."""
    row = _events(version).first()
    if row is None:  # stored before its history was kept
        return Edit(version.created_at, str(version.actor or _nobody()), first=True)
    return Edit(row.pgh_created_at, _who(row, _people([row])), first=row.pgh_label == "insert")


def _events(version: RulebookVersion) -> Any:
    events: Any = RulebookVersion.pgh_event_model  # type: ignore[attr-defined] # set by tracking
    found = events.objects.filter(pgh_obj_id=version.pk).select_related("pgh_context")
    return found.order_by("-pgh_id")


def _edit(new: Any, old: Any, people: dict[int, str]) -> Edit:
    before, now = _rules(old.text), _rules(new.text)
    rules = changes(before, now)
    renamed = _differing(old.version, new.version)
    titled = _differing(in_language(before.title), in_language(now.title))
    moved = _differing(old.effective_from, new.effective_from)
    return Edit(
        at=new.pgh_created_at,
        who=_who(new, people),
        first=False,
        renamed=renamed,
        titled=titled,
        moved=moved,
        state=_differing(old.get_state_display(), new.get_state_display()),
        rules=rules,
        rewritten=old.text != new.text and not (rules or renamed or titled or moved),
    )


def _differing(old: Told, new: Told) -> tuple[Told, Told] | None:
    return (old, new) if old != new else None


@lru_cache(maxsize=64)
def _rules(text: str) -> Rulebook:
    return parse(text)


def _people(rows: Iterable[Any]) -> dict[int, str]:
    ids = [actor for row in rows if (actor := _actor(row)) is not None]
    return {user.pk: str(user) for user in get_user_model()._default_manager.filter(pk__in=ids)}


def _actor(row: Any) -> int | None:
    return row.pgh_context.metadata.get("user") if row.pgh_context else None


def _who(row: Any, people: dict[int, str]) -> str:
    return people.get(_actor(row) or 0, "") or _nobody()


def _nobody() -> str:
    return _("no person of the portal: a job, a command or SQL")

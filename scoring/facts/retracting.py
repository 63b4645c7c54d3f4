"""Taking back an import of facts: its days are again as they were before it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agencies.enums import FileKind, ImportOutcome
from agencies.imports.frame import lock_imports
from agencies.models import ImportedFile
from agencies.refusals import Refused
from scoring.enums import DisputeState
from scoring.facts.importing import tell_of_changed_days
from scoring.facts.pruning import KEPT_SUPERSEDED
from scoring.models import Dispute, FactPart, Retraction

if TYPE_CHECKING:
    from portal.models import User

MOST_NAMED = 5


@dataclass(frozen=True)
class Return:
    """What a day returns to: the part that was current before, or none.

    `part` is what the import made of the day: the one that is current, or was until another came.
    """

    part: FactPart
    before: FactPart | None

    @property
    def current(self) -> bool:
        """Whether the day still is as the import made it."""
        return self.part.superseded_at is None

    @property
    def changes(self) -> bool:
        """Whether the day's content becomes another one."""
        return self.before is None or self.before.sha256 != self.part.sha256


@dataclass(frozen=True)
class Prospect:
    """What taking an import back would do, and why it cannot be done where there is a refusal.

    `returns` has each day that the import wrote, also where there is one.
    """

    returns: tuple[Return, ...]
    refusal: Refused | None

    @property
    def emptied(self) -> int:
        """How many days would have no facts any more."""
        return sum(each.before is None for each in self.returns)

    @property
    def months(self) -> list[date]:
        """The months of the days whose facts would change."""
        changed = {each.part.day.replace(day=1) for each in self.returns if each.changes}
        return sorted(changed)


def restorable_until(imported: ImportedFile) -> datetime:
    """Until when the files that an import replaced are kept at least (D, docs/rules.md §2)."""
    return imported.started_at + KEPT_SUPERSEDED


def prospect(imported: ImportedFile) -> Prospect:
    """What taking the import back would do as things are; nothing is locked or written.

    `imported` should come with its `retraction__actor`; then at most four queries.
    """
    if imported.kind != FileKind.FACTS or imported.outcome != ImportOutcome.APPLIED:
        return Prospect((), _not_facts())
    returns = _returns(imported)
    taken: Retraction | None = getattr(imported, "retraction", None)
    if taken is not None:
        return Prospect(returns, _taken_before(taken))
    return Prospect(returns, _obstacle(imported, returns))


@transaction.atomic
def retract(*, imported_id: int, reason: str, by: User, at: datetime) -> Retraction:
    """Take an import of facts back (D, docs/rules.md §2).

    1. Every day that it wrote returns to the part before it, as a new row of the manifest that
       `copies` that part; a day that had none has none again.
    2. Creators that it brought along and their numbers of followers stay: the next file of
       creators says them anew.
    3. Months of days whose facts change are marked as stale, and the news goes up.
    4. Disputes that it corrected wait for their correction again: they hold their month.
    5. The same file may be imported again afterwards.

    Raises Refused: it is no applied import of facts, was taken back, changed nothing, later imports
    build on it, or a file that it replaced is gone. Locks imports of facts until the commit.
    """
    lock_imports(FileKind.FACTS)
    imported = ImportedFile.objects.select_related("retraction__actor").get(pk=imported_id)
    found = prospect(imported)
    if found.refusal is not None:
        raise found.refusal
    retraction = Retraction.objects.create(
        imported=imported, reason=reason, days=len(found.returns), at=at, actor=by
    )
    FactPart.objects.filter(pk__in=[each.part.pk for each in found.returns]).update(
        superseded_at=at
    )
    FactPart.objects.bulk_create(
        _brought_back(each.before, over=each.part, at=at) for each in found.returns if each.before
    )
    Dispute.objects.filter(corrected_by=imported).update(
        state=DisputeState.ACCEPTED, corrected_by=None, corrected_at=None
    )
    changed = [each.part.day for each in found.returns if each.changes]
    about = {"retracted": imported.pk, "file": imported.name}
    tell_of_changed_days(changed, at=at, about=about)
    return retraction


def _brought_back(before: FactPart, *, over: FactPart, at: datetime) -> FactPart:
    return FactPart(
        day=before.day,
        sha256=before.sha256,
        rows=before.rows,
        size=before.size,
        imported_file_id=before.imported_file_id,
        replaces=over,
        # the part that an import wrote, never another copy: it knows what came before it
        copies_id=before.copies_id or before.pk,
        created_at=at,
    )


def _returns(imported: ImportedFile) -> tuple[Return, ...]:
    """The import's days by day, those built upon included: with the part before its own."""
    own = imported.fact_parts.filter(copies=None).select_related("replaces").order_by("day")
    current = {part.day: part for part in FactPart.objects.current().filter(imported_file=imported)}
    return tuple(Return(current.get(part.day, part), part.replaces) for part in own)


def _obstacle(imported: ImportedFile, returns: Sequence[Return]) -> Refused | None:
    if not returns:
        return Refused(
            _("%(file)s changed no day: there is nothing to take back.") % {"file": imported.name},
            rule="nothing",
        )
    built_upon = [each.part.day for each in returns if not each.current]
    if built_upon:
        return _built_upon(imported, built_upon)
    gone = [
        each.before.day
        for each in returns
        if each.before and not (settings.FACTS_DIR / each.before.path).is_file()
    ]
    return _gone(gone) if gone else None


def _not_facts() -> Refused:
    return Refused(
        _(
            "Only an import of promotion facts that was applied can be taken back. Agencies and"
            " creators are put right by importing the corrected file, bindings at the binding desk,"
            " violations by revoking the case."
        ),
        rule="not_facts",
    )


def _taken_before(taken: Retraction) -> Refused:
    day = date_format(timezone.localtime(taken.at), "DATE_FORMAT")
    return Refused(
        _("%(person)s took this import back on %(day)s.") % {"person": taken.actor, "day": day},
        rule="taken_back",
    )


def _built_upon(imported: ImportedFile, days: Sequence[date]) -> Refused:
    """Names the later imports, the newest first: the order in which they are to be taken back."""
    # they are registered one after the other, under the lock of their kind
    later = ImportedFile.objects.filter(
        pk__gt=imported.pk, fact_parts__day__in=days, retraction=None
    )
    names = [each.name for each in later.order_by("-id").distinct()]
    return Refused(
        ngettext(
            "A later import builds on this one: %(files)s. Take that one back first.",
            "Later imports build on this one: %(files)s. Take them back first, in this order.",
            len(names),
        )
        % {"files": _listed(names)},
        rule="built_upon",
    )


def _gone(days: Sequence[date]) -> Refused:
    return Refused(
        _(
            "What these days held before is not stored any more: %(days)s. It is kept for"
            " %(kept)s days. Import a corrected file of them instead."
        )
        % {
            "days": _listed(date_format(day, "DATE_FORMAT") for day in days),
            "kept": KEPT_SUPERSEDED // timedelta(days=1),
        },
        rule="gone",
    )


def _listed(names: Iterable[str]) -> str:
    listed = list(names)
    shown = ", ".join(listed[:MOST_NAMED])
    return f"{shown}, …" if len(listed) > MOST_NAMED else shown

"""Writing rules: drafts of the rulebook, until they are shown to anybody (docs/rules.md §12)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING

import pghistory
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from agencies.refusals import Refused
from scoring.enums import RulebookState
from scoring.models import RulebookVersion
from scoring.months import first_day
from scoring.queries.rulebook_edits import last_edit
from scoring.rulebook import Rulebook, parse
from scoring.rulebook_text import toml_of
from scoring.rulebook_versions import VersionTaken, store_rulebook

if TYPE_CHECKING:
    from portal.models import User

GONE, NOT_DRAFT, CHANGED, TAKEN = "gone", "not_draft", "changed", "version_taken"


def copy_as_draft(
    *, version_id: int, new_version: str, effective_from: str, at: datetime, by: User
) -> RulebookVersion:
    """Begin a draft with the rules of any version, under a name and a first month of its own.

    1. `effective_from` is the first data month, "YYYY-MM"; all other rules are the copied ones.
    2. Asked twice for the same copy, there is one draft.
    3. A version is no copy of itself, and one that agencies were asked about is no draft: both are
       refused as a name that is taken.

    Raises Refused where the version is gone or its new name is taken, and
    scoring.rulebook.RulebookError for a name or a month that no rulebook may have.
    """
    source = RulebookVersion.objects.filter(pk=version_id).first()
    if source is None:
        raise _gone()
    rules = replace(source.rulebook, version=new_version, effective_from=effective_from)
    draft, _new = import_draft(text=toml_of(rules), at=at, by=by)
    if draft.pk == source.pk or draft.state != RulebookState.DRAFT:
        raise _taken(new_version)
    return draft


def import_draft(*, text: str, at: datetime, by: User) -> tuple[RulebookVersion, bool]:
    """Store the text of a rulebook file as a draft; the version, and whether it is new.

    The text is kept as it came, comments included, until a form changes the draft.

    Raises scoring.rulebook.RulebookError with every fault of the text, and Refused where another
    text has its version name.
    """
    try:
        with pghistory.context(user=by.pk):
            return store_rulebook(text, at=at, by=by)
    except VersionTaken:
        raise _taken(parse(text).version) from None


@transaction.atomic
def change_part(
    *, version_id: int, rulebook: Rulebook, seen_sha256: str, by: User
) -> RulebookVersion:
    """Replace the rules of a draft by those of a form, if nobody changed it since it was seen.

    1. `seen_sha256` is the content that the form was filled from. If the draft has another by now,
       nothing is written: the refusal says who changed it and when.
    2. What is equal to the stored rules changes nothing, so that a form sent twice acts once.
    3. The whole rulebook is valid or nothing is stored.

    Locks the version. Raises Refused, and scoring.rulebook.RulebookError with every fault.
    """
    draft = _locked_draft(version_id)
    if rulebook == draft.rulebook:
        return draft
    if draft.sha256 != seen_sha256:
        raise Refused(_who_changed(draft), rule=CHANGED)
    text = toml_of(rulebook)
    rules = parse(text)
    draft.text, draft.sha256 = text, sha256(text.encode()).hexdigest()
    draft.version, draft.effective_from = rules.version, first_day(rules.effective_from)
    try:
        with pghistory.context(user=by.pk), transaction.atomic():
            draft.save(update_fields=["text", "sha256", "version", "effective_from"])
    except IntegrityError:
        raise _taken(rules.version) from None
    return draft


@transaction.atomic
def discard_draft(*, version_id: int, by: User) -> str:
    """Delete a draft with its back-tests; its last text stays in the history. Its version name.

    Locks the version and then its back-tests: the write of a month that is under way is waited for,
    and no result is left without its test. Raises Refused where the version is gone or is no draft
    any more.
    """
    draft = _locked_draft(version_id)
    list(draft.back_tests.order_by("pk").select_for_update().values_list("pk"))
    with pghistory.context(user=by.pk):
        draft.delete()
    return draft.version


def _locked_draft(version_id: int) -> RulebookVersion:
    found = RulebookVersion.objects.select_for_update().filter(pk=version_id).first()
    if found is None:
        raise _gone()
    if found.state != RulebookState.DRAFT:
        raise Refused(
            _(
                "Version %(version)s is no draft any more (%(state)s): its rules stay as they are."
                " Copy it as a new draft to change them."
            )
            % {"version": found.version, "state": found.get_state_display()},
            rule=NOT_DRAFT,
        )
    return found


def _gone() -> Refused:
    return Refused(_("This version is gone: somebody discarded the draft."), rule=GONE)


def _taken(version: str) -> Refused:
    return Refused(
        _(
            "The version name %(version)s is taken by other rules: give this draft a name of its"
            " own."
        )
        % {"version": version},
        rule=TAKEN,
    )


def _who_changed(draft: RulebookVersion) -> str:
    edit = last_edit(draft)
    told = {"who": edit.who, "when": date_format(timezone.localtime(edit.at), "DATETIME_FORMAT")}
    return (
        _(
            "Nothing was kept: this draft has changed since you opened the form (%(who)s,"
            " %(when)s). Open it anew, look at what changed, and make your change again."
        )
        % told
    )

"""Removing files of facts that nothing counts on any more."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction

from agencies.enums import FileKind
from agencies.imports.frame import imports_idle
from scoring.enums import EvaluationState
from scoring.facts.parts import UNFINISHED
from scoring.models import FactPart
from scoring.models.evaluation import OPEN

KEPT_SUPERSEDED = timedelta(days=7)
KEPT_STRAY = timedelta(days=1)
NAMING = [*OPEN, EvaluationState.PUBLISHED]
PART_NAME = re.compile(r"\d\d-[0-9a-f]{64}\.parquet")


@transaction.atomic
def prune_parts(now: datetime) -> int:
    """Remove files that are not needed; how many. The manifest's rows stay for the trace.

    1. Parts superseded more than 7 days ago that no running, computed or published evaluation
       names; a file that another needed part shares stays.
    2. Files without a row in the manifest, or unfinished, that are older than a day: an import
       was killed.

    Keeps facts imports out until the commit; while one is under way nothing is removed.
    """
    if not imports_idle(FileKind.FACTS):
        return 0
    due = list(
        FactPart.objects.filter(
            superseded_at__lt=now - KEPT_SUPERSEDED, file_removed_at__isnull=True
        ).exclude(evaluations__state__in=NAMING)
    )
    ids = [part.pk for part in due]
    others = FactPart.objects.filter(file_removed_at__isnull=True).exclude(pk__in=ids)
    needed = {part.path for part in others.only("day", "sha256")}
    unneeded = {part.path for part in due} - needed
    FactPart.objects.filter(pk__in=ids).update(file_removed_at=now)
    strays = set(_strays(settings.FACTS_DIR, now - KEPT_STRAY)) - needed
    removed = 0
    for path in sorted(unneeded | strays):
        file = settings.FACTS_DIR / path
        removed += file.exists()
        file.unlink(missing_ok=True)
    return removed


def _strays(directory: Path, before: datetime) -> Iterator[str]:
    """Part files and unfinished ones last written before that time, named or not."""
    for path in directory.glob("[0-9][0-9][0-9][0-9]/[0-9][0-9]/*"):
        if not (PART_NAME.fullmatch(path.name) or path.name.endswith(UNFINISHED)):
            continue
        if datetime.fromtimestamp(path.stat().st_mtime, UTC) < before:
            yield path.relative_to(directory).as_posix()

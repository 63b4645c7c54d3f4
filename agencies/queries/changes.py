"""What was changed in a row, by whom, whichever way it was done: SQL by hand included."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.apps import apps
from django.contrib.auth import get_user_model
from django.db import models
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from pghistory.models import Events

MOST = 200


@dataclass(frozen=True)
class FieldChange:
    """One column, before and after, as people read it."""

    name: str
    before: str
    after: str


@dataclass(frozen=True)
class Change:
    """One change of a row; `fields` is empty for what was created or deleted as a whole.

    `who` says so where no person of the portal did it: a job, a command, or SQL by hand.
    """

    at: datetime
    who: str
    label: str
    fields: tuple[FieldChange, ...]
    what: str


def changes_of(row: models.Model, *, with_parts: bool = False) -> list[Change]:
    """The kept changes of a row, newest first, at most 200 of them; two queries.

    `with_parts` adds at most 200 changes of the rows that refer to it (the measures of a violation,
    its entries in public notices), deleted ones included, by one query more. Only tracked tables
    keep changes.
    """
    found = _newest(Events.objects.tracks(row))
    if with_parts:
        # by their slug, as the row's own changes are among those of its parts
        every = {event.pgh_slug: event for event in _newest(Events.objects.references(row))}
        every |= {event.pgh_slug: event for event in found}
        found = sorted(every.values(), key=_age, reverse=True)
    people = _people(found)
    return [_change(event, people) for event in found]


def _newest(events: models.QuerySet[Any]) -> list[Any]:
    return list(events.order_by("-pgh_created_at", "-pgh_id")[:MOST])


def _age(event: Any) -> tuple[datetime, int]:
    return event.pgh_created_at, event.pgh_id


def _change(event: Any, people: Mapping[Any, str]) -> Change:
    model = apps.get_model(event.pgh_obj_model)
    labels = {"insert": _("Created"), "update": _("Changed"), "delete": _("Deleted")}
    actor = (event.pgh_context or {}).get("user")
    return Change(
        at=event.pgh_created_at,
        who=people.get(actor, "") or _("no person of the portal: a job, a command or SQL"),
        label=labels.get(event.pgh_label, event.pgh_label),
        fields=tuple(_fields(model, event.pgh_diff or {}, people)),
        what=capfirst(model._meta.verbose_name),
    )


def _fields(
    model: type[models.Model], diff: Mapping[str, list[Any]], people: Mapping[int, str]
) -> Iterable[FieldChange]:
    for field in model._meta.concrete_fields:
        if str(field.column) in diff:
            before, after = diff[str(field.column)]
            name = str(field.verbose_name)
            yield FieldChange(name, _told(field, before, people), _told(field, after, people))


def _told(field: models.Field[Any, Any], value: Any, people: Mapping[int, str]) -> str:
    if value in (None, ""):
        return "–"
    if field.choices:
        return str(dict(field.flatchoices).get(value, value))
    if field.is_relation:
        return people.get(value, f"#{value}") if _is_person(field) else f"#{value}"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(field, models.DateTimeField):
        return date_format(timezone.localtime(field.to_python(value)), "DATETIME_FORMAT")
    if isinstance(field, models.DateField):
        return date_format(field.to_python(value), "DATE_FORMAT")
    return str(value)


def _is_person(field: models.Field[Any, Any]) -> bool:
    return field.related_model is get_user_model()


def _people(events: Iterable[Any]) -> dict[int, str]:
    """The names of everybody who acts or is named in some changes, in one query."""
    ids: set[Any] = {(event.pgh_context or {}).get("user") for event in events}
    for event in events:
        model = apps.get_model(event.pgh_obj_model)
        columns = {field.column for field in model._meta.concrete_fields if _is_person(field)}
        for column, pair in (event.pgh_diff or {}).items():
            ids |= set(pair) if column in columns else set()
    users = get_user_model()._default_manager.filter(pk__in=ids - {None})
    return {user.pk: str(user) for user in users}

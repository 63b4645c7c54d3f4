"""What a browser sends back of a form over a part of a rulebook."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import QueryDict

from scoring.forms.rulebook_part import PartForm
from scoring.forms.rulebook_parts import form_of, part_of
from scoring.rulebook import Rulebook

Sent = dict[str, Any]


def sent(form: PartForm, **changed: Any) -> Sent:
    """Every field as the page shows it, with some of them typed otherwise; None leaves one out."""
    found: Sent = {}
    for each in [form, *(form.rows.forms if form.rows is not None else [])]:
        found |= _of(each)
    if form.rows is not None:
        found |= _of(form.rows.management_form)
    found |= changed
    return {name: value for name, value in found.items() if value is not None}


def _of(form: forms.BaseForm) -> Sent:
    found: Sent = {}
    for bound in form:
        value = bound.value()
        if isinstance(bound.field, forms.BooleanField):
            value = "on" if value else None
        found[bound.html_name] = "" if value is None and not _ticked(bound) else value
    return found


def _ticked(bound: forms.BoundField) -> bool:
    return isinstance(bound.field, (forms.BooleanField, forms.MultipleChoiceField))


def posted(data: Sent) -> QueryDict:
    """The same as the server reads it."""
    query = QueryDict(mutable=True)
    for name, value in data.items():
        query.setlist(name, [str(each) for each in (value if isinstance(value, list) else [value])])
    return query


def filled(book: Rulebook, name: str, key: str = "", **changed: Any) -> PartForm:
    """The form of a part, sent back with some fields typed otherwise."""
    part = part_of(name, key)
    assert part is not None
    return form_of(part, book, posted(sent(form_of(part, book), **changed)))

"""What every form over a part of a rulebook does alike."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar, cast

from django import forms
from django.forms.formsets import DELETION_FIELD_NAME
from django.http import QueryDict
from django.utils.translation import gettext as _

from scoring.rulebook import Rulebook, RulebookError, parse
from scoring.rulebook_text import toml_of

PREFIX = "rows"


class RowSet(forms.BaseFormSet):
    """The rows of a list in a rulebook; one that was left blank or is marked to go is dropped.

    Rows that are read again from a form compare with nothing: all of them may be blank.
    """

    def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
        """Options of a row's form."""
        blank = {} if index is None else {"empty_permitted": True}
        return {**super().get_form_kwargs(index), **blank}

    def kept(self) -> list[forms.Form]:
        """The rows of what was sent that stay, whether they are right or not."""
        return [
            row
            for row in self.forms
            if row.has_changed() and not row.cleaned_data.get(DELETION_FIELD_NAME)
        ]

    def cleaned(self) -> list[dict[str, Any]]:
        """What the rows that stay hold; only where all of them are right."""
        return [row.cleaned_data for row in self.kept()]


def row_set(
    form: type[forms.Form], rows: type[RowSet], *, most: int, fixed: bool = False
) -> type[RowSet]:
    """The rows of a part, each of them a form; at most so many, or exactly the `fixed` ones."""
    made: Any = forms.formset_factory(
        form,
        formset=rows,
        extra=0 if fixed else 1,
        can_delete=not fixed,
        max_num=most,
        validate_max=True,
        absolute_max=most + 20,
    )
    return cast("type[RowSet]", made)


class PartForm(forms.Form):
    """One part of a rulebook; `result` is the whole rulebook with this part exchanged.

    `groups` are its fields under their headings; `rows` its list, where it has one; `look` names
    the template of the rows.
    """

    row_set: ClassVar[type[RowSet] | None] = None
    groups: ClassVar[Sequence[tuple[Any, Sequence[str]]]] = ()
    look: ClassVar[str] = ""

    def __init__(self, rulebook: Rulebook, data: QueryDict | None = None) -> None:
        self.rulebook = rulebook
        super().__init__(data, initial=dict(self.begin()))
        self.rows: RowSet | None = None
        if self.row_set is not None:
            rows = self.begin_rows() if data is None else None
            self.rows = self.row_set(
                data, initial=rows, prefix=PREFIX, form_kwargs=self.row_options()
            )

    def begin(self) -> Mapping[str, Any]:
        """What the fields first show."""
        return {}

    def begin_rows(self) -> list[dict[str, Any]]:
        """What the rows first show."""
        return []

    def row_options(self) -> dict[str, Any]:
        """What the form of a row has to know of the self.rulebook."""
        return {}

    def result(self) -> Rulebook:
        """The rulebook with this part as it was filled in; only of a valid form."""
        raise NotImplementedError

    def is_valid(self) -> bool:
        """Whether fields and rows are right and the whole rulebook with them is, too.

        The checks of the fields come first; what they let through and the file's reader does not
        is told with the reader's own words and place.
        """
        right = super().is_valid()
        if self.rows is not None:
            right = self.rows.is_valid() and right
        if right:
            self.check()
        return right and not self.errors and self._whole_is_valid()

    def check(self) -> None:
        """Refuse, by `add_error`, what only fields and rows together can tell."""

    def _whole_is_valid(self) -> bool:
        try:
            parse(toml_of(self.result()))
        except RulebookError as error:
            for fault in error.faults:
                self.add_error(
                    None,
                    _("The rulebook would not be valid. %(place)s: %(message)s")
                    % {"place": fault.place, "message": fault.message},
                )
            return False
        return True

    @property
    def shown_groups(self) -> Iterator[tuple[Any, list[forms.BoundField]]]:
        """The fields under their headings."""
        for title, names in self.groups:
            yield title, [self[name] for name in names]


def with_one_more_row(data: QueryDict) -> QueryDict:
    """What was typed, and one blank row more at the end."""
    changed = data.copy()
    total = data.get(f"{PREFIX}-TOTAL_FORMS", "")
    if total.isascii() and total.isdecimal() and len(total) < 5:
        changed[f"{PREFIX}-TOTAL_FORMS"] = str(int(total) + 1)
    return changed

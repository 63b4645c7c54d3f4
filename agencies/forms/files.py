"""Several files in one field: evidence of the staff, and what an appeal brings along."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.datastructures import MultiValueDict

from agencies.actions.case_files import refuse_large, refuse_many
from agencies.refusals import Refused


class ManyFiles(forms.FileInput):
    """A field that takes several files at once."""

    allow_multiple_selected = True

    def value_from_datadict(
        self, data: Mapping[str, Any], files: MultiValueDict[str, UploadedFile], name: str
    ) -> list[UploadedFile]:
        return files.getlist(name)


class FilesField(forms.FileField):
    """Some files, perhaps none; what they are is checked by the action that stores them.

    How many and how large they are is asked here, before one of them is read.
    """

    widget = ManyFiles

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        if self.required and not data:
            raise forms.ValidationError(self.error_messages["required"], code="required")
        single = super().clean
        try:
            refuse_many(len(data or []))
            for each in data or []:
                refuse_large(each.name, each.size)
        except Refused as refused:
            raise forms.ValidationError(str(refused), code=refused.rule) from refused
        return [single(each, initial) for each in data or []]

"""The forms of the import centre, and what takes a file in while it is being sent."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.utils.translation import gettext_lazy as _

from agencies.enums import FileKind
from agencies.forms.codes import ReasonField
from agencies.refusals import Refused
from scoring.intake.spool import ENDINGS, Spool, Spooled, clean_name

CHUNK = 1024**2


class SpooledFile(UploadedFile):
    """A file of a form that has arrived on the disk; closing it removes it, unless it was kept."""

    def __init__(self, spooled: Spooled, name: str) -> None:
        super().__init__(name=name, size=spooled.size)
        self.spooled = spooled

    def close(self) -> None:
        self.spooled.drop()


class SpoolingHandler(FileUploadHandler):
    """Writes the file of a form straight to where it waits for its import.

    What makes it impossible is kept in `refused`; the rest of the file is then read past, so that
    the form can be answered.
    """

    chunk_size = CHUNK

    def __init__(self, request: Any = None) -> None:
        super().__init__(request)
        self.refused: Refused | None = None
        self._spool: Spool | None = None

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Begin with a file, if its name and the disk allow it."""
        super().new_file(*args, **kwargs)
        try:
            clean_name(self.file_name or "")
            self._spool = Spool()
        except Refused as refused:
            self._skip(refused)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Write the next piece; nobody else is to keep it."""
        try:
            self._open.write(raw_data)
        except Refused as refused:
            self._skip(refused)

    def file_complete(self, file_size: int) -> UploadedFile | None:
        """The file of the form; nothing where it is empty or the disk is full."""
        spool = self._open
        try:
            spooled = spool.finish()
        except Refused as refused:
            self.refused = refused
            spool.drop()
            return None
        self._spool = None
        return SpooledFile(spooled, self.file_name or "")

    def upload_interrupted(self) -> None:
        """Leave nothing of a file whose sender went away."""
        if self._spool:
            self._spool.drop()

    @property
    def _open(self) -> Spool:
        if self._spool is None:
            raise RuntimeError("There is no file that is being received.")
        return self._spool

    def _skip(self, refused: Refused) -> None:
        self.refused = refused
        self.upload_interrupted()
        raise SkipFile


class UploadForm(forms.Form):
    """A file to be imported; whether it can be is found out by the import itself."""

    kind = forms.ChoiceField(
        label=_("What the file holds"),
        choices=[("", _("Choose …")), *FileKind.choices],
        widget=forms.Select(attrs={"class": "form-select"}),
    )
    file = forms.FileField(
        label=_("File"),
        widget=forms.FileInput(attrs={"class": "form-control", "accept": ",".join(ENDINGS)}),
        error_messages={"required": _("Choose a file.")},
    )
    again = forms.BooleanField(
        label=_("Apply it once more, although the same file was imported before"),
        help_text=_("For promotion facts only: its rows win over all that came after it."),
        required=False,
        widget=forms.CheckboxInput(attrs={"class": "form-check-input"}),
    )


class RetractForm(forms.Form):
    """Why an import is taken back."""

    reason = ReasonField()

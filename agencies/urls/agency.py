"""Addresses for the members of an agency."""

from __future__ import annotations

import re

from django.urls import path, register_converter

from agencies.views import conduct


class CaseNumber:
    """A case number as one part of an address: it may hold any sign but a line end.

    Slashes and dots would make parts of their own, or lead out of the folder.
    """

    regex = "[^/]+"
    written = {"~": "~~", "/": "~s", ".": "~d"}
    signs = {code: sign for sign, code in written.items()}

    def to_python(self, value: str) -> str:
        return re.sub("~[~sd]", lambda found: self.signs[found[0]], value)

    def to_url(self, value: str) -> str:
        return re.sub("[~/.]", lambda found: self.written[found[0]], value)


register_converter(CaseNumber, "case")

urlpatterns = [
    path("conduct/", conduct.conduct, name="conduct"),
    path("conduct/files/<int:pk>/", conduct.case_file, name="case-file"),
    path("conduct/violations/<case:reference>/appeal/", conduct.appeal, name="appeal"),
    path("conduct/violations/<case:reference>/", conduct.violation, name="violation"),
]

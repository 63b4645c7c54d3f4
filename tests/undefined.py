"""Makes a template of ours that prints a variable nobody gave it fail its test."""

from __future__ import annotations

import sys
from pathlib import Path
from types import FrameType

TEMPLATES = str(Path(__file__).resolve().parent.parent / "templates")


class UndefinedVariable(Exception):
    """A template printed, or handed on, a variable that its context does not have."""


class FailsWhereOurs(str):
    """Given to Django as `string_if_invalid`: asked for its text where a variable is missing.

    The stock templates of libraries rely on missing variables being empty; ours must not.
    """

    def __contains__(self, part: object) -> bool:
        return part == "%s"

    def __mod__(self, variable: object) -> str:
        origin = _origin(sys._getframe(1))
        if origin.startswith(TEMPLATES):
            raise UndefinedVariable(f"{variable} in {origin.removeprefix(TEMPLATES)}")
        return ""


def _origin(frame: FrameType | None) -> str:
    """The file of the template node that is being rendered."""
    while frame is not None:
        if frame.f_code.co_name == "render_annotated":
            origin = getattr(frame.f_locals["self"], "origin", None)
            return str(origin.name) if origin else ""
        frame = frame.f_back
    return ""

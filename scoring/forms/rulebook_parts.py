"""Which parts a rulebook has at the desk, and the form of each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from scoring.forms.rulebook import CreditForm, GeneralForm, NamingForm, StagesForm
from scoring.forms.rulebook_curve import IndicatorForm
from scoring.forms.rulebook_lists import BenefitsForm, LevelsForm, ViolationsForm
from scoring.forms.rulebook_part import PartForm
from scoring.rulebook import DIMENSION_OF, INDICATOR_KEYS, Rulebook
from scoring.wording import INDICATOR_NAMES

INDICATOR: Final = "indicator"

_FORMS: Final[Mapping[str, type[PartForm]]] = {
    "naming": NamingForm,
    "stages": StagesForm,
    "levels": LevelsForm,
    "benefits": BenefitsForm,
    "credit": CreditForm,
    "violations": ViolationsForm,
    "general": GeneralForm,
}
_TITLES: Final[Mapping[str, Promise]] = {
    "naming": _("Name, title and first month"),
    "stages": _("Stages"),
    "levels": _("Levels"),
    "benefits": _("Benefits"),
    "credit": _("Credit"),
    "violations": _("Violations and measures"),
    "general": _("Bonus, check, appeals and periods"),
}
# Which parts a section of the readable rules is written in.
_PARTS_OF: Final[Mapping[str, tuple[str, ...]]] = {
    "calendar": ("general",),
    "stages": ("stages",),
    "bonus": ("general",),
    "levels": ("levels", "stages"),
    "benefits": ("benefits",),
    "credit": ("credit",),
    "violations": ("violations",),
    "appeals": ("general",),
    "bindings": ("general",),
    "star-plan": ("general",),
}


@dataclass(frozen=True)
class Part:
    """A part of a rulebook; `key` names the indicator where the part is one."""

    name: str
    key: str

    @property
    def title(self) -> str | Promise:
        """What the part is called."""
        return INDICATOR_NAMES[self.key] if self.key else _TITLES[self.name]

    @property
    def address(self) -> tuple[str, ...]:
        """The part in an address, after the version's pk."""
        return (self.name, self.key) if self.key else (self.name,)


def parts() -> list[Part]:
    """All parts in the order of the rules: names, stages, the nine indicators, what follows."""
    names = list(_FORMS)
    indicators = [Part(INDICATOR, key) for key in INDICATOR_KEYS]
    return [*(Part(name, "") for name in names[:2]), *indicators] + [
        Part(name, "") for name in names[2:]
    ]


def part_of(name: str, key: str) -> Part | None:
    """The part of that address; None where there is none."""
    return next((part for part in parts() if (part.name, part.key) == (name, key)), None)


def parts_of_section(section: str) -> Iterator[Part]:
    """The parts in which a section of the readable rules is written."""
    yield from (Part(INDICATOR, key) for key, of in DIMENSION_OF.items() if of == section)
    yield from (Part(name, "") for name in _PARTS_OF.get(section, ()))


def form_of(part: Part, rulebook: Rulebook, data: QueryDict | None = None) -> PartForm:
    """The form of a part, filled from the rulebook or with what was sent."""
    if part.key:
        return IndicatorForm(rulebook, data, key=part.key)
    return _FORMS[part.name](rulebook, data)

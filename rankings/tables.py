"""The board as a table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from django.core.paginator import Page, Paginator
from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from rankings.models import BoardKind, Place

SCORE_NAMES: Final[dict[str, Promise]] = {
    BoardKind.STRENGTH.value: _("Total"),
    BoardKind.GROWTH.value: _("Growth points"),
}
LEADING: Final = 3


@dataclass(frozen=True)
class PlaceLine:
    """A row of the board: the place with its change and its level as they are drawn."""

    place: Place
    change: SafeString
    level: SafeString
    own: bool

    @property
    def marks(self) -> str:
        """The own row and the first three are marked, for eyes; the own one also in words."""
        leading = ["leading"] if self.place.rank <= LEADING else []
        return " ".join(["own"] * self.own + leading)


@dataclass(frozen=True)
class PlaceTable:
    """Places of one board, in order; the row of the agency `own` is marked.

    The places are those of one page; `page` is that page of the whole list, None where it is all.
    `compared` is whether last month had a board too.
    """

    kind: str
    places: Sequence[Place]
    own: int | None
    compared: bool
    page: Page | None = None

    # What the pages of the list are called in its address.
    prefixed_page_field = "page"

    @property
    def paginator(self) -> Paginator | None:
        return self.page.paginator if self.page else None

    @property
    def score_name(self) -> Promise:
        return SCORE_NAMES[self.kind]

    @property
    def lines(self) -> Iterator[PlaceLine]:
        """Equal changes and levels are drawn once: a page has a hundred rows and few of them."""
        changes: dict[int | None, SafeString] = {}
        levels: dict[str, SafeString] = {}
        for place in self.places:
            change = place.change
            if change not in changes:
                changes[change] = render_to_string(
                    "rankings/_change.html", {"record": place, "compared": self.compared}
                )
            if place.level not in levels:
                levels[place.level] = render_to_string(
                    "_components/level_mark.html", {"value": place.level}
                )
            yield PlaceLine(
                place, changes[change], levels[place.level], place.agency_id == self.own
            )

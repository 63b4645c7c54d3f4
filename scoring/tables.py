"""The columns of the creators' list, for the page and for the file, and the lists of disputes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final, NamedTuple

import django_tables2 as columns
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext, ngettext, pgettext
from django.utils.translation import gettext_lazy as _

from agencies.tables.agency import UNNAMED, OwnTable, stacked
from agencies.tables.cases import WHOLE, CaseTable, day_of, marked
from scoring.enums import DisputeKind, DisputeState
from scoring.models import Dispute
from scoring.queries.contributed import Brought, yuan
from scoring.queries.creators import CreatorRow, Listing, Wanted

# The creator stands first in every list; the others may be left out.
NAMES: Final[dict[str, Promise]] = {
    "settled": _("Settled amount"),
    "orders": _("Settled orders"),
    "showcase": _("Showcase amount"),
    "share": _("Showcase share"),
    "good_goods": _("Good-goods amount"),
    "live": _("Live minutes"),
    "worry_free": _("Worry-free orders"),
    "level": _("Creator level"),
    "reputation": _("Reputation"),
    "days": _("Bound days"),
}
UNITS: Final[dict[str, str]] = {
    "settled": "yuan",
    "showcase": "yuan",
    "good_goods": "yuan",
    "share": "share",
    "reputation": "mean",
}
FILE_COLUMNS: Final = (
    *("month", "creator_id", "nickname", "followers", "bound_from", "bound_until", "bound_days"),
    *("settled_amount", "settled_orders", "showcase_amount", "showcase_share"),
    *("good_goods_amount", "good_goods_share", "live_minutes", "worry_free_orders"),
    *("creator_level", "reputation", "counts_as_l5", "counts_as_showcase_creator"),
)


@dataclass(frozen=True)
class Head:
    """The head of a column: what a click on it orders by, and how the list is ordered now."""

    key: str
    name: str | Promise
    sort: str
    direction: str

    @property
    def glyph(self) -> str:
        """The icon: which way the list is ordered, or that it may be."""
        return {"descending": "arrow-down", "ascending": "arrow-up"}.get(
            self.direction, "arrow-down-up"
        )


class Cell(NamedTuple):
    """A figure of a row; `before` stands before it, `marked` says what it makes the creator.

    The page takes it apart, hundreds of them: looking its parts up by name takes longer.
    """

    name: str | Promise
    value: Decimal | int | None
    unit: str
    before: str = ""
    marked: str = ""


@dataclass(frozen=True)
class Line:
    """A creator with the figures of the chosen columns; `since` and `until` tell of the binding."""

    row: CreatorRow
    since: str
    until: str
    cells: tuple[Cell, ...]


def heads(shown: Iterable[str], wanted: Wanted) -> Iterator[Head]:
    """The heads of the creator and of the chosen columns; figures begin with the highest."""
    for key, name in (("creator", _("Creator")), *((key, NAMES[key]) for key in shown)):
        if key != wanted.sort:
            yield Head(key, name, key if key == "creator" else f"-{key}", "")
        elif wanted.descending:
            yield Head(key, name, key, "descending")
        else:
            yield Head(key, name, f"-{key}", "ascending")


def lines(rows: Iterable[CreatorRow], shown: Iterable[str]) -> Iterator[Line]:
    """The rows with the figures of the chosen columns."""
    # translated once, not once per row
    names = {key: str(NAMES[key]) for key in shown}
    l5, showcase = _("counts as an L5+ creator"), _("counts as a showcase creator")
    marks = {"level": str(l5), "showcase": str(showcase)}
    left, since = gettext("left on %(day)s"), gettext("bound from %(day)s")
    until = gettext("bound until before %(day)s")
    for row in rows:
        figures = _figures(row.brought) if row.brought else {}
        cells = (_cell(key, name, row.brought, figures, marks) for key, name in names.items())
        yield Line(
            row,
            since=_dated(left, row.left_on) or _dated(since, row.bound_from),
            until=_dated(until, row.bound_until),
            cells=tuple(cells),
        )


def sums(listing: Listing, shown: Iterable[str]) -> Iterator[Cell]:
    """The sums over all who were found, as the indicators count them."""
    totals, values = listing.totals, listing.values
    found: dict[str, Decimal | int | None] = {
        "settled": values["settled_amount"],
        "orders": totals.settled_orders,
        "showcase": yuan(totals.showcase_cents),
        "share": values["showcase_share"],
        "good_goods": yuan(totals.good_goods_cents),
        "live": totals.live_minutes,
        "worry_free": totals.worry_free_orders,
        "reputation": values["reputation"],
        "days": totals.creator_days,
    }
    notes = {
        "showcase": ngettext(
            "%(number)s showcase creator", "%(number)s showcase creators", totals.showcase_creators
        )
        % {"number": f"{totals.showcase_creators:,}"},
        "level": ngettext(
            "%(number)s creator at L5 or above",
            "%(number)s creators at L5 or above",
            totals.l5_creators,
        )
        % {"number": f"{totals.l5_creators:,}"},
    }
    for key in shown:
        yield Cell(
            NAMES[key],
            found.get(key),
            UNITS.get(key, "count"),
            marked=notes.get(key, ""),
        )


def file_rows(rows: Iterable[CreatorRow], month: date | None) -> Iterator[tuple[object, ...]]:
    """The rows of the file: amounts in yuan, shares as fractions, flags as 1 and 0."""
    for row in rows:
        until = row.bound_until if row.binding_id else row.left_on
        yield (
            f"{month:%Y-%m}" if month else None,
            *(row.creator_id, row.nickname, row.followers, row.bound_from, until),
            *_file_figures(row.brought),
        )


def _file_figures(brought: Brought | None) -> tuple[object, ...]:
    if brought is None:
        return (None,) * 12
    sums = brought.sums
    return (
        *(sums.bound_days, brought.settled_amount, sums.settled_orders, brought.showcase_amount),
        *(brought.showcase_share, brought.good_goods_amount, brought.good_goods_share),
        *(sums.live_minutes, sums.worry_free_orders, sums.level, brought.reputation),
        *(int(brought.counts_as_l5), int(brought.counts_in_showcase)),
    )


def _cell(
    key: str,
    name: str,
    brought: Brought | None,
    figures: Mapping[str, Decimal | int | None],
    marks: Mapping[str, str],
) -> Cell:
    unit = UNITS.get(key, "count")
    if brought is None:
        return Cell(name, None, unit)
    value = figures[key]
    counts = {"level": brought.counts_as_l5, "showcase": brought.counts_in_showcase}
    return Cell(
        name,
        value,
        unit,
        before="L" if key == "level" and value is not None else "",
        marked=marks[key] if counts.get(key) else "",
    )


def _dated(text: str, day: date | None) -> str:
    return text % {"day": date_format(day, "DATE_FORMAT")} if day else ""


def _figures(brought: Brought) -> dict[str, Decimal | int | None]:
    return {
        "settled": brought.settled_amount,
        "orders": brought.sums.settled_orders,
        "showcase": brought.showcase_amount,
        "share": brought.showcase_share,
        "good_goods": brought.good_goods_amount,
        "live": brought.sums.live_minutes,
        "worry_free": brought.sums.worry_free_orders,
        "level": brought.sums.level,
        "reputation": brought.reputation,
        "days": brought.sums.bound_days,
    }


def kind_told(dispute: Dispute) -> str:
    """What a dispute is about, in a word."""
    if dispute.kind == DisputeKind.ATTRIBUTION:
        return gettext("attribution")
    return pgettext("what a dispute is about", "data")


def days_told(dispute: Dispute) -> str:
    """The days of a dispute, one or from one to another."""
    first = date_format(dispute.first_day, "DATE_FORMAT")
    if dispute.first_day == dispute.last_day:
        return first
    last = date_format(dispute.last_day, "DATE_FORMAT")
    return gettext("%(first)s to %(last)s") % {"first": first, "last": last}


def state_told(dispute: Dispute) -> SafeString:
    """The state as a mark; those that wait stand out."""
    waits = dispute.state in {DisputeState.OPEN, DisputeState.ACCEPTED}
    return marked(dispute.get_state_display(), "warn" if waits else "plain")


class OwnDisputeTable(OwnTable):
    """An agency's disputes with the answers."""

    creator_code = columns.Column(
        _("Creator"),
        linkify=("dispute", {"pk": columns.A("pk")}),
        attrs={"th": UNNAMED["th"], "td": {**UNNAMED["td"], "class": "nowrap"}},
    )
    first_day = columns.Column(_("Days"), attrs=stacked(_("Days")))
    kind = columns.Column(_("About"), attrs=stacked(_("About")))
    filed_at = columns.Column(_("Filed"), attrs=stacked(_("Filed"), "nowrap"))
    state = columns.Column(_("State"), attrs=stacked(_("State")))
    answer = columns.Column(_("Answer"), empty_values=(), attrs=stacked(_("Answer"), "words"))

    class Meta(OwnTable.Meta):
        attrs = {"class": "table table-data row-lines", "role": "table"}
        row_attrs = {"role": "row"}

    def render_kind(self, record: Dispute) -> str:
        """In a word."""
        return kind_told(record)

    def render_first_day(self, record: Dispute) -> str:
        """One day, or from one to another."""
        return days_told(record)

    def render_filed_at(self, value: Any) -> str:
        """The platform day."""
        return day_of(value)

    def render_state(self, record: Dispute) -> SafeString:
        """A mark."""
        return state_told(record)

    def render_answer(self, value: str) -> str:
        """The beginning of it; the page of the dispute has all."""
        return Truncator(value).chars(120) or "–"


class DisputeTable(CaseTable):
    """All disputes for the staff, those that wait first."""

    filed_at = columns.Column(
        _("Filed"), linkify=("staff-dispute", {"pk": columns.A("pk")}), attrs=WHOLE
    )
    agency = columns.Column(_("Agency"))
    month = columns.DateColumn(format="YEAR_MONTH_FORMAT", verbose_name=_("Month"), attrs=WHOLE)
    kind = columns.Column(_("About"))
    creator_code = columns.Column(_("Creator"), attrs={"td": {"class": "code"}})
    first_day = columns.Column(_("Days"))
    state = columns.Column(_("State"))

    def render_filed_at(self, value: Any) -> str:
        """The platform day."""
        return day_of(value)

    def render_kind(self, record: Dispute) -> str:
        """In a word."""
        return kind_told(record)

    def render_first_day(self, record: Dispute) -> str:
        """One day, or from one to another."""
        return days_told(record)

    def render_state(self, record: Dispute) -> SafeString:
        """A mark."""
        return state_told(record)

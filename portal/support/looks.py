"""Who of the platform looked at what of an agency: for the platform, and for the agency itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final

from django.db.models import Case, CharField, Count, F, Func, Max, Q, QuerySet, Value, When
from django.db.models.functions import TruncDate
from django.utils import timezone

from agencies.models import Agency
from portal.enums import StaffRole
from portal.models import StaffLook

if TYPE_CHECKING:
    from portal.models import User

# The platform's own pages. Of these an agency learns that one was looked at, not which: a case that
# is still being drafted is not told before it is decided.
WORK_PAGES: Final = ("/staff/", "/admin/")
# These may be named to the agency they are about.
NAMED: Final = ("/staff/agencies/", "/staff/questions/")


@dataclass(frozen=True)
class OwnLook:
    """Looks at one page of an agency on one day by people of one role; `last` is the latest.

    `path` has no parameters, and is empty for work pages that are not named.
    """

    day: date
    last: datetime
    path: str
    role: str
    times: int

    @property
    def role_label(self) -> str:
        """What whoever looked worked as; empty in looks older than the column."""
        return str(StaffRole(self.role).label) if self.role else ""

    @property
    def in_place(self) -> bool:
        """Whether the page was one of the agency's own, seen in its place."""
        return bool(self.path) and not self.path.startswith(WORK_PAGES)


def role_of(person: User) -> StaffRole:
    """What somebody of the platform works as: by their rights, which a request has read already."""
    if person.is_superuser:
        return StaffRole.ADMINISTRATOR
    if person.has_perm("portal.manage_service"):
        return StaffRole.OPERATIONS
    return StaffRole.SUPPORT


def all_looks() -> QuerySet[StaffLook, StaffLook]:
    """Every look with its person and agency, the newest first."""
    return StaffLook.objects.select_related("actor", "agency").order_by("-at", "-pk")


def newest_looks(agency: Agency, count: int) -> list[StaffLook]:
    """The newest looks at an agency, with their people."""
    return list(all_looks().filter(agency=agency)[:count])


def own_looks(agency: Agency) -> QuerySet[Any, Any]:
    """What an agency may read of looks at it: rows for `own_look`, the newest first.

    1. By day (of the platform), page and role; nobody is named, and no parameter of an address.
    2. Work pages of the platform are one, but for those of `NAMED`.
    """
    bare = Func(F("path"), Value("?"), Value(1), function="split_part", output_field=CharField())
    page = Case(
        When(_begins(NAMED), then=bare),
        When(_begins(WORK_PAGES), then=Value("")),
        default=bare,
    )
    return (
        StaffLook.objects.filter(agency=agency)
        .annotate(day=TruncDate("at", tzinfo=timezone.get_default_timezone()), page=page)
        .values("day", "page", "role")
        .annotate(last=Max("at"), times=Count("pk"))
        .order_by("-last", "page", "role")
    )


def own_look(row: dict[str, Any]) -> OwnLook:
    """A row of `own_looks`."""
    return OwnLook(row["day"], row["last"], row["page"], row["role"], row["times"])


def _begins(prefixes: tuple[str, ...]) -> Q:
    return Q(*(("path__startswith", each) for each in prefixes), _connector=Q.OR)

"""Who belongs together: agencies and accounts that a decision may have to reach as well."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Q
from django.utils.translation import gettext as _

from agencies.models import Agency, Membership

if TYPE_CHECKING:
    from portal.models import User


@dataclass(frozen=True)
class LinkedAgency:
    """An agency that seems to be the same people; `because` says why, in the reader's words."""

    agency: Agency
    because: tuple[str, ...]

    @property
    def is_removed(self) -> bool:
        """Whether it was removed, or is to be."""
        return self.agency.removed_on is not None


@dataclass(frozen=True)
class LinkedAccount:
    """A member of the agency, with the other agencies that the person belongs to."""

    user: User
    agencies: tuple[Agency, ...]


@dataclass(frozen=True)
class Linked:
    """What is linked to an agency: agencies by code, accounts by e-mail address."""

    agencies: tuple[LinkedAgency, ...]
    accounts: tuple[LinkedAccount, ...]


def linked_to(agency: Agency) -> Linked:
    """Agencies and accounts linked to an agency (S, docs/rules.md §8: which ones is D).

    1. Linked agencies have the same unified social credit code, the same contact e-mail (whatever
       its case) or phone, as far as they are not empty, or a member in common. Removed ones too.
    2. Linked accounts are the agency's members, except people of the platform.

    Three queries, however many there are.
    """
    seats = list(agency.memberships.select_related("user").order_by("user__email"))
    people = [seat.user for seat in seats]
    elsewhere = (
        Membership.objects.filter(user__in=people)
        .exclude(agency=agency)
        .select_related("agency", "user")
        .order_by("agency__code", "user__email")
    )
    theirs: dict[int, list[Agency]] = defaultdict(list)
    shared: dict[int, list[str]] = defaultdict(list)
    linked: dict[int, Agency] = {}
    for seat in elsewhere:
        theirs[seat.user_id].append(seat.agency)
        shared[seat.agency_id].append(str(seat.user))
        linked[seat.agency_id] = seat.agency
    same = _same_contact(agency)
    if same:
        linked |= {each.pk: each for each in Agency.objects.filter(same).exclude(pk=agency.pk)}
    return Linked(
        agencies=tuple(
            LinkedAgency(each, _because(agency, each, shared[each.pk]))
            for each in sorted(linked.values(), key=lambda each: each.code)
        ),
        accounts=tuple(
            LinkedAccount(user, tuple(theirs[user.pk])) for user in people if not user.is_staff
        ),
    )


def _same_contact(agency: Agency) -> Q:
    same = Q()
    if agency.uscc:
        same |= Q(uscc=agency.uscc)
    if agency.contact_email:
        same |= Q(contact_email__iexact=agency.contact_email)
    if agency.contact_phone:
        same |= Q(contact_phone=agency.contact_phone)
    return same


def _because(agency: Agency, other: Agency, members: list[str]) -> tuple[str, ...]:
    reasons = []
    if agency.uscc and agency.uscc == other.uscc:
        reasons.append(_("same unified social credit code"))
    if agency.contact_email and agency.contact_email.lower() == other.contact_email.lower():
        reasons.append(_("same contact e-mail"))
    if agency.contact_phone and agency.contact_phone == other.contact_phone:
        reasons.append(_("same contact phone"))
    reasons += [_("member in common: %(member)s") % {"member": member} for member in members]
    return tuple(reasons)

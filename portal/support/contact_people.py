"""The people who look after agencies: who they are, how many each takes, and handing over."""

from __future__ import annotations

from datetime import datetime
from typing import TypedDict, Unpack

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agencies.refusals import Refused
from portal.enums import ContactKind
from portal.models import ContactPerson, User
from portal.support.contact_lists import room_of, takers
from portal.support.contacts import assign_contacts, lock_people


class PersonFields(TypedDict):
    """What is said of a contact person; `most` is how many agencies they take at a time."""

    kind: ContactKind
    name: str
    phone: str
    email: str
    wechat: str
    most: int
    is_active: bool


@transaction.atomic
def add_person(
    *, user: User, at: datetime, by: User, **fields: Unpack[PersonFields]
) -> ContactPerson:
    """Make somebody of the platform a contact; waiting agencies get them at once.

    An account is one contact at most, and must be the platform's own. Locks the account, then all
    contact people. Raises Refused.
    """
    user = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    if not (user.is_staff and user.is_active):
        raise Refused(
            _("%(email)s is not an active account of the platform: agencies get its people only.")
            % {"email": user.email},
            rule="staff",
        )
    if ContactPerson.objects.filter(user=user).exists():
        raise Refused(
            _("%(email)s is a contact already: change that entry instead.") % {"email": user.email},
            rule="once",
        )
    _check_ways(fields)
    person = ContactPerson.objects.create(user=user, **fields)
    assign_contacts(at=at)
    return person


@transaction.atomic
def change_person(
    *, person: ContactPerson, at: datetime, by: User, **fields: Unpack[PersonFields]
) -> ContactPerson:
    """Change how a contact is named, reached, and how many agencies they take.

    1. The kind stays as long as agencies know the person in it.
    2. A lower `most` takes no agency away; more room is given to waiting agencies at once.

    Locks all contact people. Raises Refused.
    """
    lock_people()  # all at once: one first and the others later would be a deadlock
    person = ContactPerson.objects.get(pk=person.pk)
    if fields["kind"] != person.kind and person.assignments.filter(until=None).exists():
        raise Refused(
            _("%(person)s still has agencies: hand them over before the kind changes.")
            % {"person": person.name},
            rule="kind",
        )
    _check_ways(fields)
    for name, value in fields.items():
        setattr(person, name, value)
    person.save()
    assign_contacts(at=at)
    return person


@transaction.atomic
def hand_over(*, person: ContactPerson, reason: str, at: datetime, by: User) -> int:
    """Give all agencies of a person to the others of the kind; how many there were.

    1. The person takes no agencies any more: else the agencies would come back.
    2. The others need room for all of them; nobody goes without in between. Each agency is told
       the new name.

    Locks all contact people. Raises Refused.
    """
    lock_people()
    # who waits already comes first, so that the room that is left is for these
    assign_contacts(at=at)
    person.refresh_from_db()
    held = person.assignments.filter(until=None)
    number = held.count()
    if person.is_active:
        raise Refused(
            _("%(person)s still takes agencies: untick that first, then hand over.")
            % {"person": person.name},
            rule="active",
        )
    room = room_of(takers(ContactKind(person.kind)).exclude(pk=person.pk))
    if room < number:
        raise Refused(
            ngettext(
                "The others have room for %(room)d of %(number)d agency: raise a limit or add"
                " somebody first.",
                "The others have room for %(room)d of %(number)d agencies: raise a limit or add"
                " somebody first.",
                number,
            )
            % {"room": room, "number": number},
            rule="room",
        )
    held.update(until=at)
    assign_contacts(at=at, by=by, because=reason)
    return number


def _check_ways(fields: PersonFields) -> None:
    if not (fields["phone"] or fields["email"] or fields["wechat"]):
        raise Refused(
            _(
                "Give a phone number, an e-mail address or a WeChat name: agencies must be able to"
                " reach their contact."
            ),
            rule="ways",
        )

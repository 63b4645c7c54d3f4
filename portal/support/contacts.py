"""The people of the platform whom agencies of high levels know by name (S, D, docs/rules.md §5)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agencies.enums import News
from agencies.models import Agency
from agencies.refusals import Refused
from agencies.signals import agency_news
from portal.enums import ContactKind
from portal.models import ContactAssignment, ContactPerson, User
from portal.models.service import Contact
from scoring.models import Evaluation
from scoring.queries.benefits import has_benefit

BENEFITS: Final = {
    ContactKind.OPERATIONS: "dedicated_operations",
    ContactKind.SERVICE: "dedicated_customer_service",
}
# Who has the benefit no longer, or has left the platform, has no contact any more.
END: Final = """
    WITH ended AS (
        UPDATE portal_contactassignment held SET until = greatest(%(at)s, held.since)
        FROM agencies_agency agency
        WHERE agency.id = held.agency_id AND held.until IS NULL AND held.kind = %(kind)s
            AND (agency.level <> ALL(%(levels)s) OR agency.removed_on <= %(today)s)
        RETURNING held.agency_id
    )
    INSERT INTO portal_outboxentry (agency_id, news, at, about)
    SELECT agency_id, %(news)s, %(at)s, jsonb_build_object('contact_kind', %(kind)s::text)
    FROM ended ORDER BY agency_id
"""
# Every free place of a person is a slot, numbered by how many agencies the person has then: taken
# in the order of these numbers, the next agency goes to whoever has the fewest.
BEGIN: Final = """
    WITH wanting AS (
        SELECT agency.id, agency.level, row_number() OVER (
            ORDER BY array_position(%(levels)s, agency.level::text) DESC, agency.code) AS place
        FROM agencies_agency agency
        WHERE agency.level = ANY(%(levels)s)
            AND (agency.removed_on IS NULL OR agency.removed_on > %(today)s)
            AND agency.id NOT IN (  -- looked up by hash, also before the table is analysed
                SELECT held.agency_id FROM portal_contactassignment held
                WHERE held.kind = %(kind)s AND held.until IS NULL)
    ), load AS (
        SELECT person.id, person.most, count(held.id) AS has
        FROM portal_contactperson person
        JOIN portal_user account ON account.id = person.user_id
            AND account.is_active AND account.is_staff
        LEFT JOIN portal_contactassignment held ON held.person_id = person.id AND held.until IS NULL
        WHERE person.kind = %(kind)s AND person.is_active
        GROUP BY person.id
    ), free AS (
        SELECT load.id, row_number() OVER (ORDER BY slot, load.id) AS place
        FROM load CROSS JOIN LATERAL generate_series(
            load.has + 1, least(load.most, load.has + (SELECT count(*) FROM wanting))) AS slot
    ), begun AS (
        INSERT INTO portal_contactassignment (agency_id, person_id, kind, since, because, by_id)
        SELECT wanting.id, free.id, %(kind)s, %(at)s, coalesce(%(because)s, wanting.level), %(by)s
        FROM wanting JOIN free USING (place)
        RETURNING agency_id, person_id
    )
    INSERT INTO portal_outboxentry (agency_id, news, at, about)
    SELECT begun.agency_id, %(news)s, %(at)s,
        jsonb_build_object('contact', person.name, 'contact_kind', %(kind)s::text)
    FROM begun JOIN portal_contactperson person ON person.id = begun.person_id
    ORDER BY begun.agency_id
"""


def contacts_of(agency: Agency) -> tuple[Contact, ...]:
    """Who looks after the agency now, the operations contact first. One query."""
    rows = ContactAssignment.objects.filter(agency=agency).as_rows()
    return tuple(sorted((Contact.of_row(row[0], row[1]) for row in rows), key=lambda one: one.kind))


def entitled_levels() -> dict[ContactKind, list[str]]:
    """The levels that have each kind of contact, the lowest first; "" stands for having no level.

    By the rulebook of the newest published month, which is also the one that the agencies' levels
    are from; none before the first publication. One query.
    """
    newest = Evaluation.objects.published().select_related("rulebook").order_by("-month").first()
    if newest is None:
        return {kind: [] for kind in BENEFITS}
    rulebook = newest.rules
    keys = ["", *(level.key for level in rulebook.levels)]
    given = {benefit.key: benefit for benefit in rulebook.benefits}
    return {
        kind: [key for key in keys if name in given and has_benefit(rulebook, given[name], key)]
        for kind, name in BENEFITS.items()
    }


@dataclass(frozen=True)
class Settled:
    """How many agencies got a contact, and how many have one no longer."""

    begun: int
    ended: int


@transaction.atomic
def assign_contacts(*, at: datetime, by: User | None = None, because: str | None = None) -> Settled:
    """Give every agency the contacts that its level has, and take away those it has not.

    1. A contact stays as long as the agency has the benefit (S, D, docs/rules.md §5), is not
       removed, and nobody changes it: a level that moves between V4 and V5 changes nothing.
    2. A new one is the person of the kind who takes agencies and has the fewest, below their
       `most`; of equal ones the one who was entered first. High levels choose first, then the code.
    3. Without a free person an agency goes without until somebody has room.
    4. Each agency is told, in the statement that changes its contact.

    `because` is what is kept as the reason, else the level. Locks all contact people. Five
    statements, however many agencies there are.
    """
    lock_people()
    begun = ended = 0
    with connection.cursor() as cursor:
        for kind, levels in entitled_levels().items():
            values: dict[str, Any] = {
                "kind": kind.value,
                "levels": levels,
                "at": at,
                "today": timezone.localdate(at),
                "because": because,
                "by": by.pk if by else None,
            }
            cursor.execute(END, {**values, "news": News.CONTACT_ENDED.value})
            ended += cursor.rowcount
            cursor.execute(BEGIN, {**values, "news": News.CONTACT_ASSIGNED.value})
            begun += cursor.rowcount
    return Settled(begun, ended)


def lock_people() -> None:
    """Lock all contact people until the commit, in the order in which everybody does."""
    list(ContactPerson.objects.select_for_update().order_by("pk").values_list("pk"))


def settle_contacts(now: datetime) -> list[str]:
    """Give waiting agencies the places that became free since, and end those of removed ones."""
    settled = assign_contacts(at=now)
    sentences = []
    if settled.begun:
        sentences.append(f"Gave {settled.begun} agencies a contact.")
    if settled.ended:
        sentences.append(f"Ended {settled.ended} contacts.")
    return sentences


@transaction.atomic
def change_contact(
    *, agency: Agency, kind: ContactKind, person: ContactPerson, reason: str, at: datetime, by: User
) -> ContactAssignment:
    """Give an agency another contact of a kind, for a reason that stays in the house.

    1. Only to an agency that has the benefit now, and to a person of the kind who takes agencies
       and has room; the one it has already is refused.
    2. The contact before ends at the same moment. The agency is told the new name.

    Locks the people of the kind and the agency's assignment. Raises Refused.
    """
    list(ContactPerson.objects.select_for_update().filter(kind=kind).order_by("pk"))
    person.refresh_from_db()
    agency.refresh_from_db()
    _check_agency(agency, kind, at)
    held = (
        ContactAssignment.objects.select_for_update()
        .filter(agency=agency, kind=kind, until=None)
        .first()
    )
    _check_person(person, kind, agency, held)
    if held is not None:
        held.until = max(at, held.since)
        held.save(update_fields=["until"])
    begun = ContactAssignment.objects.create(
        agency=agency, person=person, kind=kind, since=at, because=reason, by=by
    )
    agency_news.send(
        ContactAssignment,
        agency_id=agency.pk,
        news=News.CONTACT_ASSIGNED,
        about={"contact": person.name, "contact_kind": ContactKind(kind).value},
        at=at,
    )
    return begun


def _check_agency(agency: Agency, kind: ContactKind, at: datetime) -> None:
    if agency.is_removed(timezone.localdate(at)):
        raise Refused(
            _("%(agency)s has left the platform: it has no contact any more.")
            % {"agency": agency.name},
            rule="removed",
        )
    if agency.level not in entitled_levels()[kind]:
        raise Refused(
            _("The level of %(agency)s does not bring this contact: the rules decide who has one.")
            % {"agency": agency.name},
            rule="level",
        )


def _check_person(
    person: ContactPerson, kind: ContactKind, agency: Agency, held: ContactAssignment | None
) -> None:
    if held is not None and held.person_id == person.pk:
        raise Refused(
            _("%(person)s is the contact of %(agency)s already.")
            % {"person": person.name, "agency": agency.name},
            rule="same",
        )
    account = person.user
    if person.kind != kind or not (person.is_active and account.is_active and account.is_staff):
        raise Refused(
            _("%(person)s takes no agencies of this kind: choose somebody else.")
            % {"person": person.name},
            rule="person",
        )
    has = person.assignments.filter(until=None).count()
    if has >= person.most:
        raise Refused(
            ngettext(
                "%(person)s has %(number)d agency, which is the most: choose somebody else or"
                " raise the limit.",
                "%(person)s has %(number)d agencies, which is the most: choose somebody else or"
                " raise the limit.",
                has,
            )
            % {"person": person.name, "number": has},
            rule="full",
        )

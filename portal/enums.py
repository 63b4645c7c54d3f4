"""The closed vocabularies of the house: questions, mail, contacts, events."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Channel(models.TextChoices):
    """The way by which a question came in."""

    PORTAL = "portal", _("In the portal")
    PHONE = "phone", _("By phone")


class CallerCheck(models.TextChoices):
    """How the platform made sure that a caller speaks for the agency."""

    CALLED_BACK = "called_back", _("Called back at the number on file")
    MAILED_CODE = "mailed_code", _("Read out a code mailed to a member")
    LICENCE = "licence", _("Named licence number and legal representative")
    KNOWN_VOICE = "known_voice", _("Known to the agency's contact")


class QuestionState(models.TextChoices):
    """The life of a question; an answered or closed one is reopened by writing again."""

    OPEN = "open", _("Awaits the platform")
    ANSWERED = "answered", _("Answered")
    CLOSED = "closed", pgettext_lazy("question", "Closed")
    MERGED = "merged", _("Merged into another question")


class Author(models.TextChoices):
    """Which side wrote a message of a question."""

    AGENCY = "agency", pgettext_lazy("side of a question", "Agency")
    PLATFORM = "platform", pgettext_lazy("side of a question", "Platform")


class QuestionVerb(models.TextChoices):
    """A step in the life of a question."""

    ASKED = "asked", _("Asked")
    FOLLOWED_UP = "followed_up", _("The agency wrote again")
    ANSWERED = "answered", pgettext_lazy("step of a question", "Answered")
    NOTED = "noted", _("Internal note")
    ASSIGNED = "assigned", _("Assigned")
    RELEASED = "released", _("Put back into the inbox")
    RECLASSED = "reclassed", _("Clause changed")
    MERGED = "merged", pgettext_lazy("step of a question", "Merged")
    CLOSED = "closed", pgettext_lazy("step of a question", "Closed")
    REOPENED = "reopened", _("Reopened")
    RATED = "rated", _("Rated")


class CarriedState(models.TextChoices):
    """Where something stands that is to reach a reader outside the portal."""

    WAITING = "waiting", pgettext_lazy("mail", "Waiting")
    SENDING = "sending", _("On its way")
    SENT = "sent", pgettext_lazy("mail", "Sent")
    UNDELIVERED = "undelivered", _("Undelivered")
    DROPPED = "dropped", _("Not needed any more")


class MailMode(models.TextChoices):
    """How news of a topic reach a person by mail; in the portal they always stand."""

    AT_ONCE = "at_once", _("At once")
    DIGEST = "digest", _("Once a day")
    NEVER = "never", _("Not by mail")


class Topic(models.TextChoices):
    """What a person chooses mail by."""

    LEVEL = "level", _("Level and results")
    CONDUCT = "conduct", _("Violations, measures and credit")
    BINDINGS = "bindings", _("Creators and bindings")
    QUESTIONS = "questions", _("Questions and answers")
    RULES = "rules", _("Rules and consultations")
    EVENTS = "events", pgettext_lazy("topic", "Events")
    STAR_SOURCE = "star_source", _("Star Source plan")


class ContactKind(models.TextChoices):
    """The two people of the platform that high levels have (S and D, docs/rules.md §5)."""

    OPERATIONS = "operations", _("Operations contact")
    SERVICE = "service", _("Customer-service contact")


class EventState(models.TextChoices):
    """The life of an event."""

    DRAFT = "draft", pgettext_lazy("event", "Draft")
    PUBLISHED = "published", pgettext_lazy("event", "Published")
    CANCELLED = "cancelled", pgettext_lazy("event", "Cancelled")


class SeatState(models.TextChoices):
    """What a registration has: a seat, a place in the waiting list, or nothing any more."""

    SEATED = "seated", _("Has a seat")
    WAITING = "waiting", _("On the waiting list")
    CANCELLED = "cancelled", pgettext_lazy("registration", "Cancelled")


class StaffRole(models.TextChoices):
    """What somebody of the platform worked as when they looked at something of an agency."""

    SUPPORT = "support", pgettext_lazy("people of the platform", "Support")
    OPERATIONS = "operations", pgettext_lazy("people of the platform", "Operations")
    ADMINISTRATOR = "admin", pgettext_lazy("people of the platform", "Administrator")

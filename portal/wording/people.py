"""The sentences of news about rules, questions, contacts, the Star Source plan and events."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _

from agencies.enums import News
from portal.wording.phrases import Phrase, Phrases

PEOPLE: Final[Phrases] = {
    News.CONSULTATION_OPENED: (
        Phrase(
            _(
                "“%(title)s”: read what would change, see your own results under the draft, and"
                " comment until %(closes_on)s."
            ),
            ("title", "closes_on"),
        ),
    ),
    News.CONSULTATION_CLOSED: (
        Phrase(_("“%(title)s”: the summary and the answers are published."), ("title",)),
    ),
    News.COMMENT_ANSWERED: (Phrase(_("Your comment on “%(title)s” has an answer."), ("title",)),),
    News.RULES_SCHEDULED: (
        Phrase(
            _("“%(title)s” counts from the data month %(effective_from)s on."),
            ("title", "effective_from"),
        ),
    ),
    News.RULES_WITHDRAWN: (
        Phrase(
            _("“%(title)s” does not come into force in %(effective_from)s after all."),
            ("title", "effective_from"),
        ),
    ),
    News.QUESTION_ANSWERED: (Phrase(_("“%(subject)s” has an answer."), ("subject",)),),
    News.QUESTION_CLOSED: (
        Phrase(
            _("“%(subject)s”: write again to reopen it. Reason: %(reason)s"), ("subject", "reason")
        ),
        Phrase(_("“%(subject)s”: write again to reopen it."), ("subject",)),
    ),
    News.CONTACT_ASSIGNED: (
        Phrase(
            _("%(contact_kind)s: %(contact)s. The help page says how to reach them."),
            ("contact_kind", "contact"),
        ),
    ),
    News.CONTACT_ENDED: (
        Phrase(
            _(
                "%(contact_kind)s: your level does not bring one any more. Customer service"
                " answers your questions as before."
            ),
            ("contact_kind",),
        ),
    ),
    News.STAR_SELECTED: (
        Phrase(
            _("%(creator)s, first live day %(first_live_on)s: see what supports them, and when."),
            ("creator", "first_live_on"),
        ),
        Phrase("%(creator)s", ("creator",)),
    ),
    News.STAR_ANCHORED: (
        Phrase(
            _(
                "%(creator)s goes live first on %(first_live_on)s instead of %(was_on)s. The"
                " phases move with it."
            ),
            ("creator", "first_live_on", "was_on"),
        ),
        Phrase("%(creator)s", ("creator",)),
    ),
    News.STAR_PHASE: (
        Phrase(_("%(creator)s, phase “%(phase)s”: see what is due."), ("creator", "phase")),
        Phrase("%(creator)s", ("creator",)),
    ),
    News.STAR_INCENTIVE: (
        Phrase(_("%(creator)s: %(what)s, impressions: %(amount)s."), ("creator", "what", "amount")),
        Phrase("%(creator)s", ("creator",)),
    ),
    News.STAR_LEFT: (
        Phrase(_("%(creator)s, on %(on)s. What was done stays to be read."), ("creator", "on")),
        Phrase("%(creator)s", ("creator",)),
    ),
    News.EVENT_ANNOUNCED: (
        Phrase(
            _("“%(salon)s”, %(on)s: read the programme, and register while there are seats."),
            ("salon", "on"),
        ),
    ),
    News.EVENT_CHANGED: (
        Phrase(
            _("“%(salon)s”, %(on)s: read what holds now, and bring your calendar up to date."),
            ("salon", "on"),
        ),
    ),
    News.EVENT_CANCELLED: (
        Phrase(
            _("“%(salon)s” on %(on)s does not take place. Reason: %(reason)s"),
            ("salon", "on", "reason"),
        ),
        Phrase(_("“%(salon)s” on %(on)s does not take place."), ("salon", "on")),
    ),
    News.EVENT_SEATED: (
        Phrase(
            _("%(person)s has a seat at “%(salon)s” on %(on)s. Cancel it if it is not needed."),
            ("person", "salon", "on"),
        ),
    ),
    News.EVENT_MATERIALS: (Phrase(_("“%(salon)s”: the materials are there."), ("salon",)),),
}

"""The sentences of news about decisions, credit, titles and bindings."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _

from agencies.enums import News
from portal.wording.phrases import Phrase, Phrases

CONDUCT: Final[Phrases] = {
    News.VIOLATION_ISSUED: (
        Phrase(
            _(
                "%(kind)s, case %(reference)s. Points asked: %(asked)s, taken: %(applied)s;"
                " balance %(balance)s. You may appeal until the end of %(appeal_until)s."
            ),
            ("kind", "reference", "asked", "applied", "balance", "appeal_until"),
        ),
        Phrase(
            _("Case %(reference)s. You may appeal until the end of %(appeal_until)s."),
            ("reference", "appeal_until"),
        ),
        Phrase(_("Case %(reference)s."), ("reference",)),
    ),
    News.VIOLATION_REVOKED: (
        Phrase(
            _(
                "%(kind)s, case %(reference)s. Points given back: %(returned)s; balance"
                " %(balance)s. Its measures are lifted."
            ),
            ("kind", "reference", "returned", "balance"),
        ),
        Phrase(_("Case %(reference)s. Its measures are lifted."), ("reference",)),
    ),
    News.APPEAL_FILED: (
        Phrase(
            _("Against %(references)s. The platform answers by %(due_on)s."),
            ("references", "due_on"),
        ),
        Phrase(_("Against %(references)s."), ("references",)),
    ),
    News.APPEAL_DECIDED: (
        Phrase(_("%(verdicts)s. Reason: %(reason)s"), ("verdicts", "reason")),
        Phrase(_("%(verdicts)s."), ("verdicts",)),
    ),
    News.PENALTY_STARTED: (
        Phrase(
            _("%(measure)s, from %(starts_on)s; over on %(until)s."),
            ("measure", "starts_on", "until"),
        ),
        Phrase(_("%(measure)s, from %(starts_on)s, without an end."), ("measure", "starts_on")),
        Phrase(_("%(measure)s."), ("measure",)),
    ),
    News.PENALTY_ENDED: (
        Phrase(_("%(measure)s: over since %(until)s."), ("measure", "until")),
        Phrase(_("%(measure)s: over."), ("measure",)),
    ),
    News.PENALTY_LIFTED: (Phrase(_("%(measure)s: it no longer holds."), ("measure",)),),
    News.CREDIT_AWARDED: (
        Phrase(
            _("Points: %(points)s, for %(reason)s. Balance: %(balance)s."),
            ("points", "reason", "balance"),
        ),
        Phrase(_("Points: %(points)s. Balance: %(balance)s."), ("points", "balance")),
        Phrase(_("Points: %(points)s, for %(reason)s."), ("points", "reason")),
        Phrase(_("Points: %(points)s."), ("points",)),
    ),
    News.CREDIT_RESTORED: (
        Phrase(
            _("Nothing was deducted for long enough. Points: %(points)s. Balance: %(balance)s."),
            ("points", "balance"),
        ),
        Phrase(_("Nothing was deducted for long enough. Points: %(points)s."), ("points",)),
    ),
    News.TITLE_GRANTED: (
        Phrase(_("“%(title)s”, dated %(day)s."), ("title", "day")),
        Phrase(_("“%(title)s”."), ("title",)),
    ),
    News.TITLE_WITHDRAWN: (
        Phrase(_("“%(title)s”. Reason: %(reason)s"), ("title", "reason")),
        Phrase(_("“%(title)s”."), ("title",)),
    ),
    News.CREATOR_BOUND: (
        Phrase(_("%(creator)s, from %(on)s."), ("creator", "on")),
        Phrase(_("%(creators)s creators, from %(on)s."), ("creators", "on")),
        Phrase("%(creator)s", ("creator",)),
    ),
    News.CREATOR_UNBOUND: (
        Phrase(_("%(creator)s; the last day was %(last_day)s."), ("creator", "last_day")),
        Phrase(
            _("%(creators)s creators; the last day was %(last_day)s."), ("creators", "last_day")
        ),
        Phrase("%(creator)s", ("creator",)),
    ),
    News.REQUEST_DECLINED: (Phrase(_("%(creator)s does not want to be bound."), ("creator",)),),
    News.REQUEST_EXPIRED: (
        Phrase(
            _("%(creator)s did not answer in time. You may ask again after a day."), ("creator",)
        ),
    ),
    News.UNBINDING_ASKED: (
        Phrase(
            _("%(creator)s. Answer before %(silent_on)s: silence counts as consent."),
            ("creator", "silent_on"),
        ),
        Phrase("%(creator)s", ("creator",)),
    ),
    News.UNBINDING_OBJECTED: (
        Phrase(
            _("%(creator)s gave a reason. You may call the platform in, or withdraw."),
            ("creator",),
        ),
    ),
    News.UNBINDING_WITHDRAWN: (Phrase(_("%(creator)s stays with the agency."), ("creator",)),),
    News.UNBINDING_CALLED_IN: (
        Phrase(_("%(creator)s insists on leaving; the platform decides."), ("creator",)),
    ),
    News.UNBINDING_DECIDED: (
        Phrase(
            _("%(creator)s: the binding is kept. Reason: %(reason)s"),
            ("creator", "kept", "reason"),
        ),
        Phrase(
            _("%(creator)s: the binding ends. Reason: %(reason)s"),
            ("creator", "ended", "reason"),
        ),
        Phrase(_("%(creator)s: the binding is kept."), ("creator", "kept")),
        Phrase(_("%(creator)s: the binding ends."), ("creator", "ended")),
        Phrase("%(creator)s", ("creator",)),
    ),
    News.NOTICE_PUBLISHED: (
        Phrase(_("“%(title)s” names %(references)s."), ("title", "references")),
        Phrase(_("“%(title)s”."), ("title",)),
    ),
    News.APPEAL_ENDING: (
        Phrase(
            _(
                "Case %(reference)s: no appeal was filed yet. You may appeal until the end of"
                " %(appeal_until)s."
            ),
            ("reference", "appeal_until"),
        ),
        Phrase(_("Case %(reference)s."), ("reference",)),
    ),
}

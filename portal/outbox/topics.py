"""Which topic each piece of news belongs to, and how topics are mailed unless a person chooses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from agencies.enums import News
from portal.enums import MailMode, Topic

TOPIC_OF: Final[Mapping[News, Topic]] = {
    News.VIOLATION_ISSUED: Topic.CONDUCT,
    News.VIOLATION_REVOKED: Topic.CONDUCT,
    News.APPEAL_FILED: Topic.CONDUCT,
    News.APPEAL_DECIDED: Topic.CONDUCT,
    News.APPEAL_ENDING: Topic.CONDUCT,
    News.PENALTY_STARTED: Topic.CONDUCT,
    News.PENALTY_ENDED: Topic.CONDUCT,
    News.PENALTY_LIFTED: Topic.CONDUCT,
    News.CREDIT_AWARDED: Topic.CONDUCT,
    News.CREDIT_RESTORED: Topic.CONDUCT,
    News.NOTICE_PUBLISHED: Topic.CONDUCT,
    News.TITLE_GRANTED: Topic.LEVEL,
    News.TITLE_WITHDRAWN: Topic.LEVEL,
    News.LEVEL_CHANGED: Topic.LEVEL,
    News.RESULT_CORRECTED: Topic.LEVEL,
    News.RESULT_PUBLISHED: Topic.LEVEL,
    News.AT_RISK: Topic.LEVEL,
    News.DISPUTE_ANSWERED: Topic.LEVEL,
    News.DISPUTE_CORRECTED: Topic.LEVEL,
    News.CREATOR_BOUND: Topic.BINDINGS,
    News.CREATOR_UNBOUND: Topic.BINDINGS,
    News.REQUEST_DECLINED: Topic.BINDINGS,
    News.REQUEST_EXPIRED: Topic.BINDINGS,
    News.UNBINDING_ASKED: Topic.BINDINGS,
    News.UNBINDING_OBJECTED: Topic.BINDINGS,
    News.UNBINDING_WITHDRAWN: Topic.BINDINGS,
    News.UNBINDING_CALLED_IN: Topic.BINDINGS,
    News.UNBINDING_DECIDED: Topic.BINDINGS,
    News.QUESTION_ANSWERED: Topic.QUESTIONS,
    News.QUESTION_CLOSED: Topic.QUESTIONS,
    News.CONTACT_ASSIGNED: Topic.QUESTIONS,
    News.CONTACT_ENDED: Topic.QUESTIONS,
    News.CONSULTATION_OPENED: Topic.RULES,
    News.CONSULTATION_CLOSED: Topic.RULES,
    News.COMMENT_ANSWERED: Topic.RULES,
    News.RULES_SCHEDULED: Topic.RULES,
    News.RULES_WITHDRAWN: Topic.RULES,
    News.EVENT_ANNOUNCED: Topic.EVENTS,
    News.EVENT_CHANGED: Topic.EVENTS,
    News.EVENT_CANCELLED: Topic.EVENTS,
    News.EVENT_SEATED: Topic.EVENTS,
    News.EVENT_MATERIALS: Topic.EVENTS,
    News.STAR_SELECTED: Topic.STAR_SOURCE,
    News.STAR_ANCHORED: Topic.STAR_SOURCE,
    News.STAR_PHASE: Topic.STAR_SOURCE,
    News.STAR_INCENTIVE: Topic.STAR_SOURCE,
    News.STAR_LEFT: Topic.STAR_SOURCE,
}
DEFAULT_MODES: Final[Mapping[Topic, MailMode]] = {
    Topic.LEVEL: MailMode.AT_ONCE,
    Topic.CONDUCT: MailMode.AT_ONCE,
    Topic.QUESTIONS: MailMode.AT_ONCE,
    Topic.BINDINGS: MailMode.DIGEST,
    Topic.RULES: MailMode.DIGEST,
    Topic.EVENTS: MailMode.DIGEST,
    Topic.STAR_SOURCE: MailMode.DIGEST,
}


def news_on(topic: Topic) -> list[News]:
    """The news that belong to a topic."""
    return [news for news, its in TOPIC_OF.items() if its == topic]

"""News of agencies become a mail for each member who wants one."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any, Final

from django.db import connection
from django.utils import timezone

from portal.enums import MailMode
from portal.outbox.topics import DEFAULT_MODES, TOPIC_OF

# The time (Asia/Shanghai) at which the mail goes that gathers a day's news.
GATHERED_AT: Final = time(8)
BATCH: Final = 2_000

SPREAD: Final = """
    WITH batch AS (
        SELECT id, agency_id, news, at FROM portal_outboxentry
        WHERE state = 'waiting' AND agency_id IS NOT NULL AND next_attempt_at <= %(now)s
        ORDER BY next_attempt_at, id LIMIT %(batch)s FOR UPDATE SKIP LOCKED
    ), choice AS (
        SELECT * FROM unnest(%(news)s::text[], %(topics)s::text[], %(modes)s::text[])
            AS each (news, topic, mode)
    ), wanted AS (
        SELECT batch.id, member.user_id, batch.at, coalesce(own.mode, choice.mode) AS mode
        FROM batch
        JOIN choice USING (news)
        JOIN agencies_membership member USING (agency_id)
        JOIN portal_user person ON person.id = member.user_id AND person.is_active
        LEFT JOIN portal_mailpreference own
            ON own.user_id = member.user_id AND own.topic = choice.topic
    ), mails AS (
        INSERT INTO portal_newsmail (entry_id, user_id, at, digest_on, next_attempt_at)
        SELECT id, user_id, at,
            CASE mode WHEN 'digest' THEN %(day)s::date END,
            CASE mode WHEN 'digest' THEN %(gathered_at)s ELSE %(now)s END
        FROM wanted WHERE mode <> 'never'
        ORDER BY id, user_id
        ON CONFLICT (entry_id, user_id) DO NOTHING
        RETURNING 1
    ), spread AS (
        UPDATE portal_outboxentry entry
        SET state = 'sent', sent_at = %(now)s, next_attempt_at = NULL
        FROM batch WHERE entry.id = batch.id
        RETURNING 1
    )
    SELECT (SELECT count(*) FROM spread), (SELECT count(*) FROM mails)
"""


def spread_news(*, now: datetime) -> int:
    """Make a mail for each active member who wants the waiting news; how many mails were made.

    1. What a person chose for the topic counts, else the topic's default: at once, in the mail of
       the next morning, or not by mail.
    2. News and their mails change in one statement per 2,000 news: killed at any point, or run by
       several processes at once, each member gets one mail of a piece of news.
    """
    mails, batch = 0, BATCH
    while batch == BATCH:
        batch, made = _spread(now)
        mails += made
    return mails


def gathered_on(now: datetime) -> tuple[date, datetime]:
    """The day and time of the mail that gathers what is told at `now`: the next 8 o'clock."""
    here = timezone.localtime(now)
    day = here.date() if here.time() < GATHERED_AT else here.date() + timedelta(days=1)
    return day, timezone.make_aware(datetime.combine(day, GATHERED_AT))


def _spread(now: datetime) -> tuple[int, int]:
    day, gathered_at = gathered_on(now)
    values: dict[str, Any] = {
        "now": now,
        "batch": BATCH,
        "day": day,
        "gathered_at": gathered_at,
        "news": [news.value for news in TOPIC_OF],
        "topics": [topic.value for topic in TOPIC_OF.values()],
        "modes": [MailMode(DEFAULT_MODES[topic]).value for topic in TOPIC_OF.values()],
    }
    with connection.cursor() as cursor:
        cursor.execute(SPREAD, values)
        news, mails = cursor.fetchone()
    return news, mails

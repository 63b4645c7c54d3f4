"""Delivers mails in processes that kill themselves with SIGKILL at the n-th point; 0 never does.

A point is every SQL statement, and everything that is said to or heard from the mail server. Each
line of the input names a lane, the point and how many processes do it at once; the answer is how
they ended. The processes are forked, so that the platform is loaded once.
"""

from __future__ import annotations

import os
import signal
import sys
from datetime import UTC, datetime
from itertools import count
from typing import Any

import django

django.setup()

from django.core.mail.utils import DNS_NAME  # noqa: E402
from django.db import connection  # noqa: E402
from django.template.loader import get_template  # noqa: E402
from django.urls import reverse  # noqa: E402
from django.utils import translation  # noqa: E402
from django.utils.translation import gettext  # noqa: E402

from portal.account_mail import send_account_mail  # noqa: E402
from portal.outbox import deliver_due  # noqa: E402
from portal.outbox.news_mails import deliver_news  # noqa: E402
from portal.outbox.smtp import KnowingSMTP  # noqa: E402

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
LANES: dict[str, Any] = {"account": send_account_mail, "links": deliver_due, "news": deliver_news}


def deliver(lane: str, fatal: int) -> None:
    """Run one lane; dies before or after what happens at the fatal point."""
    points = count(1)

    def point() -> None:
        if next(points) == fatal:
            os.kill(os.getpid(), signal.SIGKILL)

    def executed(execute: Any, *args: Any) -> Any:
        point()
        return execute(*args)

    def around(act: Any) -> Any:
        def acted(self: Any, *args: Any) -> Any:
            point()
            done = act(self, *args)
            point()
            return done

        return acted

    for name in ("send", "getreply"):
        setattr(KnowingSMTP, name, around(getattr(KnowingSMTP, name)))
    with connection.execute_wrapper(executed):
        LANES[lane](now=NOW)


def forked(lane: str, fatal: int) -> int:
    """A process that delivers; its number."""
    child = os.fork()
    if child:
        return child
    try:
        deliver(lane, fatal)
        os._exit(0)
    except BaseException as fault:
        print(repr(fault), file=sys.stderr, flush=True)
        os._exit(1)


# what takes long is done once, for all processes: names, addresses, words, templates
DNS_NAME.get_fqdn()
for language in ("zh-hans", "en"):
    with translation.override(language):
        reverse("home")
        gettext("Messages")
for template in ("news.txt", "news.html", "account_notice.txt", "creator_link.txt"):
    get_template(f"mail/{template}")
for line in sys.stdin:
    lane, fatal, copies = line.split()
    children = [forked(lane, int(fatal)) for _ in range(int(copies))]
    ends = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
    print(*ends, flush=True)

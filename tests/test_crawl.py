"""What members of each kind of agency reach by following links: all of it opens, all is theirs."""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Iterator, Mapping
from html import unescape

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.kinds import NOW, Kind, build_kinds

pytestmark = pytest.mark.django_db(transaction=True)

LINK = re.compile(r'(?:href|hx-get)="(/[^"#]*)')
# Not pages of ours, or not for agencies.
ELSEWHERE = ("/static/", "/admin/", "/health/")
# So many different questions are asked of one page: sorted, filtered, another month.
MOST_QUERIES = 4
# What a page may ask of the database in all, sign-in included.
MOST_DATABASE_QUERIES = 10
OPENS = {200, 302}
LANGUAGES = ("zh-hans", "en")


@pytest.fixture
def kinds() -> Iterator[Mapping[str, Kind]]:
    with time_machine.travel(NOW, tick=False):
        yield build_kinds()


def crawl(kind: Kind, language: str, queries: Counter[str]) -> dict[str, tuple[int, str]]:
    """Status and text of everything that the owner reaches from home; counts the queries."""
    client = Client(headers={"accept-language": language})
    client.force_login(kind.owner)
    found: dict[str, tuple[int, str]] = {}
    asked: Counter[str] = Counter()
    waiting = deque(["/home/"])
    while waiting:
        address = waiting.popleft()
        path = address.partition("?")[0]
        if address in found or path.startswith(ELSEWHERE) or asked[path] >= MOST_QUERIES:
            continue
        asked[path] += 1
        with CaptureQueriesContext(connection) as captured:
            response = client.get(address)
        queries[path] = max(queries[path], len(captured))
        if response.status_code == 302:
            waiting.append(response.headers["location"])
        body = b"".join(response) if response.streaming else response.content
        found[address] = (response.status_code, body.decode("utf-8-sig"))
        waiting.extend(unescape(link) for link in LINK.findall(found[address][1]))
    return found


def test_every_link_opens_cheaply_and_shows_nobody_else(kinds: Mapping[str, Kind]) -> None:
    broken, leaks, reached = [], [], {}
    queries: Counter[str] = Counter()
    for number, (name, kind) in enumerate(kinds.items()):
        pages = crawl(kind, LANGUAGES[number % 2], queries)
        reached[name] = {address.partition("?")[0] for address in pages}
        foreign = [each.canary for each in kinds.values() if each is not kind]
        broken += [(name, address) for address, (status, _) in pages.items() if status not in OPENS]
        leaks += [
            (name, address, canary)
            for address, (_, text) in pages.items()
            for canary in foreign
            if canary in text
        ]
    assert (broken, leaks) == ([], [])
    assert {path: found for path, found in queries.items() if found > MOST_DATABASE_QUERIES} == {}
    assert len(reached["v5"]) > 25
    assert "/score/" not in reached["removed"]

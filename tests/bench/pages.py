"""Server time of every page: median and slowest of 30, its queries, against a yardstick page.

Run by `make bench` on the platform of `tests.bench.history`; requests go through the whole of
Django in this process, PostgreSQL is the embedded one.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from statistics import median
from typing import Any

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.template import Context, Engine  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402

from agencies.models import Agency, StarPlan  # noqa: E402
from portal.models import Event, Question, User  # noqa: E402
from tests.bench import history, people  # noqa: E402

RUNS, WARM = 30, 3
# A page of 50 rows as plain as it gets: one query, one loop.
PLAIN = Engine().from_string(
    "<table>{% for code, name in rows %}<tr><td>{{ code }}</td><td>{{ name }}</td></tr>"
    "{% endfor %}</table>"
)
PAGES = (
    *("/home/", "/score/", "/score/movement/", "/score/movement/settled_amount/"),
    *("/score/movement/reputation/", "/score/receipt/", "/guidance/"),
    *("/guidance/simulator/?settled_amount=1000000", "/benefits/", "/rules/"),
    *("/boards/strength/", "/boards/growth/?q=29999", "/creators/"),
    *("/creators/?sort=-settled", "/creators/?q=达人1", "/creators/of/{creator}/"),
    *("/conduct/", "/messages/", "/members/", "/certificate/", "/account/"),
    *("/", "/public/boards/strength/", "/public/rules/", "/public/certificate/"),
    *("/help/", "/help/?q=口碑分", "/help/ask/", "/looks/", "/star-source/", "/events/"),
)
STAFF = (
    *("/home/", "/staff/questions/", "/staff/questions/?q=指标", "/staff/questions/{question}/"),
    *("/staff/question-figures/", "/staff/unclear-rules/", "/staff/contacts/"),
    *("/staff/agencies/", "/staff/agencies/?q=29999", "/staff/agencies/{agency}/"),
    *("/staff/agencies/{agency}/why/", "/staff/looks/", "/staff/mails/", "/staff/star-source/"),
    *("/staff/star-source/?phase=trial", "/staff/star-source/{plan}/", "/staff/events/"),
    *("/staff/events/{event}/", "/staff/events/{event}/door/", "/staff/public-answers/"),
)


def yardstick() -> float:
    """Milliseconds of the plain page."""
    spent = []
    for _ in range(RUNS):
        started = time.perf_counter()
        rows = list(Agency.objects.order_by("code").values_list("code", "name")[:50])
        PLAIN.render(Context({"rows": rows}))
        spent.append(time.perf_counter() - started)
    return 1000 * median(spent)


def measure(client: Client, path: str) -> tuple[float, float, int, int]:
    """Median and slowest milliseconds, queries, status."""
    for _ in range(WARM):
        response = client.get(path, headers={"accept-language": "zh-hans"})
    spent = []
    for _ in range(RUNS):
        started = time.perf_counter()
        client.get(path, headers={"accept-language": "zh-hans"})
        spent.append(1000 * (time.perf_counter() - started))
    with CaptureQueriesContext(connection) as captured:
        client.get(path)
    return median(spent), max(spent), len(captured), response.status_code


def report(title: str, user: User, pages: Iterable[str], **named: Any) -> None:
    client = Client(headers={"host": "localhost"})
    client.force_login(user)
    plain = yardstick()
    print(f"\n{title} (yardstick {plain:.2f} ms)")
    for page in pages:
        path = page.format(**named)
        middle, slowest, queries, status = measure(client, path)
        print(
            f"  {path:<46} {status} {middle:7.1f} ms  slowest {slowest:7.1f}  {queries:2} queries"
            f"  {middle / plain:6.1f} × the yardstick",
            flush=True,
        )


def named_by_staff() -> dict[str, Any]:
    """Something of everything that the addresses of staff name."""
    return {
        "question": Question.objects.filter(state="open").order_by("pk")[:1].get().pk,
        "agency": "BA000210",
        "plan": StarPlan.objects.order_by("pk")[:1].get().pk,
        "event": Event.objects.order_by("pk")[:1].get().pk,
    }


def main() -> None:
    call_command("migrate", verbosity=0)
    history.build()
    history.project_running_month()
    staff = people.administrator()
    report("The staff", staff, STAFF, **named_by_staff())
    for creators, user in history.members().items():
        agency = user.memberships.get().agency
        one = agency.bindings.select_related("creator").order_by("id")[:1].get()
        title = f"An agency with {creators} creators"
        report(title, user, PAGES, creator=one.creator.creator_id)


if __name__ == "__main__":
    main()

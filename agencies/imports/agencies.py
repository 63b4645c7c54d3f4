"""The agencies file: who is on the platform."""

# ruff: noqa: S608 - the SQL is put together from our own column names, never from values

from __future__ import annotations

from datetime import date

from agencies.enums import FileKind
from agencies.files import columns
from agencies.files.columns import FileSpec
from agencies.files.staging import Staging
from agencies.imports.frame import FileImport, Occasion
from agencies.imports.incoming import Incoming
from agencies.ledger import open_ledgers
from agencies.models import Agency
from agencies.policy import conduct_policy
from agencies.signals import Changed, history_changed

SPEC = FileSpec(
    columns=(
        columns.code("agency_code"),
        columns.text("name", required=True, longest=200, lines=True),
        columns.day("joined_on"),
        columns.text("city", longest=100),
        columns.text("category", longest=100),
        columns.email("contact_email"),
        columns.text("contact_phone", longest=50),
        columns.credit_code("uscc"),
    ),
    key=("agency_code",),
)
CHANGEABLE = ("name", "city", "category", "contact_email", "contact_phone")
STORED = "agencies_agency AS stored"
SAME = "stored.code = incoming.agency_code"


class AgencyImport(FileImport):
    """New agencies join with their opening credit; known ones get new names and contacts.

    1. The day of joining and a stored credit code (统一社会信用代码) cannot be changed by a file;
       a missing credit code is filled in.
    2. A column that the file does not have leaves what is stored; an empty value clears it.
    """

    kind = FileKind.AGENCIES

    def spec(self, today: date) -> FileSpec:
        return SPEC

    def apply(self, staged: Staging, occasion: Occasion) -> None:
        incoming = Incoming(staged)
        incoming.reject(
            f"{SAME} AND stored.joined_on <> incoming.joined_on",
            "'joined_on: agency ' || stored.code || ' joined on ' || stored.joined_on"
            " || '; a file cannot change that'",
            source=STORED,
        )
        incoming.reject(
            f"{SAME} AND stored.uscc <> '' AND incoming.uscc <> ''"
            " AND stored.uscc <> incoming.uscc",
            "'uscc: agency ' || stored.code || ' has the credit code ' || stored.uscc"
            " || '; a file cannot change that'",
            source=STORED,
        )
        _update(incoming)
        _insert(incoming, occasion)
        incoming.hand_back()


def _update(incoming: Incoming) -> None:
    names = [name for name in CHANGEABLE if name in incoming.present]
    new = {name: f"incoming.{name}" for name in names}
    if "uscc" in incoming.present:
        new["uscc"] = "coalesce(nullif(incoming.uscc, ''), stored.uscc)"
    old = ", ".join(f"stored.{name}" for name in new)
    # everybody locks agencies in this order
    incoming.rows(
        f"SELECT FROM {STORED}, incoming WHERE incoming.reason IS NULL AND {SAME}"
        " ORDER BY stored.id FOR NO KEY UPDATE OF stored"
    )
    incoming.run(
        f"UPDATE {STORED} SET {', '.join(f'{name} = {value}' for name, value in new.items())}"
        f" FROM incoming WHERE incoming.reason IS NULL AND {SAME}"
        f" AND ROW({old}) IS DISTINCT FROM ROW({', '.join(new.values())})"
    )


def _insert(incoming: Incoming, occasion: Occasion) -> None:
    fresh = f"incoming.reason IS NULL AND NOT EXISTS (SELECT FROM {STORED} WHERE {SAME})"
    months = incoming.rows(
        f"SELECT DISTINCT date_trunc('month', joined_on)::date FROM incoming WHERE {fresh}"
    )
    policies = {month: conduct_policy(month) for (month,) in months}
    joined = incoming.rows(
        f"""
        INSERT INTO agencies_agency (code, name, joined_on, city, category, contact_email,
            contact_phone, uscc, binding_cap, followers_below)
        SELECT agency_code, name, joined_on, coalesce(city, ''), coalesce(category, ''),
            coalesce(contact_email, ''), coalesce(contact_phone, ''), coalesce(uscc, ''),
            policy.binding_cap, policy.followers_below
        FROM incoming
        JOIN unnest(%(months)s::date[], %(caps)s::int[], %(followers)s::bigint[])
            AS policy(month, binding_cap, followers_below)
            ON policy.month = date_trunc('month', joined_on)::date
        WHERE {fresh}
        ORDER BY agency_code
        RETURNING id, joined_on
        """,
        {
            "months": list(policies),
            "caps": [policy.binding_cap for policy in policies.values()],
            "followers": [policy.followers_below for policy in policies.values()],
        },
    )
    open_ledgers(joined, at=occasion.now)
    if joined:
        history_changed.send(
            sender=Agency,
            first=min(day for _, day in joined),
            last=None,
            what=Changed.AGENCIES,
            about={"agencies": len(joined)},
        )

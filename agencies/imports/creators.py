"""The creators file: who the creators are and how to reach them."""

# ruff: noqa: S608 - the SQL is put together from our own column names, never from values

from __future__ import annotations

from datetime import date

from agencies.enums import FileKind
from agencies.files import columns
from agencies.files.columns import FileSpec
from agencies.files.staging import Staging
from agencies.imports.frame import FileImport, Occasion
from agencies.imports.incoming import Incoming

SPEC = FileSpec(
    columns=(
        columns.code("creator_id"),
        columns.text("nickname", required=True, longest=200, lines=True),
        columns.whole("followers", required=False),
        columns.email("contact"),
    ),
    key=("creator_id",),
)


class CreatorImport(FileImport):
    """Introduces creators, also those that so far only facts named, and updates known ones.

    1. Followers count as known on the day of the import; an empty value leaves what is known.
    2. A column that the file does not have leaves what is stored; an empty contact clears it.
    """

    kind = FileKind.CREATORS

    def spec(self, today: date) -> FileSpec:
        return SPEC

    def apply(self, staged: Staging, occasion: Occasion) -> None:
        incoming = Incoming(staged)
        new = {
            "nickname": "excluded.nickname",
            "introduced_on": "coalesce(stored.introduced_on, excluded.introduced_on)",
        }
        if "contact" in incoming.present:
            new["contact"] = "excluded.contact"
        if "followers" in incoming.present:
            new["followers"] = "coalesce(excluded.followers, stored.followers)"
            new["followers_on"] = "coalesce(excluded.followers_on, stored.followers_on)"
        old = ", ".join(f"stored.{name}" for name in new)
        incoming.run(
            f"""
            INSERT INTO agencies_creator AS stored
                (creator_id, nickname, introduced_on, followers, followers_on, contact)
            SELECT creator_id, nickname, %(today)s::date, followers,
                CASE WHEN followers IS NOT NULL THEN %(today)s::date END, coalesce(contact, '')
            FROM incoming ORDER BY creator_id
            ON CONFLICT (creator_id) DO UPDATE
            SET {", ".join(f"{name} = {value}" for name, value in new.items())}
            WHERE ROW({old}) IS DISTINCT FROM ROW({", ".join(new.values())})
            """,
            {"today": occasion.today},
        )

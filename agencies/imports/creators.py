"""The creators file: who the creators are and how to reach them."""

# ruff: noqa: S608 - the SQL is put together from our own column names, never from values

from __future__ import annotations

from collections.abc import Collection, Mapping
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
    3. Links that went to a contact which changes here open nothing any more.

    Locks the creators that change, by id.
    """

    kind = FileKind.CREATORS

    def spec(self, today: date) -> FileSpec:
        return SPEC

    def apply(self, staged: Staging, occasion: Occasion) -> None:
        incoming = Incoming(staged, {"introduced_on": "date", "followers_on": "date"})
        new = _new_values(incoming.present)
        incoming.run(
            "UPDATE incoming SET introduced_on = %(today)s, contact = coalesce(contact, ''),"
            " followers_on = CASE WHEN followers IS NOT NULL THEN %(today)s::date END",
            {"today": occasion.today},
        )
        _drop_unchanged(incoming, new)
        _lock(incoming)
        if "contact" in new:
            _expire_links(incoming, occasion)
        columns_of = "creator_id, nickname, introduced_on, followers, followers_on, contact"
        values = {name: value.replace("incoming.", "excluded.") for name, value in new.items()}
        incoming.run(
            f"""
            INSERT INTO agencies_creator AS stored ({columns_of})
            SELECT {columns_of} FROM incoming ORDER BY creator_id
            ON CONFLICT (creator_id) DO UPDATE
            SET {", ".join(f"{name} = {value}" for name, value in values.items())}
            """
        )


def _new_values(present: Collection[str]) -> dict[str, str]:
    """What a stored creator becomes, by column."""
    new = {
        "nickname": "incoming.nickname",
        "introduced_on": "coalesce(stored.introduced_on, incoming.introduced_on)",
    }
    if "contact" in present:
        new["contact"] = "incoming.contact"
    if "followers" in present:
        new["followers"] = "coalesce(incoming.followers, stored.followers)"
        new["followers_on"] = "coalesce(incoming.followers_on, stored.followers_on)"
    return new


def _drop_unchanged(incoming: Incoming, new: Mapping[str, str]) -> None:
    """Creators that stay as they are need no lock, and nobody has to wait for them."""
    old = ", ".join(f"stored.{name}" for name in new)
    incoming.run(
        "DELETE FROM incoming USING agencies_creator AS stored"
        " WHERE stored.creator_id = incoming.creator_id"
        f" AND ROW({old}) IS NOT DISTINCT FROM ROW({', '.join(new.values())})"
    )


def _lock(incoming: Incoming) -> None:
    """Lock the stored creators in the order in which everybody does."""
    incoming.run(
        "SELECT count(*) FROM (SELECT FROM agencies_creator AS stored"
        " JOIN incoming USING (creator_id) ORDER BY stored.id FOR NO KEY UPDATE OF stored) AS held"
    )


def _expire_links(incoming: Incoming, occasion: Occasion) -> None:
    """Close what was sent to another contact, as whoever reads that is not the creator now."""
    incoming.run(
        """
        UPDATE agencies_creatorlink AS link
        SET expires_at = greatest(link.created_at + interval '1 microsecond', %(now)s)
        FROM incoming JOIN agencies_creator AS stored USING (creator_id)
        WHERE link.creator_id = stored.id AND link.used_at IS NULL AND link.expires_at > %(now)s
            AND stored.contact <> '' AND lower(stored.contact) <> lower(incoming.contact)
        """,
        {"now": occasion.now},
    )

"""What staff see and may do of agencies, and that every look is written down."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from agencies.models import Agency, CreditEntry, ImportedFile, Membership
from portal.models import StaffLook
from tests.factories import (
    AgencyFactory,
    BindingFactory,
    CreatorFactory,
    MembershipFactory,
    UserFactory,
    ViolationFactory,
)
from tests.factories.staff import operator, signed_in, superuser, supporter

pytestmark = pytest.mark.django_db

TABLES = ["agency", "creator", "binding", "violation", "creditentry", "importedfile"]


def imported(**fields: Any) -> ImportedFile:
    now = timezone.now()
    given = {
        "kind": "agencies",
        "name": "agencies.csv",
        "sha256": "0" * 64,
        "size": 10,
        "outcome": "applied",
        "started_at": now,
        "finished_at": now,
    }
    return ImportedFile.objects.create(**given | fields)


def one_of_each() -> dict[str, Any]:
    binding = BindingFactory.create()
    MembershipFactory.create(agency=binding.agency)
    return {
        "agency": binding.agency,
        "creator": binding.creator,
        "binding": binding,
        "violation": ViolationFactory.create(agency=binding.agency),
        "creditentry": CreditEntry.objects.get(agency=binding.agency),
        "importedfile": imported(),
    }


def address(table: str, *parts: object) -> str:
    return "/".join(["/admin/agencies", table, *map(str, parts)]) + "/"


@pytest.mark.parametrize("person", [superuser, operator, supporter])
def test_staff_see_every_table_and_every_object(person: Any) -> None:
    client = signed_in(person())
    for table, row in one_of_each().items():
        assert client.get(address(table)).status_code == 200
        assert client.get(address(table, row.pk, "change")).status_code == 200


@pytest.mark.parametrize("table", TABLES)
def test_nobody_adds_or_deletes_by_hand(table: str) -> None:
    row = one_of_each()[table]
    client = signed_in(superuser())
    for page in (address(table, "add"), address(table, row.pk, "delete")):
        assert client.get(page).status_code == 403
        assert client.post(page, {"post": "yes"}).status_code == 403
    assert type(row).objects.filter(pk=row.pk).exists()


@pytest.mark.parametrize("table", ["creator", "binding", "violation", "creditentry"])
def test_history_is_read_only_even_for_superusers(table: str) -> None:
    row = one_of_each()[table]
    assert signed_in(superuser()).post(address(table, row.pk, "change"), {}).status_code == 403


def form(**fields: str) -> dict[str, str]:
    lines = {
        "memberships-TOTAL_FORMS": "0",
        "memberships-INITIAL_FORMS": "0",
        "memberships-MIN_NUM_FORMS": "0",
        "memberships-MAX_NUM_FORMS": "1000",
    }
    return {"name": "星河文化", **lines, **fields}


def test_operations_keeps_contact_data_but_not_what_publication_wrote() -> None:
    agency = AgencyFactory.create(code="A1", level="V3", stage="assessed")
    response = signed_in(operator()).post(
        address("agency", agency.pk, "change"),
        form(city="杭州", contact_email="a@example.com", code="B2", level="V5", stage=""),
    )
    assert response.status_code == 302
    agency.refresh_from_db()
    assert (agency.city, agency.contact_email) == ("杭州", "a@example.com")
    assert (agency.code, agency.level, agency.stage) == ("A1", "V3", "assessed")


def test_operations_gives_a_person_a_seat() -> None:
    agency, person = AgencyFactory.create(), UserFactory.create()
    seat = {
        "memberships-TOTAL_FORMS": "1",
        "memberships-0-user": str(person.pk),
        "memberships-0-role": "viewer",
    }
    signed_in(operator()).post(address("agency", agency.pk, "change"), form(**seat))
    assert list(Membership.objects.values_list("agency", "user", "role")) == [
        (agency.pk, person.pk, "viewer")
    ]


def test_support_changes_nothing() -> None:
    agency = AgencyFactory.create(city="成都")
    response = signed_in(supporter()).post(address("agency", agency.pk, "change"), form(city="x"))
    assert response.status_code == 403
    assert Agency.objects.get().city == "成都"


def test_every_look_at_an_agency_is_written_down() -> None:
    actor, agency = supporter(), AgencyFactory.create(code="A1", name="星河")
    client = signed_in(actor)
    client.get(address("agency", agency.pk, "change"))
    client.get(address("agency", agency.pk, "history"))
    entry = CreditEntry.objects.get()
    client.get(address("creditentry", entry.pk, "change"))
    looks = StaffLook.objects.order_by("id").values_list("actor", "agency", "path")
    assert list(looks) == [
        (actor.pk, agency.pk, address("agency", agency.pk, "change")),
        (actor.pk, agency.pk, address("agency", agency.pk, "history")),
        (actor.pk, agency.pk, address("creditentry", entry.pk, "change")),
    ]
    assert StaffLook.objects.earliest("id").object_label == "agency: 星河 (A1)"


def test_a_look_at_a_list_is_written_down_with_what_was_searched() -> None:
    AgencyFactory.create(code="A1")
    signed_in(supporter()).get(address("agency") + "?q=A1")
    assert list(StaffLook.objects.values_list("object_label", "agency", "path")) == [
        ("agencies", None, "/admin/agencies/agency/?q=A1")
    ]


def test_a_look_at_what_is_not_there_is_none() -> None:
    signed_in(supporter()).get(address("agency", 4711, "change"))
    assert not StaffLook.objects.exists()


@pytest.mark.parametrize("asked", ["A77", "梧桐", "91330100MA2"])
def test_agencies_are_found_by_code_name_and_credit_code(asked: str) -> None:
    AgencyFactory.create(code="A77", name="梧桐传媒", uscc="91330100MA2AAAAAAA")
    AgencyFactory.create(code="B1", name="星河")
    page = signed_in(superuser()).get(address("agency"), {"q": asked})
    assert [row.code for row in page.context["cl"].result_list] == ["A77"]


def test_creators_are_found_by_how_their_id_begins_through_its_index() -> None:
    CreatorFactory.create(creator_id="MX_1")
    CreatorFactory.create(creator_id="MXA1")
    page = signed_in(superuser()).get(address("creator"), {"q": "MX_"})
    assert [row.creator_id for row in page.context["cl"].result_list] == ["MX_1"]


def queries(client: Client, page: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert client.get(page).status_code == 200
    return len(captured)


@pytest.mark.parametrize("table", TABLES)
def test_a_list_of_three_asks_no_more_than_a_list_of_one(table: str) -> None:
    client = signed_in(superuser())
    one_of_each()
    client.get(address(table))
    few = queries(client, address(table))
    one_of_each()
    one_of_each()
    assert queries(client, address(table)) == few


def test_an_agency_with_three_members_asks_no_more_than_with_one() -> None:
    client, agency = signed_in(superuser()), AgencyFactory.create()
    page = address("agency", agency.pk, "change")
    MembershipFactory.create(agency=agency)
    client.get(page)
    few = queries(client, page)
    MembershipFactory.create_batch(2, agency=agency)
    # the widget of each line looks its person up
    assert queries(client, page) == few + 2


def rejects_file(name: str, text: str = "line,reason\n3,unknown agency\n") -> Path:
    path = Path(settings.REJECTS_DIR) / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_rejects_are_downloaded_and_the_look_is_written_down() -> None:
    rejects_file("2026/agencies-1.csv")
    row = imported(rejected=1, rejects="2026/agencies-1.csv")
    response = signed_in(supporter()).get(address("importedfile", row.pk, "rejects"))
    assert b"".join(response.streaming_content) == b"line,reason\n3,unknown agency\n"
    assert response["Content-Disposition"] == 'attachment; filename="agencies-1.csv"'
    assert StaffLook.objects.get().object_label == "imported file: agencies agencies.csv"


@pytest.mark.parametrize("name", ["../secret_key", "/etc/hostname", "gone.csv", ""])
def test_only_files_among_the_rejects_are_served(name: str) -> None:
    rejects_file("kept.csv")
    (Path(settings.REJECTS_DIR).parent / "secret_key").write_text("secret")
    row = imported(rejects=name)
    response = signed_in(superuser()).get(address("importedfile", row.pk, "rejects"))
    assert response.status_code == 302
    assert response["Location"] == address("importedfile", row.pk, "change")


def test_rejects_need_the_right_to_see_deliveries() -> None:
    rejects_file("kept.csv")
    page = address("importedfile", imported(rejects="kept.csv").pk, "rejects")
    assert signed_in(UserFactory.create(is_staff=True)).get(page).status_code == 403
    assert signed_in(UserFactory.create()).get(page).status_code == 302
    assert signed_in(superuser()).post(page).status_code == 405


def test_a_contact_edit_leaves_what_moved_meanwhile_alone() -> None:
    agency = AgencyFactory.create(code="A1", level="V3", stage="assessed")
    statements: list[str] = []

    def listen(execute: Any, sql: str, *rest: Any) -> Any:
        statements.append(sql)
        return execute(sql, *rest)

    with connection.execute_wrapper(listen):
        signed_in(operator()).post(address("agency", agency.pk, "change"), form(city="杭州"))
    (update,) = [sql for sql in statements if sql.startswith('UPDATE "agencies_agency"')]
    assert '"city"' in update
    assert "ledger" not in update
    assert "level" not in update


def test_a_look_by_another_method_is_written_down_too() -> None:
    agency = AgencyFactory.create()
    signed_in(supporter()).options(address("agency", agency.pk, "change"))
    assert StaffLook.objects.get().agency == agency

"""`import_agencies`: who joins, what a file may change, what it may not."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from agencies.enums import EntryKind, FileKind, ImportOutcome
from agencies.ledger import verify
from agencies.models import Agency, CreditEntry, ImportedFile
from tests.agencies.deliveries import deliver, deliver_bytes, parquet_file, run_import
from tests.factories import AgencyFactory

pytestmark = pytest.mark.django_db


def test_new_agency_joins_with_its_opening_credit_and_the_caps_of_a_novice(
    tmp_path: Path,
) -> None:
    said = deliver(
        tmp_path,
        "agencies",
        "A1, 星河 ,2026-04-15,杭州,美妆,a@example.com,0571-1234,91330100ma2abcde0x",
    )
    assert (said.counts, said.exit_code, said.err) == ("accepted 1, rejected 0", 0, "")
    agency = Agency.objects.get()
    assert (agency.code, agency.name, agency.joined_on) == ("A1", "星河", date(2026, 4, 15))
    assert (agency.city, agency.category) == ("杭州", "美妆")
    assert (agency.contact_email, agency.contact_phone) == ("a@example.com", "0571-1234")
    assert agency.uscc == "91330100MA2ABCDE0X"
    assert (agency.stage, agency.level) == ("", "")
    assert (agency.binding_cap, agency.followers_below) == (20, 5_000_000)
    entry = CreditEntry.objects.get()
    assert (entry.kind, entry.points, entry.effective_on) == (
        EntryKind.OPENING,
        120,
        date(2026, 4, 15),
    )
    assert verify()[1] == []


def test_delivery_is_registered(tmp_path: Path) -> None:
    deliver(tmp_path, "agencies", "A1,甲,2026-01-01,,,,,", "A2,乙,never,,,,,")
    row = ImportedFile.objects.get()
    assert (row.kind, row.name, row.outcome) == (
        FileKind.AGENCIES,
        "file.csv",
        ImportOutcome.APPLIED,
    )
    assert (row.accepted, row.rejected) == (1, 1)
    assert row.rejects.endswith(f"-agencies-{row.sha256[:12]}.csv")


def test_known_agency_gets_new_name_and_contacts(tmp_path: Path) -> None:
    AgencyFactory(code="A1", name="旧", city="杭州", joined_on=date(2026, 1, 1))
    said = deliver(tmp_path, "agencies", "A1,新,2026-01-01,成都,,b@example.com,,")
    assert said.counts == "accepted 1, rejected 0"
    agency = Agency.objects.get()
    assert (agency.name, agency.city, agency.contact_email) == ("新", "成都", "b@example.com")
    assert CreditEntry.objects.count() == 1


def test_absent_column_leaves_and_empty_value_clears(tmp_path: Path) -> None:
    AgencyFactory(code="A1", city="杭州", category="美妆", joined_on=date(2026, 1, 1))
    deliver(tmp_path, "agencies", "A1,甲,2026-01-01,", header="agency_code,name,joined_on,city")
    agency = Agency.objects.get()
    assert (agency.city, agency.category) == ("", "美妆")


def test_same_file_again_changes_nothing(tmp_path: Path) -> None:
    rows = ["A1,甲,2026-01-01,杭州,,,,", "A2,乙,2026-02-01,,,,,"]
    deliver(tmp_path, "agencies", *rows)
    before = list(Agency.objects.values())
    for _ in range(2):
        said = deliver(tmp_path, "agencies", *rows)
        assert said.counts == "accepted 2, rejected 0"
    assert list(Agency.objects.values()) == before
    assert CreditEntry.objects.count() == 2


def test_day_of_joining_cannot_be_changed(tmp_path: Path) -> None:
    AgencyFactory(code="A1", name="甲", joined_on=date(2026, 1, 1))
    said = deliver(tmp_path, "agencies", "A1,乙,2026-02-01,,,,,")
    assert said.reasons == [
        (2, "joined_on: agency A1 joined on 2026-01-01; a file cannot change that")
    ]
    assert Agency.objects.get().name == "甲"


def test_credit_code_is_filled_in_once(tmp_path: Path) -> None:
    AgencyFactory(code="A1", joined_on=date(2026, 1, 1))
    header = "agency_code,name,joined_on,uscc"
    deliver(tmp_path, "agencies", "A1,甲,2026-01-01,X1", header=header)
    assert Agency.objects.get().uscc == "X1"
    said = deliver(tmp_path, "agencies", "A1,甲,2026-01-01,X2", header=header)
    assert said.reasons == [
        (2, "uscc: agency A1 has the credit code X1; a file cannot change that")
    ]
    said = deliver(tmp_path, "agencies", "A1,甲,2026-01-01,", header=header)
    assert said.counts == "accepted 1, rejected 0"
    assert Agency.objects.get().uscc == "X1"


def test_rows_that_share_a_readable_key_are_all_rejected(tmp_path: Path) -> None:
    said = deliver(
        tmp_path,
        "agencies",
        "A1,甲,2026-01-01,,,,,",
        "A2,乙,2026-01-01,,,,,",
        "A1,甲,2026-01-01,,,,,",
        "A1,,2026-01-01,,,,,",
    )
    assert said.counts == "accepted 1, rejected 3"
    same = (
        "agency_code: 3 rows of this file are about the same (lines 2, 4, 5);"
        " leave the one that is right"
    )
    assert said.reasons == [(2, same), (4, same), (5, "name is empty: it is required")]
    assert Agency.objects.get().code == "A2"


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (",甲,2026-01-01,,,,,", "agency_code is empty: it is required"),
        ("A 1,甲,2026-01-01,,,,,", 'agency_code: "A 1" is not an id: use 1 to 32 of A-Z a-z 0-9'),
        ("A" * 33 + ",甲,2026-01-01,,,,,", f'agency_code: "{"A" * 33}" is not an id'),
        ("Ａ１,甲,2026-01-01,,,,,", 'agency_code: "Ａ１" is not an id'),
        ("A1,　 ,2026-01-01,,,,,", "name is empty: it is required"),
        ("A1," + "甲" * 201 + ",2026-01-01,,,,,", f'name: "{"甲" * 40}…" is longer than 200'),
        ("A1,a\x07b,2026-01-01,,,,,", 'name: "a b" holds a control character'),
        ("A1,甲,,,,,,", "joined_on is empty: it is required"),
        ("A1,甲,2026-02-29,,,,,", 'joined_on: "2026-02-29" is not a day: write YYYY-MM-DD'),
        ("A1,甲,2026-1-5,,,,,", 'joined_on: "2026-1-5" is not a day'),
        ("A1,甲,2026/01/05,,,,,", 'joined_on: "2026/01/05" is not a day'),
        ("A1,甲,1969-12-31,,,,,", 'joined_on: "1969-12-31" is not between 1970-01-01'),
        ("A1,甲,2026-01-01,,,not-an-address,,", 'contact_email: "not-an-address" is not an e-mail'),
        ("A1,甲,2026-01-01,,,,,1-2", 'uscc: "1-2" is not a credit code'),
        ("A1,甲,2026-01-01", "the row has 3 fields, the header has 8"),
        ("A1,甲,2026-01-01,,,,,,", "the row has 9 fields, the header has 8"),
    ],
)
def test_row_is_rejected_with_its_line_and_reason(tmp_path: Path, row: str, reason: str) -> None:
    said = deliver(tmp_path, "agencies", "A0,好,2026-01-01,,,,,", row)
    assert said.counts == "accepted 1, rejected 1"
    [(line, given)] = said.reasons
    assert line == 3
    assert given.startswith(reason)
    assert Agency.objects.get().code == "A0"


def test_rejects_file_holds_the_values_as_delivered_and_no_formulas(tmp_path: Path) -> None:
    said = deliver(
        tmp_path,
        "agencies",
        'x!,"=HYPERLINK(""evil"")",-12.50,+1,@a,-x,\t=1,－1',
    )
    [row] = said.rejects
    assert row["agency_code"] == "x!"
    assert row["name"] == '\'=HYPERLINK("evil")'
    assert row["joined_on"] == "-12.50"
    assert (row["city"], row["category"], row["contact_email"]) == ("'+1", "'@a", "'-x")
    assert (row["contact_phone"], row["uscc"]) == ("'\t=1", "'－1")


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("agency_code,name,joined_on,colour", "unknown: colour"),
        ("agency_code,joined_on", "missing: name"),
        ("agency_code,name,joined_on,name", "there more than once: name"),
        ("agency_code,name,joined_on,", "unknown: (without a name)"),
    ],
)
def test_columns_that_do_not_fit_refuse_the_file(tmp_path: Path, header: str, words: str) -> None:
    said = deliver(tmp_path, "agencies", "A1,甲,2026-01-01,x", header=header)
    assert (said.out, said.exit_code) == ("", 1)
    assert f"file.csv: The columns do not fit ({words})." in said.err
    assert not Agency.objects.exists()
    row = ImportedFile.objects.get()
    assert (row.outcome, row.accepted, row.rejected) == (ImportOutcome.REFUSED, 0, 0)
    assert words in row.fault


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("file.txt", b"agency_code,name,joined_on\n", "name must end in .csv or .parquet"),
        ("file.csv.gz", b"\x1f\x8b", "name must end in .csv or .parquet"),
        ("file.csv", b"\x1f\x8b\x08\x00", "is compressed with gzip"),
        ("file.csv", b"PK\x03\x04abcd", "zip archive or an Excel workbook"),
        ("file.csv", b"PAR1abcdPAR1", "is a Parquet file"),
        ("file.csv", "agency_code,name,joined_on\nA1,甲,2026-01-01\n".encode("gbk"), "Line 2"),
        ("file.csv", b"agency_code,name,joined_on\nA1,\0,2026-01-01\n", "Line 2 holds a NUL byte"),
        ("file.csv", b'agency_code,name,joined_on\nA1,"x,2026-01-01\n', "cut off: the quote"),
        ("file.csv", b"", "The file is empty"),
        ("file.parquet", b"agency_code,name,joined_on\n", "not Parquet, which its name claims"),
    ],
)
def test_file_level_fault_refuses_the_file_and_changes_nothing(
    tmp_path: Path, name: str, content: bytes, words: str
) -> None:
    said = deliver_bytes(tmp_path, "agencies", content, name)
    assert (said.out, said.exit_code) == ("", 1)
    assert words in said.err
    assert not Agency.objects.exists()


def test_missing_file_and_folder_are_named(tmp_path: Path) -> None:
    assert run_import("agencies", tmp_path / "no.csv").err.endswith("There is no such file.\n")
    assert run_import("agencies", tmp_path).err.endswith("That is no file.\n")
    assert not ImportedFile.objects.exists()


def test_header_alone_is_a_file_without_records(tmp_path: Path) -> None:
    said = deliver(tmp_path, "agencies")
    assert (said.out, said.exit_code) == ("accepted 0, rejected 0\n", 0)


def test_parquet_has_the_same_columns(tmp_path: Path) -> None:
    path = parquet_file(
        tmp_path / "FILE.PARQUET",
        {
            "agency_code": ["A1", "A2", None],
            "name": ["甲", "乙", "丙"],
            "joined_on": [date(2026, 1, 1), None, date(2026, 1, 3)],
        },
    )
    said = run_import("agencies", path)
    assert said.reasons == [
        (2, "joined_on is empty: it is required"),
        (3, "agency_code is empty: it is required"),
    ]
    assert Agency.objects.get().joined_on == date(2026, 1, 1)


def test_agencies_join_under_the_rulebook_of_their_day_in_one_file(tmp_path: Path) -> None:
    rows = [f"A{n:04d},名{n},2025-{n % 12 + 1:02d}-{n % 28 + 1:02d},,,,," for n in range(500)]
    assert deliver(tmp_path, "agencies", *rows).counts == "accepted 500, rejected 0"
    assert CreditEntry.objects.filter(kind=EntryKind.OPENING, points=120).count() == 500
    assert verify()[1] == []

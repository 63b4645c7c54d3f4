"""Rulebook versions: stored as drafts, put in force month by month, never edited."""

from __future__ import annotations

from datetime import UTC, date, datetime
from io import StringIO
from pathlib import Path

import pgtrigger
import pytest
from django.core.management import CommandError, call_command

from agencies.policy import CreditBan, conduct_policy
from scoring.enums import RulebookState
from scoring.models import RulebookVersion
from scoring.rulebook import RulebookError
from scoring.rulebook_versions import DEFAULT, VersionTaken, ensure_default_rulebook, store_rulebook
from tests.factories import EvaluationFactory, UserFactory

pytestmark = pytest.mark.django_db

AT = datetime(2026, 3, 5, 4, 0, tzinfo=UTC)
SHIPPED = DEFAULT.read_text(encoding="utf-8")


def text(version: str, effective_from: str = "2026-04", **changes: str) -> str:
    """The shipped rulebook under another name and start, with some words exchanged."""
    changed = SHIPPED.replace('version = "2026.1"', f'version = "{version}"').replace(
        'effective_from = "2000-01"', f'effective_from = "{effective_from}"'
    )
    for old, new in changes.items():
        assert f"{old} = " in changed
        lines = changed.splitlines(keepends=True)
        changed = "".join(
            f"{old} = {new}\n" if line.startswith(f"{old} = ") else line for line in lines
        )
    return changed


def in_force(month: date) -> str:
    return RulebookVersion.objects.for_month(month).version


@pytest.mark.parametrize(
    "month", [date(2000, 1, 1), date(2023, 3, 1), date(2026, 11, 1), date(2099, 12, 1)]
)
def test_a_fresh_database_has_the_default_rulebook_in_force(month: date) -> None:
    found = RulebookVersion.objects.for_month(month)
    assert (found.version, found.state, found.text) == ("2026.1", RulebookState.IN_FORCE, SHIPPED)
    assert found.activated_at is not None
    assert found.actor is None


def test_the_default_is_given_only_to_a_database_without_any() -> None:
    ensure_default_rulebook(at=AT)
    assert RulebookVersion.objects.count() == 1
    with pgtrigger.ignore("scoring.RulebookVersion:rulebook_kept"):
        RulebookVersion.objects.all().delete()
    store_rulebook(text("own"), at=AT)
    ensure_default_rulebook(at=AT)
    assert RulebookVersion.objects.get().version == "own"


def test_before_the_first_version_none_is_in_force() -> None:
    with pytest.raises(RulebookVersion.DoesNotExist, match="No rulebook is in force for 1999-12"):
        RulebookVersion.objects.for_month(date(1999, 12, 1))


def test_a_draft_decides_nothing() -> None:
    person = UserFactory.create()
    version, changed = store_rulebook(text("draft"), at=AT, by=person)
    assert changed
    assert (version.state, version.actor, version.created_at) == ("draft", person, AT)
    assert (version.effective_from, version.activated_at) == (date(2026, 4, 1), None)
    assert in_force(date(2026, 4, 1)) == "2026.1"


def test_a_draft_is_put_in_force_by_the_same_file() -> None:
    draft, _ = store_rulebook(text("next"), at=AT)
    version, changed = store_rulebook(text("next"), at=AT, activate=True)
    assert changed
    assert (version.pk, version.state, version.activated_at) == (draft.pk, "in_force", AT)
    assert RulebookVersion.objects.count() == 2


@pytest.mark.parametrize("activate", [False, True])
def test_the_same_file_again_changes_nothing(activate: bool) -> None:
    store_rulebook(text("same"), at=AT, activate=activate)
    before = list(RulebookVersion.objects.order_by("pk").values())
    later = datetime(2026, 3, 6, tzinfo=UTC)
    _, changed = store_rulebook(text("same"), at=later, activate=activate)
    assert not changed
    assert list(RulebookVersion.objects.order_by("pk").values()) == before


def test_the_same_file_without_activation_leaves_what_is_in_force() -> None:
    store_rulebook(text("same"), at=AT, activate=True)
    version, changed = store_rulebook(text("same"), at=AT)
    assert (version.state, changed) == ("in_force", False)


@pytest.mark.parametrize("activate", [False, True])
def test_another_content_under_the_same_version_is_refused(activate: bool) -> None:
    store_rulebook(text("taken"), at=AT, activate=activate)
    before = list(RulebookVersion.objects.order_by("pk").values())
    with pytest.raises(VersionTaken, match="Version taken is already stored with other content"):
        store_rulebook(text("taken", opening="100"), at=AT, activate=True)
    assert list(RulebookVersion.objects.order_by("pk").values()) == before


def test_the_shipped_version_cannot_be_edited() -> None:
    with pytest.raises(VersionTaken, match=r"Version 2026\.1 is already stored"):
        store_rulebook(SHIPPED.replace("opening = 120", "opening = 1"), at=AT, activate=True)
    assert conduct_policy(date(2026, 3, 1)).opening == 120


def test_a_later_start_counts_only_from_its_month() -> None:
    store_rulebook(text("april", "2026-04"), at=AT, activate=True)
    store_rulebook(text("june", "2026-06"), at=AT, activate=True)
    months = [date(2026, month, 1) for month in range(3, 8)]
    assert [in_force(month) for month in months] == ["2026.1", "april", "april", "june", "june"]


def test_an_earlier_start_put_in_force_later_does_not_hide_a_later_start() -> None:
    store_rulebook(text("june", "2026-06"), at=AT, activate=True)
    store_rulebook(text("april", "2026-04"), at=AT, activate=True)
    assert [in_force(date(2026, month, 1)) for month in (3, 4, 6)] == ["2026.1", "april", "june"]


def test_of_two_that_begin_in_one_month_the_last_counts_and_the_other_is_retired() -> None:
    first, _ = store_rulebook(text("first"), at=AT, activate=True)
    store_rulebook(text("second"), at=AT, activate=True)
    first.refresh_from_db()
    assert first.state == RulebookState.RETIRED
    assert in_force(date(2026, 4, 1)) == "second"
    assert in_force(date(2026, 3, 1)) == "2026.1"


def test_a_bad_rulebook_is_refused_with_all_its_faults_and_nothing_stored() -> None:
    bad = text("bad", opening="-1", silence_days='"soon"') + "\n[surprise]\n"
    with pytest.raises(RulebookError) as refused:
        store_rulebook(bad, at=AT, activate=True)
    places = [fault.place for fault in refused.value.faults]
    assert sorted(places) == ["bindings.silence_days", "credit.opening", "surprise"]
    assert RulebookVersion.objects.count() == 1


def test_conduct_follows_the_rulebook_of_the_month() -> None:
    strict = text(
        "strict",
        opening="100",
        cap="100",
        restore_points="5",
        restore_clean_days="60",
        silence_days="7",
        binding_cap="10",
    ).replace("below = 80, days = 30", "below = 70, days = 90")
    store_rulebook(strict, at=AT, activate=True)

    before, after = conduct_policy(date(2026, 3, 31)), conduct_policy(date(2026, 4, 1))

    assert (before.opening, before.cap, before.restore_points) == (120, 150, 10)
    assert (before.restore_clean_days, before.silence_days, before.appeal_days) == (30, 14, 15)
    assert before.bans == (CreditBan(80, 30), CreditBan(40, 60))
    assert (before.binding_cap, before.followers_below) == (20, 5_000_000)
    assert before.kinds == {
        "dispute",
        "impersonation",
        "false_information",
        "fake_traffic",
        "prohibited_content",
        "breach_of_agreement",
        "other",
    }
    assert (after.opening, after.cap, after.restore_points) == (100, 100, 5)
    assert (after.restore_clean_days, after.silence_days, after.binding_cap) == (60, 7, 10)
    assert after.bans == (CreditBan(70, 90), CreditBan(40, 60))


class TestCommand:
    """import_rulebook FILE [--activate]."""

    @pytest.fixture
    def file(self, tmp_path: Path) -> Path:
        path = tmp_path / "rules.toml"
        path.write_text(text("2026.2"), encoding="utf-8")
        return path

    def run(self, *arguments: object) -> str:
        out = StringIO()
        call_command("import_rulebook", *map(str, arguments), stdout=out)
        return out.getvalue()

    def refusal(self, *arguments: object) -> str:
        out = StringIO()
        with pytest.raises(CommandError) as refused:
            call_command("import_rulebook", *map(str, arguments), stdout=out)
        assert (refused.value.returncode, out.getvalue()) == (1, "")
        assert RulebookVersion.objects.filter(version="2026.2", state="in_force").count() == 0
        return str(refused.value)

    def test_it_stores_a_draft_then_puts_it_in_force_then_changes_nothing(self, file: Path) -> None:
        assert self.run(file) == "2026.2 is stored as a draft; --activate puts it in force.\n"
        assert self.run(file) == "2026.2 was stored before: nothing changed.\n"
        assert self.run(file, "--activate") == "2026.2 is in force from 2026-04 on.\n"
        assert self.run(file, "--activate") == "2026.2 was stored before: nothing changed.\n"
        assert in_force(date(2026, 4, 1)) == "2026.2"

    def test_the_shipped_file_changes_nothing(self) -> None:
        assert self.run(DEFAULT, "--activate") == "2026.1 was stored before: nothing changed.\n"

    def test_a_byte_order_mark_is_fine(self, file: Path) -> None:
        file.write_text(text("2026.2"), encoding="utf-8-sig")
        assert self.run(file, "--activate") == "2026.2 is in force from 2026-04 on.\n"

    def test_every_fault_is_listed_by_its_place(self, file: Path) -> None:
        file.write_text(text("2026.2", opening="-1", silence_days='"soon"'), "utf-8")
        lines = self.refusal(file, "--activate").splitlines()
        assert lines[0] == f"{file} is refused, nothing was stored:"
        places = [line.strip().partition(": ")[0] for line in lines[1:]]
        assert sorted(places) == ["bindings.silence_days", "credit.opening"]
        assert RulebookVersion.objects.count() == 1

    def test_another_content_under_a_stored_version_is_refused(self, file: Path) -> None:
        self.run(file)
        file.write_text(text("2026.2", opening="100"), encoding="utf-8")
        assert "Version 2026.2 is already stored with other content" in self.refusal(
            file, "--activate"
        )

    def test_a_file_that_is_not_there(self, tmp_path: Path) -> None:
        missing = tmp_path / "none.toml"
        assert self.refusal(missing) == f"{missing} cannot be read: No such file or directory."

    def test_a_folder(self, tmp_path: Path) -> None:
        assert self.refusal(tmp_path) == f"{tmp_path} cannot be read: Is a directory."

    def test_a_file_in_another_encoding(self, file: Path) -> None:
        file.write_bytes(text("2026.2").encode("gbk", errors="replace"))
        assert self.refusal(file) == f"{file} is not UTF-8 text: save it as UTF-8."

    def test_a_file_far_too_large(self, file: Path) -> None:
        file.write_bytes(b"#" * ((1 << 20) + 1))
        assert "is larger than 1 MB" in self.refusal(file)

    def test_a_nul_character(self, file: Path) -> None:
        file.write_bytes(text("2026.2").encode() + b"\x00")
        assert "is refused, nothing was stored:" in self.refusal(file, "--activate")


def test_activation_marks_the_evaluated_months_it_changes_as_stale() -> None:
    before = EvaluationFactory(month=date(2026, 8, 1))
    changed = EvaluationFactory(month=date(2026, 9, 1))

    store_rulebook(text("2026.9", "2026-09"), at=AT, activate=True)

    before.refresh_from_db()
    changed.refresh_from_db()
    assert before.stale_since is None
    assert changed.stale_since is not None

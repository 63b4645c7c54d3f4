"""Drafts of the rulebook: begun as copies or from a file, changed by one person at a time."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from threading import Barrier, Thread

import pgtrigger
import pytest
from django.db import ProgrammingError, connection, transaction

from agencies.enums import Stage
from agencies.models import Agency
from agencies.refusals import Refused
from portal.models import User
from scoring.backtests.life import AttemptLost, claim, complete, fenced
from scoring.enums import RulebookState
from scoring.models import BackTestResult, RulebookVersion
from scoring.queries.rulebook_edits import edits_of, last_edit
from scoring.rulebook import RulebookError, parse
from scoring.rulebook_drafts import change_part, copy_as_draft, discard_draft, import_draft
from scoring.rulebook_text import toml_of
from tests.agencies.beside import Beside, until_waiting
from tests.factories.backtests import NOW, OCTOBER, asked_test, published_month
from tests.factories.cases import AT
from tests.factories.rulebooks import draft, rules, with_knots
from tests.factories.staff import operator

pytestmark = pytest.mark.django_db


@pytest.fixture
def person() -> User:
    return operator(name="Wang")


def kept(version: RulebookVersion) -> RulebookVersion:
    return RulebookVersion.objects.get(pk=version.pk)


def in_force() -> RulebookVersion:
    return RulebookVersion.objects.get(version="2026.1")


def test_a_copy_has_the_rules_and_a_name_and_month_of_its_own(person: User) -> None:
    source = in_force()
    copy = copy_as_draft(
        version_id=source.pk, new_version="2027.1", effective_from="2027-02", at=AT, by=person
    )
    assert copy.rulebook == rules("2027.1", "2027-02")
    assert (copy.state, copy.actor, copy.created_at) == (RulebookState.DRAFT, person, AT)
    assert copy.effective_from == date(2027, 2, 1)
    assert last_edit(copy).who == str(person)


def test_the_same_copy_twice_is_one_draft(person: User) -> None:
    asked = {"version_id": in_force().pk, "new_version": "2027.1", "effective_from": "2027-02"}
    first, again = (copy_as_draft(**asked, at=AT, by=person) for _ in range(2))
    assert first.pk == again.pk


def test_a_name_is_taken_once(person: User) -> None:
    with pytest.raises(Refused, match=r"The version name 2026\.1 is taken by other rules") as no:
        copy_as_draft(
            version_id=in_force().pk,
            new_version="2026.1",
            effective_from="2027-02",
            at=AT,
            by=person,
        )
    assert no.value.rule == "version_taken"


def test_neither_a_version_itself_nor_one_that_was_shown_is_a_copy(person: User) -> None:
    source = draft(rules("2026.0", "2026-01"), activate=True)  # its text is written as copies are
    asked = {"new_version": "2027.1", "effective_from": "2027-02", "at": AT, "by": person}
    itself = {**asked, "new_version": "2026.0", "effective_from": "2026-01"}
    shown = copy_as_draft(version_id=source.pk, **asked)
    RulebookVersion.objects.filter(pk=shown.pk).update(state=RulebookState.CONSULTATION)
    for options in (itself, asked):
        with pytest.raises(Refused, match="is taken by other rules"):
            copy_as_draft(version_id=source.pk, **options)
    assert RulebookVersion.objects.count() == 3


def test_nothing_is_copied_of_what_is_gone(person: User) -> None:
    with pytest.raises(Refused, match="This version is gone") as refused:
        copy_as_draft(
            version_id=0, new_version="2027.1", effective_from="2027-02", at=AT, by=person
        )
    assert refused.value.rule == "gone"


def test_a_file_is_kept_as_it_came_and_stored_once(person: User) -> None:
    text = f"# ours\n{toml_of(rules())}"
    stored, new = import_draft(text=text, at=AT, by=person)
    assert (stored.text, stored.state, new) == (text, RulebookState.DRAFT, True)
    assert import_draft(text=text, at=AT, by=person) == (stored, False)


def test_a_bad_file_is_refused_with_all_its_faults(person: User) -> None:
    text = toml_of(rules()).replace("opening = 120", "opening = 151").replace("[3, 0]", "[3, -1]")
    with pytest.raises(RulebookError) as refused:
        import_draft(text=text, at=AT, by=person)
    assert [fault.place for fault in refused.value.faults] == [
        "credit.opening",
        "indicators[7].knots[0]",
    ]
    assert RulebookVersion.objects.count() == 1


def test_a_part_is_changed_with_name_and_month(person: User) -> None:
    seen = draft()
    changed = rules("2027.2", "2027-03", bonus_cap=Decimal("60.5"))
    change_part(version_id=seen.pk, rulebook=changed, seen_sha256=seen.sha256, by=person)
    now = kept(seen)
    assert (now.rulebook, now.version) == (changed, "2027.2")
    assert now.effective_from == date(2027, 3, 1)
    assert now.sha256 != seen.sha256


def test_whoever_saw_an_older_draft_overwrites_nothing(person: User) -> None:
    seen = draft()
    first = rules(bonus_cap=Decimal(60))
    change_part(version_id=seen.pk, rulebook=first, seen_sha256=seen.sha256, by=person)
    with pytest.raises(Refused, match=rf"this draft has changed .*\({person}, ") as refused:
        change_part(
            version_id=seen.pk,
            rulebook=with_knots(rules(), "l5_creators", ("0", "0")),
            seen_sha256=seen.sha256,
            by=operator(),
        )
    assert refused.value.rule == "changed"
    assert kept(seen).rulebook == first


def test_a_form_sent_twice_acts_once(person: User) -> None:
    seen, changed = draft(), rules(bonus_cap=Decimal(60))
    for _ in range(2):
        change_part(version_id=seen.pk, rulebook=changed, seen_sha256=seen.sha256, by=person)
    assert len(edits_of(kept(seen)).edits) == 2  # stored, changed


def test_a_change_without_a_difference_keeps_the_text_with_its_comments(person: User) -> None:
    stored, _ = import_draft(text=f"# ours\n{toml_of(rules())}", at=AT, by=person)
    change_part(version_id=stored.pk, rulebook=rules(), seen_sha256=stored.sha256, by=person)
    assert kept(stored).text == stored.text


def test_a_draft_does_not_take_the_name_of_another(person: User) -> None:
    seen = draft()
    with pytest.raises(Refused, match="is taken by other rules"):
        change_part(
            version_id=seen.pk,
            rulebook=replace(seen.rulebook, version="2026.1"),
            seen_sha256=seen.sha256,
            by=person,
        )
    assert kept(seen).text == seen.text


def test_a_rulebook_that_is_not_valid_is_not_kept(person: User) -> None:
    seen = draft()
    with pytest.raises(RulebookError, match=r"levels\[0\]\.min_total"):
        change_part(
            version_id=seen.pk,
            rulebook=rules(levels=rules().levels[1:]),
            seen_sha256=seen.sha256,
            by=person,
        )
    assert kept(seen).text == seen.text


@pytest.mark.parametrize("state", ["consultation", "scheduled", "in_force", "retired"])
def test_only_a_draft_is_changed_or_discarded(person: User, state: str) -> None:
    seen = draft()
    RulebookVersion.objects.filter(pk=seen.pk).update(state=state, activated_at=AT)
    with pytest.raises(Refused, match=r"Version 2027\.1 is no draft any more") as refused:
        change_part(
            version_id=seen.pk,
            rulebook=rules(bonus_cap=Decimal(1)),
            seen_sha256=seen.sha256,
            by=person,
        )
    assert refused.value.rule == "not_draft"
    with pytest.raises(Refused, match="no draft any more"):
        discard_draft(version_id=seen.pk, by=person)


def test_the_database_keeps_text_name_and_month_of_what_is_no_draft() -> None:
    shown = draft()
    RulebookVersion.objects.filter(pk=shown.pk).update(state=RulebookState.CONSULTATION)
    for changed in (
        {"text": "x"},
        {"version": "x"},
        {"sha256": "x"},
        {"effective_from": date(2030, 1, 1)},
    ):
        with pytest.raises(ProgrammingError, match="rulebook_text_kept"), transaction.atomic():
            RulebookVersion.objects.filter(pk=shown.pk).update(**changed)
    with pytest.raises(ProgrammingError, match="rulebook_kept"), transaction.atomic():
        RulebookVersion.objects.filter(pk=shown.pk).delete()


def test_a_discarded_draft_is_gone_and_its_last_text_kept(person: User) -> None:
    seen = draft()
    assert discard_draft(version_id=seen.pk, by=person) == "2027.1"
    assert not RulebookVersion.objects.filter(pk=seen.pk).exists()
    last = RulebookVersion.pgh_event_model.objects.filter(pgh_obj_id=seen.pk).latest("pgh_id")  # type: ignore[attr-defined]
    assert (last.pgh_label, last.text) == ("delete", seen.text)
    with pytest.raises(Refused, match="This version is gone"):
        discard_draft(version_id=seen.pk, by=person)


def test_edits_tell_who_changed_which_rule(person: User) -> None:
    version = draft()
    for changed in (
        rules(bonus_cap=Decimal(60)),
        rules("2027.2", "2027-03", bonus_cap=Decimal(60)),
    ):
        version = change_part(
            version_id=version.pk, rulebook=changed, seen_sha256=version.sha256, by=person
        )
    renamed, capped, stored = edits_of(version).edits
    assert (renamed.renamed, renamed.moved) == (
        ("2027.1", "2027.2"),
        (date(2027, 1, 1), date(2027, 3, 1)),
    )
    assert (renamed.rules, renamed.rewritten, renamed.silent) == ((), False, False)
    assert [change.key for change in capped.rules] == ["bonus-cap"]
    assert {capped.who, renamed.who} == {str(person)}
    assert (stored.first, stored.who) == (
        True,
        "no person of the portal: a job, a command or SQL",
    )


def test_a_text_written_anew_and_a_step_of_its_life_are_told_as_such(person: User) -> None:
    version, _ = import_draft(text=f"# ours\n{toml_of(rules())}", at=AT, by=person)
    RulebookVersion.objects.filter(pk=version.pk).update(text=toml_of(rules()))
    RulebookVersion.objects.filter(pk=version.pk).update(proposed_by=person, proposed_at=AT)
    RulebookVersion.objects.filter(pk=version.pk).update(state=RulebookState.CONSULTATION)
    asked, proposed, written, _stored = edits_of(version).edits
    assert asked.state == ("Draft", "In consultation")
    assert proposed.silent
    assert (written.rewritten, written.silent) == (True, False)


def test_edits_come_in_pages_of_ten(person: User) -> None:
    version = draft()
    for cap in range(1, 12):
        RulebookVersion.objects.filter(pk=version.pk).update(
            text=toml_of(rules(bonus_cap=Decimal(cap)))
        )
    first, second = edits_of(version), edits_of(version, page=2)
    assert (len(first.edits), first.older) == (10, True)
    assert (len(second.edits), second.older) == (2, False)
    assert [edit.first for edit in second.edits] == [False, True]
    assert not any(edit.first for edit in first.edits)


def test_a_version_stored_before_its_history_was_kept_is_told_by_its_row() -> None:
    with pgtrigger.ignore("scoring.RulebookVersion:insert_insert"):
        version = draft(by=operator(name="Li"))
    assert (last_edit(version).at, last_edit(version).who) == (version.created_at, "Li")


@pytest.mark.django_db(transaction=True)
def test_of_two_editors_at_once_one_is_told_to_look_again(person: User) -> None:
    seen, gate, refused = draft(), Barrier(2), []

    def edit(cap: int) -> None:
        gate.wait(10)
        try:
            change_part(
                version_id=seen.pk,
                rulebook=rules(bonus_cap=Decimal(cap)),
                seen_sha256=seen.sha256,
                by=person,
            )
        except Refused as error:
            refused.append(error.rule)
        finally:
            connection.close()

    threads = [Thread(target=edit, args=(cap,)) for cap in (60, 70)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert refused == ["changed"]
    assert parse(kept(seen).text).bonus_cap in {60, 70}


@pytest.mark.django_db(transaction=True)
def test_a_discard_waits_for_the_month_that_a_back_test_is_writing(person: User) -> None:
    published_month(OCTOBER)
    version = draft()
    test = claim(asked_test(version, OCTOBER, by=person).pk, at=NOW)
    assert test is not None
    discard = Beside(lambda: discard_draft(version_id=version.pk, by=person))
    with fenced(test, at=NOW, progress=50):
        discard.start()
        until_waiting(1)
        BackTestResult.objects.create(
            back_test=test, month=OCTOBER, agency=Agency.objects.get(), stage=Stage.NOVICE
        )
    assert discard.end() == "2027.1"
    assert not BackTestResult.objects.exists()
    with pytest.raises(AttemptLost):
        complete(test, {}, at=NOW)

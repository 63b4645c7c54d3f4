"""Drafts of the rules, and what agencies are asked and say about them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import factory

from scoring.enums import RulebookState
from scoring.models import Consultation, ConsultationComment, RulebookVersion
from scoring.rulebook_versions import DEFAULT, store_rulebook
from tests.factories.cases import AT, SHANGHAI
from tests.factories.conduct import AgencyFactory
from tests.factories.people import UserFactory

TEXT = DEFAULT.read_text(encoding="utf-8")
V3_HIGHER = ("min_total = 550", "min_total = 560")
# an ordinary one: 22 to 29 November 2026, for rules from January 2027 on
OPENS = datetime(2026, 11, 22, tzinfo=SHANGHAI)
CLOSES = datetime(2026, 11, 30, tzinfo=SHANGHAI)


def draft(
    version: str = "2027.1", month: str = "2027-01", *edits: tuple[str, str]
) -> RulebookVersion:
    """The default rules as a draft, with V3 a bit higher unless other edits are given."""
    text = TEXT.replace('version = "2026.1"', f'version = "{version}"')
    text = text.replace('effective_from = "2000-01"', f'effective_from = "{month}"')
    for old, new in edits or (V3_HIGHER,):
        assert old in text
        text = text.replace(old, new, 1)
    return store_rulebook(text, at=AT)[0]


class ConsultationFactory(factory.django.DjangoModelFactory[Consultation]):
    """One that is open on `AT`, about a draft for January 2027."""

    class Meta:
        model = Consultation

    version = factory.LazyFunction(draft)
    compared_with = factory.LazyAttribute(
        lambda o: RulebookVersion.objects.for_month(o.version.effective_from)
    )
    opens_at = OPENS
    closes_at = CLOSES
    reasons_zh = "V3的门槛过低。"
    reasons_en = "The cut-off of V3 is too low.\n\n- one\n- two"
    opened_by = factory.SubFactory(UserFactory)

    @classmethod
    def _create(cls, model_class: type[Consultation], *args: Any, **kwargs: Any) -> Consultation:
        consultation = model_class.objects.create(**kwargs)
        version = consultation.version
        if version.state == RulebookState.DRAFT:
            version.state = RulebookState.CONSULTATION
            version.save(update_fields=["state"])
        return consultation


class CommentFactory(factory.django.DjangoModelFactory[ConsultationComment]):
    """What an agency says about the levels; without an answer."""

    class Meta:
        model = ConsultationComment

    consultation = factory.SubFactory(ConsultationFactory)
    agency = factory.SubFactory(AgencyFactory)
    clause = "level-cut-offs"
    text = factory.Sequence(lambda n: f"Comment {n} on the cut-offs")
    at = AT
    author = factory.SubFactory(UserFactory)


def answered(comment: ConsultationComment, **fields: Any) -> ConsultationComment:
    """The comment with an answer in both languages."""
    given = {"answer_zh": "已采纳。", "answer_en": "We follow it.", **fields}
    given.setdefault("answered_by", UserFactory.create())
    for name, value in {"answered_at": AT, **given}.items():
        setattr(comment, name, value)
    comment.save()
    return comment


def concluded(consultation: Consultation, **fields: Any) -> Consultation:
    """The consultation after its end, with a summary."""
    consultation.summary_zh, consultation.summary_en = "总结。", "Summary of it."
    consultation.closed_at = consultation.closes_at + timedelta(hours=10)
    consultation.closed_by = UserFactory.create()
    consultation.save()
    return consultation

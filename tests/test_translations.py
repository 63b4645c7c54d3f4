"""Both languages are complete: English is in the code, Chinese in the catalogue."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_keywords, parse_mapping_cfg
from babel.messages.pofile import read_po
from django.template import Context, Template
from django.utils import translation

ROOT = Path(__file__).resolve().parent.parent
LOCALE = ROOT / "portal" / "locale"
ROOMS = ("agencies", "scoring", "rankings", "portal", "templates")
LAZY = "gettext_lazy gettext_noop ngettext_lazy:1,2 pgettext_lazy:1c,2 npgettext_lazy:1c,2,3"
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|</?[a-z]+")

Key = tuple[str | None, str | tuple[str, ...]]


@pytest.fixture(scope="module")
def extracted() -> set[Key]:
    """What code and templates ask to be translated, directories that begin with _ included."""
    with (LOCALE / "babel.cfg").open() as mapping:
        methods, options = parse_mapping_cfg(mapping)
    keywords = DEFAULT_KEYWORDS | parse_keywords(LAZY.split())
    return {
        (context, message)
        for room in ROOMS
        for _file, _line, message, _comments, context in extract_from_dir(
            ROOT / room,
            methods,
            options,
            keywords,
            directory_filter=lambda path: not Path(path).name.startswith("."),
        )
    }


@pytest.fixture(scope="module")
def catalogue() -> Catalog:
    with (LOCALE / "zh_Hans" / "LC_MESSAGES" / "django.po").open("rb") as file:
        return read_po(file, locale="zh_Hans", domain="django")


def messages(catalogue: Catalog) -> Iterator[Message]:
    return (message for message in catalogue if message.id)


def test_texts_are_found_in_code_and_in_templates(extracted: set[Key]) -> None:
    assert (None, "Novice stage") in extracted  # agencies/enums.py
    assert (None, "Our level") in extracted  # templates/portal/home.html
    assert (None, "Skip to the content") in extracted  # templates/base.html
    assert (None, "unchanged") in extracted  # templates/_components/delta.html


def test_every_text_is_in_the_catalogue_and_none_is_obsolete(
    extracted: set[Key], catalogue: Catalog
) -> None:
    stored = {(message.context, _id(message)) for message in messages(catalogue)}
    assert {
        "not in the catalogue (make messages)": extracted - stored,
        "in the catalogue, but nowhere in the code": stored - extracted,
        "obsolete": set(catalogue.obsolete),
    } == {
        "not in the catalogue (make messages)": set(),
        "in the catalogue, but nowhere in the code": set(),
        "obsolete": set(),
    }


def test_every_text_is_translated_and_checked(catalogue: Catalog) -> None:
    assert [m.id for m in messages(catalogue) if m.fuzzy or not all(_strings(m))] == []


def test_placeholders_and_tags_are_kept(catalogue: Catalog) -> None:
    broken = [
        message.id
        for message in messages(catalogue)
        for text in _strings(message)
        if set(PLACEHOLDER.findall(text)) != set(PLACEHOLDER.findall(_last(message)))
    ]
    assert broken == []


def test_translations_are_compiled_and_used() -> None:
    template = Template("{% load i18n %}{% translate 'Growth power' %}")
    with translation.override("zh-hans"):
        assert template.render(Context()) == "成长力"
    with translation.override("en"):
        assert template.render(Context()) == "Growth power"


TERMS = {
    "Operating power": "经营力",
    "Growth power": "成长力",
    "Service power": "服务力",
    "Bonus": "附加分",
    "Novice stage": "新手期",
    "Observation stage": "考察期",
    "Assessed stage": "考核期",
    "Comprehensive strength board": "综合实力榜",
    "All-domain growth board": "全域成长榜",
    "Settled amount": "结算金额",
    "Settled orders": "结算订单数",
    "Creators at L5 and above": "L5及以上作者数",
    "Live investment": "开播投入度",
    "Showcase share": "橱窗带货比例",
    "Creators selling by showcase": "开通橱窗带货的作者数",
    "Good-goods share": "抖in好物占比",
    "Creators' reputation": "作者口碑分",
    "Worry-free service orders": "无忧服务订单数",
    "Disputes with merchants or creators": "与商家或达人产生纠纷",
    "Impersonation of the platform": "冒用平台名义",
}


@pytest.mark.parametrize("english", TERMS)
def test_the_terms_of_the_field_are_the_ones_users_know(english: str, catalogue: Catalog) -> None:
    message = catalogue.get(english)
    assert message is not None
    assert message.string == TERMS[english]


def _id(message: Message) -> str | tuple[str, ...]:
    return message.id if isinstance(message.id, str) else tuple(message.id)


def _last(message: Message) -> str:
    """The English text with the most placeholders: the plural, where there is one."""
    return message.id if isinstance(message.id, str) else message.id[-1]


def _strings(message: Message) -> tuple[str, ...]:
    return (message.string,) if isinstance(message.string, str) else tuple(message.string)

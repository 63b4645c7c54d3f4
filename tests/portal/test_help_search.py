"""Finding public answers: which words are looked for, and in which order answers stand."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from portal.support.articles import FOUND, Answer, search_articles
from portal.support.search_words import MOST_WORDS, search_words
from tests.factories.questions import ASKED, HelpArticleFactory


def test_words_are_parted_by_anything_but_letters_and_digits() -> None:
    assert search_words("Why did we fall to V2, (again)?") == ["fall", "v2", "again"]
    assert search_words("fall FALL_fall x 1") == ["fall"]


def test_chinese_gives_every_two_neighbours() -> None:
    assert search_words("等级下降") == ["等级", "级下", "下降"]
    assert search_words("为什么降到V2") == ["么降", "降到", "v2"]
    assert search_words("分") == ["分"]


def test_words_of_any_question_count_only_where_there_are_no_others() -> None:
    assert search_words("what is it") == ["what", "is", "it"]
    assert search_words("why the cap") == ["cap"]
    assert search_words("?!") == []


@given(st.text(max_size=300))
def test_any_text_gives_few_plain_words(text: str) -> None:
    words = search_words(text)
    assert len(words) == len(set(words)) <= MOST_WORDS
    assert all(word.isalnum() or word for word in words)
    assert not any(sign.isspace() or sign in "%_\\\x00" for word in words for sign in word)
    assert search_words(text) == words


def titles(words: str, language: str = "en", clause: str = "") -> list[str]:
    return [answer.title for answer in search_articles(words, language, clause=clause)]


@pytest.mark.django_db
def test_titles_count_more_than_texts_and_the_clause_lifts() -> None:
    HelpArticleFactory.create(title_en="Showcase share", text_en="How it is computed")
    HelpArticleFactory.create(title_en="Live minutes", text_en="Showcase is no live room")
    HelpArticleFactory.create(
        title_en="Good goods", text_en="Beside showcase", clause="indicator-good-goods-share"
    )
    HelpArticleFactory.create(title_en="Appeals")
    assert titles("the SHOWCASE?", clause="indicator-good-goods-share") == [
        "Showcase share",
        "Good goods",
        "Live minutes",
    ]


@pytest.mark.django_db
def test_chinese_is_found_without_blanks_and_shown_in_the_readers_language() -> None:
    article = HelpArticleFactory.create(
        title_zh="等级为什么会下降?", title_en="Why does a level fall?", text_en="Because.\n\nSo."
    )
    HelpArticleFactory.create(title_zh="如何申诉?", title_en="How to appeal?")
    assert titles("我们等级下降了", "zh-hans") == ["等级为什么会下降?"]
    assert search_articles("等级下降", "en") == [
        Answer(article.pk, "Why does a level fall?", "Because.\n\nSo.", "")
    ]
    assert search_articles("等级下降", "en")[0].excerpt == "Because. So."


@pytest.mark.django_db
def test_an_answer_has_a_third_of_the_words_at_least() -> None:
    HelpArticleFactory.create(title_en="Binding cap")
    assert titles("binding of seven") == ["Binding cap"]
    assert titles("binding seven creators today") == []


@pytest.mark.django_db
def test_signs_of_patterns_are_taken_as_they_are() -> None:
    HelpArticleFactory.create()
    assert titles("%") == titles("_") == titles("") == titles("\x00") == []


@pytest.mark.django_db
def test_without_words_those_about_the_clause() -> None:
    HelpArticleFactory.create(title_en="Older", clause="appeal", changed_at=ASKED)
    HelpArticleFactory.create(
        title_en="Newer", clause="appeal", changed_at=ASKED + timedelta(days=1)
    )
    HelpArticleFactory.create(title_en="Draft", clause="appeal", is_published=False)
    assert titles("", clause="appeal") == ["Newer", "Older"]
    assert titles("") == []


@pytest.mark.django_db
def test_ten_at_most_of_what_is_published_in_one_query(
    django_assert_num_queries: CaptureQueriesContext,
) -> None:
    HelpArticleFactory.create_batch(FOUND + 2, title_en="Level")
    HelpArticleFactory.create(title_en="Level draft", is_published=False)
    with django_assert_num_queries(1):  # type: ignore[operator] # a context factory
        found = titles("level")
    assert found == ["Level"] * FOUND

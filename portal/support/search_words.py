"""What of a question is worth looking for: the standard library only."""

from __future__ import annotations

import re
from typing import Final

LONGEST_QUERY: Final = 200
MOST_WORDS: Final = 20
# Signs of Chinese stand in runs without blanks; everything else is parted by them.
_RUNS: Final = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]+|[^\W_\u3400-\u4dbf\u4e00-\u9fff]+")
_CHINESE: Final = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]")
_WORDS_OF_QUESTIONS: Final = (
    "a an and are at can did do does for from has have how i in is it its me my of on or our"
    " the there this to us was we were what when where which who why will with you your"
    " 为什 什么 怎么 么样 如何 请问 我们 你们 可以 是不 不是 哪里 哪些 多少 一下 没有"
)
_EMPTY: Final = frozenset(_WORDS_OF_QUESTIONS.split())


def search_words(text: str) -> list[str]:
    """The words of a question, each once and in order, at most 20 of its first 200 characters.

    1. Words parted by anything but letters and digits, in lower case.
    2. A run of Chinese signs gives every two neighbours, 等级下降 as 等级, 级下 and 下降; a single
       sign stands for itself.
    3. Words that any question has (why, 什么) and single letters are left out, unless nothing else
       is there.
    """
    found: dict[str, None] = {}
    for run in _RUNS.findall(text[:LONGEST_QUERY].lower()):
        found.update(dict.fromkeys(_parts(run)))
    telling = [word for word in found if word not in _EMPTY and not re.fullmatch(r"\w", word, re.A)]
    return (telling or list(found))[:MOST_WORDS]


def _parts(run: str) -> list[str]:
    if not _CHINESE.match(run) or len(run) == 1:
        return [run]
    return [run[start : start + 2] for start in range(len(run) - 1)]

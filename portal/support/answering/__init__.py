"""What the platform does with a question: answer, note, assign, classify, merge, close.

`states` says what a question may become; every step is written down and takes the question's lock.
"""

from portal.support.answering.answers import answer, newest_message, note
from portal.support.answering.assigning import assign, reclass, release
from portal.support.answering.closing import Closing, close_many, closing, refuse_many
from portal.support.answering.merging import merge, refuse_unmergeable
from portal.support.answering.states import ANSWERABLE

__all__ = [
    "ANSWERABLE",
    "Closing",
    "answer",
    "assign",
    "close_many",
    "closing",
    "merge",
    "newest_message",
    "note",
    "reclass",
    "refuse_many",
    "refuse_unmergeable",
    "release",
]

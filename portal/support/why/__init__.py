"""Why an agency is at its level: the figures, and the letter that explains them.

`facts` asks for the figures of the agency's own pages; `result`, `reasons`, `points` and `way` put
their parts into words, `outstanding` what stands before them; `letter` is the whole.
"""

from portal.support.why.facts import Ahead, Deduction, Why, month_asked, why
from portal.support.why.letter import LANGUAGES, Letter, Source, in_words

__all__ = [
    "LANGUAGES",
    "Ahead",
    "Deduction",
    "Letter",
    "Source",
    "Why",
    "in_words",
    "month_asked",
    "why",
]

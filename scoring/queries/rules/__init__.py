"""The rulebook as readable text: clauses with stable keys, versions, and what changed.

`clause` says what a clause is made of; `assessment`, `level` and `conduct` write those
of a rulebook; `text` puts them in order; `history` knows the versions and compares them.
"""

from scoring.queries.rules.clause import Clause, Line, Section
from scoring.queries.rules.history import NoSuchVersion, RulesPage, names_of, rules_page, title_of
from scoring.queries.rules.text import Change, changes, clauses, differ, sections

__all__ = [
    "Change",
    "Clause",
    "Line",
    "NoSuchVersion",
    "RulesPage",
    "Section",
    "changes",
    "clauses",
    "differ",
    "names_of",
    "rules_page",
    "sections",
    "title_of",
]

"""What a file's columns must hold, said once and turned into SQL for DuckDB.

Every value arrives as text. A column has a typed expression, which is NULL where the text cannot
be read, and checks in a fixed order; the first that fails is the row's reason.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from agencies.files.faults import FileFault

BLANKS = "' ' || chr(9) || chr(160) || chr(12288)"
SHOWN_CHARACTERS = 40
LARGEST = 1_000_000_000_000  # yuan or pieces: a month of them still sums within 64 bits
FIRST_DAY, LAST_DAY = "1970-01-01", "9999-12-31"


@dataclass(frozen=True)
class Check:
    """A condition under which the row is rejected, and the reason (SQL text expression)."""

    fails: str
    reason: str


@dataclass(frozen=True)
class Column:
    """A column of a file: `typed` is SQL over its text, `checks` over its text and `typed`.

    `longest` is the number of characters beyond which no value is right.
    """

    name: str
    required: bool
    sql_type: str
    typed: str
    checks: tuple[Check, ...]
    longest: int = 100


@dataclass(frozen=True)
class FileSpec:
    """The columns of a kind of file, its key, and checks over several columns.

    In `row_checks` and `key` the columns' names stand for typed values.
    """

    columns: tuple[Column, ...]
    key: tuple[str, ...]
    row_checks: tuple[Check, ...] = ()

    def column(self, name: str) -> Column:
        """The column of that name."""
        return next(column for column in self.columns if column.name == name)

    def check_header(self, header: Sequence[str]) -> None:
        """Raise FileFault naming the columns that are unknown, missing or there twice."""
        known = {column.name for column in self.columns}
        required = [column.name for column in self.columns if column.required]
        faults = [
            ("unknown", [name or "(without a name)" for name in header if name not in known]),
            ("missing", [name for name in required if name not in header]),
            ("there more than once", [name for name, n in Counter(header).items() if n > 1]),
        ]
        found = [f"{what}: {', '.join(map(_short, names))}" for what, names in faults if names]
        if found:
            raise FileFault(
                f"The columns do not fit ({'; '.join(found)}). Such a file has the columns"
                f" {', '.join(column.name for column in self.columns)}."
            )


def code(name: str, *, required: bool = True) -> Column:
    """1–32 of A–Z a–z 0–9 _ -, compared by code point."""
    good = f"regexp_full_match({name}, '[A-Za-z0-9_-]{{1,32}}')"
    return Column(
        name,
        required,
        "VARCHAR",
        f"CASE WHEN {good} THEN {name} END",
        _checks(
            name,
            required,
            [_reject(name, f"{_v(name)} IS NULL", "is not an id: use 1 to 32 of A-Z a-z 0-9 _ -")],
        ),
        longest=32,
    )


def text(name: str, *, required: bool = False, longest: int, lines: bool = False) -> Column:
    """Text without control characters, blanks around it taken off; `lines` allows line ends."""
    control = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]" if lines else r"[\x00-\x1f\x7f]"
    return Column(
        name,
        required,
        "VARCHAR",
        _trimmed(name),
        (
            *([_missing(name, f"{_trimmed(name)} = ''")] if required else []),
            _too_long(name, longest),
            _reject(name, f"regexp_matches({name}, '{control}')", "holds a control character"),
        ),
        longest=longest,
    )


def email(name: str) -> Column:
    """An e-mail address or nothing.

    What Django takes for one, so that it can be written to, without quoted names and numeric hosts.
    """
    atom = "[-!#$%&''*+/=?^_`{}|~0-9A-Za-z]+"
    sign = r"0-9A-Za-z\x{00a1}-\x{ffff}"
    label = f"[{sign}](?:[{sign}-]{{0,61}}[{sign}])?"
    letter = r"A-Za-z\x{00a1}-\x{ffff}"
    top = f"(?:[{letter}][{letter}-]{{0,61}}[{letter}]|[xX][nN]--[0-9A-Za-z]{{1,59}})"
    address = rf"{atom}(?:\.{atom})*@(?:{label}\.)+{top}"
    bad = f"{_trimmed(name)} <> '' AND NOT regexp_full_match({_trimmed(name)}, '{address}')"
    checks = (_too_long(name, 254), _reject(name, bad, "is not an e-mail address"))
    return Column(name, False, "VARCHAR", _trimmed(name), checks, longest=254)


def credit_code(name: str) -> Column:
    """A unified social credit code (统一社会信用代码): up to 18 letters and digits, or nothing."""
    bad = f"NOT regexp_full_match({_trimmed(name)}, '[0-9A-Za-z]{{0,18}}')"
    checks = (_reject(name, bad, "is not a credit code: use at most 18 letters and digits"),)
    return Column(name, False, "VARCHAR", f"upper({_trimmed(name)})", checks, longest=18)


def day(name: str, *, required: bool = True, until: str = "", future: str = "") -> Column:
    """A local platform day, YYYY-MM-DD; with `until` (a date) later days get the reason."""
    shape = f"strlen({name}) = 10 AND regexp_full_match({name}, '[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}')"
    typed = f"CASE WHEN {shape} THEN TRY_CAST({name} AS DATE) END"
    span = f"BETWEEN DATE '{FIRST_DAY}' AND DATE '{LAST_DAY}'"
    checks = [
        _reject(name, f"{_v(name)} IS NULL", "is not a day: write YYYY-MM-DD"),
        _reject(name, f"{_v(name)} NOT {span}", f"is not between {FIRST_DAY} and {LAST_DAY}"),
    ]
    if until:
        checks.append(_reject(name, f"{_v(name)} > DATE '{until}'", future))
    return Column(name, required, "DATE", typed, _checks(name, required, checks))


def whole(name: str, *, required: bool, high: int = LARGEST, sql_type: str = "BIGINT") -> Column:
    """A whole number from 0 to `high`."""
    checks = [
        _reject(
            name,
            f"NOT regexp_full_match({name}, '-?[0-9]+')",
            "is not a whole number: write digits only",
        ),
        _reject(
            name,
            f"{_v(name)} IS NULL OR {_v(name)} NOT BETWEEN 0 AND {high}",
            f"is not between 0 and {high}",
        ),
    ]
    typed = f"TRY_CAST({name} AS BIGINT)"
    return Column(name, required, sql_type, typed, _checks(name, required, checks))


def hundredths(
    name: str, *, required: bool, low: int = -LARGEST, high: int = LARGEST, sql_type: str = "BIGINT"
) -> Column:
    """A number with at most 2 decimals from `low` to `high`, stored as whole hundredths."""
    number = f"TRY_CAST({name} AS DECIMAL(18, 2))"
    checks = [
        _reject(
            name,
            f"NOT regexp_full_match({name}, '-?[0-9]+(\\.[0-9]{{1,2}})?')",
            "is not a plain number with at most 2 decimals, like -1234.50",
        ),
        _reject(
            name,
            f"{_v(name)} IS NULL OR {_v(name)} NOT BETWEEN {low}00 AND {high}00",
            f"is not between {low} and {high}",
        ),
    ]
    typed = f"CAST({number} * 100 AS BIGINT)"
    return Column(name, required, sql_type, typed, _checks(name, required, checks))


def cut(column: Column) -> Check:
    """Refuses what is so long that it may have been cut while it was read."""
    return _reject(
        column.name, f"length({column.name}) > {longest_read(column.longest)}", "is too long"
    )


def longest_read(longest: int) -> int:
    """How many characters of a value are read at most; one more tells that there were more."""
    return max(longest, 100)


def shown(name: str) -> str:
    """SQL: the value as a reason shows it, quoted, shortened and on one line."""
    flat = f"regexp_replace({name}, '[\\x00-\\x1f\\x7f]', ' ', 'g')"
    return (
        f"'\"' || left({flat}, {SHOWN_CHARACTERS})"
        f" || CASE WHEN length({name}) > {SHOWN_CHARACTERS} THEN '…' ELSE '' END || '\"'"
    )


def _v(name: str) -> str:
    """The typed value beside the text of the same column."""
    return f"v_{name}"


def _trimmed(name: str) -> str:
    return f"trim({name}, {BLANKS})"


def _reject(name: str, fails: str, sentence: str) -> Check:
    return Check(fails, f"'{name}: ' || {shown(name)} || ' {sentence}'")


def _missing(name: str, fails: str) -> Check:
    return Check(fails, f"'{name} is empty: it is required'")


def _too_long(name: str, longest: int) -> Check:
    return _reject(
        name, f"length({_trimmed(name)}) > {longest}", f"is longer than {longest} characters"
    )


def _checks(name: str, required: bool, checks: Sequence[Check]) -> tuple[Check, ...]:
    """Empty is a reason of its own where a value is required, and right where it is not."""
    if required:
        return (_missing(name, f"{name} = ''"), *checks)
    return tuple(Check(f"{name} <> '' AND ({check.fails})", check.reason) for check in checks)


def _short(name: str) -> str:
    return name if len(name) <= SHOWN_CHARACTERS else name[:SHOWN_CHARACTERS] + "…"

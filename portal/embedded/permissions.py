"""Whose the files are, and the way that user nobody needs to those of PostgreSQL."""

import pwd
import stat
import sys
from pathlib import Path

READ_AND_SEARCH = stat.S_IROTH | stat.S_IXOTH


def user_name(uid: int) -> str:
    """The account's name, or its number where it has none."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def let_through(pgdata: Path, package: Path) -> None:
    """Lets user nobody, who runs PostgreSQL for root, reach its data and its package.

    Every directory that is changed is named on standard error.
    """
    if package.stat().st_mode & READ_AND_SEARCH != READ_AND_SEARCH:
        # installed under a strict umask; the shared libraries lie beside, in PACKAGE.libs
        for top in filter(Path.exists, (package, package.with_name(f"{package.name}.libs"))):
            _open_tree(top)
    for way in sorted({way for end in (pgdata, package) for way in end.resolve().parents}):
        mode = way.stat().st_mode
        if not mode & stat.S_IXOTH:
            way.chmod(mode | stat.S_IXOTH)
            sys.stderr.write(
                f"Gave {way} the search bit for all (chmod o+x): PostgreSQL may not run as root "
                "and has to reach its files as user nobody.\n"
            )


def _open_tree(top: Path) -> None:
    for path in filter(Path.exists, (top, *top.rglob("*"))):
        mode = path.stat().st_mode
        path.chmod(mode | stat.S_IROTH | (stat.S_IXOTH if mode & stat.S_IXUSR else 0))
    sys.stderr.write(
        f"Made {top} readable for all (chmod -R o+rX): PostgreSQL may not run as root and has to "
        "reach its files as user nobody.\n"
    )

"""A real PostgreSQL and a real Valkey out of wheels, started on demand under DATA_DIR.

They live exactly as long as somebody uses them. Locks in DATA_DIR/run decide that, not lists of
process ids: the kernel lets go of a lock whatever way its holder dies.

1. users.lock is held shared by every using process and its forks until they end.
2. keeper.lock is held by one detached process, the keeper. It waits for users.lock exclusively,
   so it gets it when the last user has gone; then it stops the servers and ends. Whoever comes
   meanwhile waits for users.lock, then starts them anew.
3. start.lock is held by whoever starts or stops a server: one at a time.
4. postgres.alive and valkey.alive are held by the servers themselves.

A keeper killed with -9 leaves the servers running; the next `ensure` gives them a new one. A
server that ended by itself is not restarted behind the users' backs; the next `ensure` does it.
"""

import fcntl
import os
import secrets
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from portal.embedded.locks import locked, open_lock, taken, try_lock, until
from portal.embedded.permissions import user_name
from portal.embedded.servers import EmbeddedServerError, Postgres, Server, State, Valkey

__all__ = [
    "EmbeddedServerError",
    "Servers",
    "crash_postgres",
    "ensure",
    "secret",
    "start_postgres",
    "start_valkey",
    "status",
    "stop",
    "stop_valkey",
]

ATTEMPTS = 3
LEAVING_SECONDS = 2.0
STOPPING_SECONDS = 120.0
_held_as_user: dict[Path, int] = {}


@dataclass(frozen=True)
class Servers:
    """Addresses for DATABASE_URL and REDIS_URL; empty for a server that was not asked for."""

    database_url: str
    redis_url: str


def ensure(data_dir: Path, *, postgres: bool = True, valkey: bool = True) -> Servers:
    """Makes the servers of DATA_DIR answer until this process and its forks end.

    Several processes may call it at the same time. It takes up to a few seconds where a server
    has to be started, some milliseconds where it runs. Raises EmbeddedServerError.
    """
    data_dir = data_dir.resolve()
    wanted = _wanted(data_dir, postgres=postgres, valkey=valkey)
    known = data_dir in _held_as_user
    _use(data_dir)
    try:
        for _ in range(ATTEMPTS):
            # without a keeper nobody would stop them, even where they answer
            if _kept(data_dir) and all(server.state() is State.READY for server in wanted):
                break
            _bring_up(data_dir, wanted)
        else:
            raise EmbeddedServerError(
                f"The embedded servers of {data_dir} start but do not stay up. "
                f"Their logs are {', '.join(str(server.log) for server in wanted)}."
            )
    except BaseException:
        if not known:
            os.close(_held_as_user.pop(data_dir))
        raise
    return Servers(
        database_url=Postgres(data_dir).url if postgres else "",
        redis_url=Valkey(data_dir).url if valkey else "",
    )


def secret(data_dir: Path) -> str:
    """The development SECRET_KEY of DATA_DIR: made at random once, then kept beside the data."""
    data_dir = data_dir.resolve()
    path = data_dir / "secret_key"
    with locked(_run_dir(data_dir) / "start.lock"):
        if not path.exists():
            fresh = path.with_suffix(".new")
            fresh.touch(mode=0o600)
            fresh.write_text(secrets.token_urlsafe(48))
            fresh.rename(path)
        return path.read_text()


def stop(data_dir: Path) -> None:
    """Makes sure that no server of DATA_DIR runs; refuses while somebody uses one."""
    data_dir = data_dir.resolve()
    if not (data_dir / "run").is_dir():
        return
    run = _run_dir(data_dir)
    users_lock = open_lock(run / "users.lock")
    try:
        if not _outlast_users(users_lock):
            raise EmbeddedServerError(
                f"The embedded servers of {data_dir} are in use{_by_whom(run)}. "
                "Stop what uses them (make run, make test, a worker or another manage.py "
                "command; Ctrl-C in its terminal), then try again."
            )
        with locked(run / "start.lock"):
            for server in _wanted(data_dir):
                server.retire()
    finally:
        os.close(users_lock)
    until(lambda: not _kept(data_dir), LEAVING_SECONDS)


def status(data_dir: Path) -> list[str]:
    """One line for each server, for the keeper and for the users of DATA_DIR."""
    data_dir = data_dir.resolve()
    if not (data_dir / "run").is_dir():
        return [f"Nothing was ever started for {data_dir}."]
    run = _run_dir(data_dir)
    lines = [f"{one.title}: {one.state().value}, {one.url}" for one in _wanted(data_dir)]
    keeper = f"process {(run / 'keeper.lock').read_text()}" if _kept(data_dir) else "none"
    return [*lines, f"keeper: {keeper}", f"in use{_by_whom(run) or ': no'}"]


def stop_valkey(data_dir: Path) -> None:
    """Kills Valkey, for fault tests; it stays away until `start_valkey` or the next `ensure`."""
    _crash(Valkey(data_dir.resolve()))


def start_valkey(data_dir: Path) -> None:
    """Starts Valkey again, empty; for a process that is a user of DATA_DIR."""
    _bring_up(data_dir.resolve(), [Valkey(data_dir.resolve())])


def crash_postgres(data_dir: Path) -> None:
    """Stops PostgreSQL at once, without a checkpoint, for fault tests; see `stop_valkey`."""
    _crash(Postgres(data_dir.resolve()))


def start_postgres(data_dir: Path) -> None:
    """Starts PostgreSQL again, which recovers; for a process that is a user of DATA_DIR."""
    _bring_up(data_dir.resolve(), [Postgres(data_dir.resolve())])


def _wanted(data_dir: Path, *, postgres: bool = True, valkey: bool = True) -> list[Server]:
    servers = (Postgres(data_dir), postgres), (Valkey(data_dir), valkey)
    return [server for server, is_wanted in servers if is_wanted]


def _use(data_dir: Path) -> None:
    """Makes this process a user; waits while the keeper of earlier users stops the servers."""
    run = _run_dir(data_dir)
    if data_dir not in _held_as_user:
        lock = open_lock(run / "users.lock")
        fcntl.flock(lock, fcntl.LOCK_SH)
        _held_as_user[data_dir] = lock


def _outlast_users(users_lock: int) -> bool:
    """Waits a moment for users who are just leaving, longer for a keeper who is at work."""

    def alone() -> bool:
        return try_lock(users_lock, fcntl.LOCK_EX)

    if until(alone, LEAVING_SECONDS):
        return True
    # while the keeper stops the servers it holds the lock exclusively, which no user does
    if try_lock(users_lock, fcntl.LOCK_SH):
        fcntl.flock(users_lock, fcntl.LOCK_UN)
        return False
    return until(alone, STOPPING_SECONDS)


def _kept(data_dir: Path) -> bool:
    return taken(data_dir / "run" / "keeper.lock")


def _crash(server: Server) -> None:
    with locked(server.data_dir / "run" / "start.lock"):
        server.crash()


def _bring_up(data_dir: Path, wanted: Sequence[Server]) -> None:
    """Has a process of its own bring the servers up.

    Ctrl-C does not reach it half-way: it goes on to become a keeper without users, which stops
    what was started. `subprocess.run` would kill it.
    """
    command = [sys.executable, "-m", "portal.embedded", "keep", str(data_dir)]
    with subprocess.Popen(
        [*command, *(server.name for server in wanted)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
        start_new_session=True,
    ) as starter:
        reason, _ = starter.communicate()
    if starter.returncode:
        raise EmbeddedServerError(
            reason.decode(errors="replace")
            or f"Starting the embedded servers of {data_dir} failed; the reason is above."
        )


def _run_dir(data_dir: Path) -> Path:
    """DATA_DIR/run, made when it is missing, refused when it is not the caller's own."""
    run = data_dir / "run"
    try:
        run.mkdir(mode=0o700, parents=True, exist_ok=True)
        owner = run.stat().st_uid
    except OSError as error:
        raise EmbeddedServerError(
            f"DATA_DIR {data_dir} cannot be used: {error.strerror} ({error.filename}). "
            "Mend its permissions, or set DATA_DIR to another directory."
        ) from error
    if owner != os.geteuid():
        raise EmbeddedServerError(
            f"The data in {data_dir} belong to user {user_name(owner)}, but this process runs "
            f"as {user_name(os.geteuid())}. Run it as {user_name(owner)}, or set DATA_DIR to "
            "another directory."
        )
    return run


def _by_whom(run: Path) -> str:
    """The processes that took users.lock, where the system tells (Linux)."""
    locks = Path("/proc/locks")
    inode = f":{(run / 'users.lock').stat().st_ino}"
    rows = locks.read_text().splitlines() if locks.exists() else []
    pids = sorted({row.split()[4] for row in rows if "READ" in row and f"{inode} " in row})
    return f" by process {', '.join(pids)}" if pids else ""

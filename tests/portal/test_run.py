"""The processes of one portal live and end together; a taken port is told before any starts."""

from __future__ import annotations

import os
import socket
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from portal.run.children import Child, Household
from portal.run.web import (
    PortRefusedError,
    served_environment,
    usable_port,
    wait_until_served,
)

ENDLESS = "import time; print('up', flush=True); time.sleep(600)"
STUBBORN = (
    "import os, signal, sys, time\n"
    "for n in (signal.SIGTERM, signal.SIGINT): signal.signal(n, signal.SIG_IGN)\n"
    "horse = os.fork()\n"
    "if horse == 0: os.setpgrp()\n"
    "print(os.getpid(), flush=True)\n"
    "time.sleep(600)\n"
)


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def household(said: list[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Household]:
    monkeypatch.setattr("portal.run.children.PATIENCE", (0.3, 0.1))
    house = Household(said.append)
    yield house
    house.stop()


def child(tmp_path: Path, code: str) -> Child:
    return Child("worker", [sys.executable, "-c", code], log=tmp_path / "logs" / "worker.log")


def until(true: Callable[[], bool], log: Path | None = None) -> None:
    end = time.monotonic() + 20
    while not true():
        assert time.monotonic() < end, log and log.read_text()
        time.sleep(0.01)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:  # no such listing on this system, or just collected
        return not Path("/proc/self").exists()
    except ProcessLookupError:  # collected between opening and reading
        return False
    # a killed process that its new parent has not collected yet answers, too
    return status.rpartition(")")[2].split()[0] != "Z"


def test_what_a_process_says_is_in_its_log(household: Household, tmp_path: Path) -> None:
    one = child(tmp_path, ENDLESS)
    household.start(one)
    until(lambda: one.log.read_text() == "up\n")
    household.tend()
    assert one.process is not None


def test_links_in_mails_lead_to_the_port_that_is_served() -> None:
    assert served_environment(8123, {"DEBUG": "1"}) == {
        "DEBUG": "1",
        "PORTAL_URL": "http://localhost:8123",
    }
    given = {"PORTAL_URL": "https://portal.example.com"}
    assert served_environment(8123, given) == given


def test_a_process_gets_the_environment_it_is_given(household: Household, tmp_path: Path) -> None:
    code = "import os, time; print(os.environ['PORTAL_URL'], flush=True); time.sleep(600)"
    log = tmp_path / "worker.log"
    environment = served_environment(8123, os.environ)
    household.start(Child("worker", [sys.executable, "-c", code], log=log, environment=environment))
    until(lambda: log.read_text() == f"{environment['PORTAL_URL']}\n")


def test_a_crashed_process_is_started_again_and_told(
    household: Household, said: list[str], tmp_path: Path
) -> None:
    one = child(tmp_path, "raise SystemExit(3)")
    household.start(one)
    assert one.process is not None
    one.process.wait()
    household.tend()
    assert said == [
        f"The worker ended with code 3 and is started again in 1 seconds. Its log is {one.log}."
    ]
    one.start_again_at = time.monotonic() + 600
    household.tend()
    assert one.process is None
    one.start_again_at = 0.0
    one.command = [sys.executable, "-c", ENDLESS]
    household.tend()
    until(lambda: one.log.read_text() == "up\n")


def test_the_pause_doubles_up_to_half_a_minute(household: Household, tmp_path: Path) -> None:
    one = child(tmp_path, "")
    pauses = []
    household.start(one)
    for _ in range(7):
        assert one.process is not None
        one.process.wait()
        pauses.append(one.pause)
        household.tend()
        one.start_again_at = 0.0
        household.tend()
    assert pauses == [1, 2, 4, 8, 16, 30, 30]


def test_stopping_ends_even_what_ignores_it_and_made_a_group_of_its_own(
    household: Household, tmp_path: Path
) -> None:
    one = child(tmp_path, STUBBORN)
    household.start(one)
    until(lambda: len(one.log.read_text().split()) == 2, one.log)
    pids = [int(pid) for pid in one.log.read_text().split()]
    household.stop()
    until(lambda: not any(alive(pid) for pid in pids))


@pytest.mark.parametrize("text", ["http", "0", "65536", "-1", "８０００", "80.0"])
def test_a_port_is_a_number(text: str) -> None:
    with pytest.raises(PortRefusedError, match="it must be a number from 1 to 65535"):
        usable_port(text)


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        held.listen()
        yield held.getsockname()[1]


def test_a_taken_port_is_told_before_anything_starts(
    taken: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PORT", str(taken))
    with pytest.raises(CommandError, match=f"Port {taken} of 127.0.0.1 is taken"):
        call_command("run_portal")


def test_an_unknown_size_of_the_demo_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEMO", "huge")
    with pytest.raises(CommandError, match="DEMO is 'huge'; it is small or full"):
        call_command("run_portal")


def test_a_server_that_ended_is_not_waited_for(taken: int) -> None:
    assert wait_until_served(taken, alive=lambda: False) is False

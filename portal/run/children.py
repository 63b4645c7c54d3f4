"""The processes of one portal: started together, started again when they crash, all stopped."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

LOG_LIMIT_BYTES = 10 * 1024 * 1024
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 30.0
STEADY_SECONDS = 60.0
# how long a process may take after the first and after the second request to stop
PATIENCE = (5.0, 4.0)
POLL_SECONDS = 0.05


class Child:
    """One process in a session of its own, so that a Ctrl-C reaches it through us only.

    `environment` is the whole of its environment; None for our own.
    """

    def __init__(
        self,
        name: str,
        command: list[str],
        *,
        log: Path,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.name = name
        self.command = command
        self.log = log
        self.environment = environment
        self.process: subprocess.Popen[bytes] | None = None
        self.started_at = 0.0
        self.start_again_at: float | None = None
        self.pause = FIRST_PAUSE

    def start(self) -> None:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        if self.log.exists() and self.log.stat().st_size > LOG_LIMIT_BYTES:
            self.log.unlink()
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                env=self.environment,
            )
        self.started_at = time.monotonic()
        self.start_again_at = None

    def ended_with(self) -> int | None:
        """The exit code of a process that has ended; what it left behind is ended too."""
        if self.process is None:
            return None
        code = self.process.poll()
        if code is not None:
            end_session(self.process.pid)
            self.process = None
        return code

    def ask_to_stop(self) -> None:
        if self.process is not None:
            with suppress(ProcessLookupError):
                self.process.terminate()

    def kill(self) -> None:
        if self.process is not None:
            end_session(self.process.pid)
            self.process.wait()
            self.process = None


class Household:
    """The processes that run together; `say` is told what happens to them."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self.children: list[Child] = []
        self.say = say

    def start(self, child: Child) -> None:
        self.children.append(child)
        child.start()

    def tend(self) -> None:
        """Start again what crashed, after a pause that doubles up to half a minute."""
        now = time.monotonic()
        for child in self.children:
            if child.start_again_at is not None:
                if now >= child.start_again_at:
                    child.start()
                continue
            code = child.ended_with()
            if code is None:
                continue
            if now - child.started_at > STEADY_SECONDS:
                child.pause = FIRST_PAUSE
            child.start_again_at = now + child.pause
            self.say(
                f"The {child.name} ended with code {code} and is started again in "
                f"{child.pause:g} seconds. Its log is {child.log}."
            )
            child.pause = min(child.pause * 2, LONGEST_PAUSE)

    def stop(self) -> None:
        """End every process: asked once, asked again, then killed.

        A worker that is asked once finishes its job, asked again it ends the job with itself; the
        job goes on from its row at the next start.
        """
        for patience in PATIENCE:
            for child in self.children:
                child.ask_to_stop()
            until = time.monotonic() + patience
            while time.monotonic() < until and self._anybody_left():
                time.sleep(POLL_SECONDS)
        for child in self.children:
            child.kill()
        self.children.clear()

    def _anybody_left(self) -> bool:
        for child in self.children:
            child.ended_with()
        return any(child.process is not None for child in self.children)


def end_session(session: int) -> None:
    """Kill every process of a session, also those that made process groups of their own."""
    for pid in _all_processes():
        with suppress(OSError):
            if os.getsid(pid) == session:
                os.kill(pid, signal.SIGKILL)


def _all_processes() -> Iterator[int]:
    listing = Path("/proc")
    if (listing / "self").exists():
        yield from (int(entry.name) for entry in listing.iterdir() if entry.name.isdigit())
        return
    shown = subprocess.run(["ps", "-axo", "pid="], capture_output=True, text=True, check=True)
    yield from map(int, shown.stdout.split())

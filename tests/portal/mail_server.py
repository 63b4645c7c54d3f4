"""A mail server of this machine that accepts, refuses, hangs or hangs up, as a test wants it."""

from __future__ import annotations

import asyncio
import threading
from email import message_from_bytes
from email.message import Message
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session


class _Conversation(SMTP):
    """One connection; counts itself, and may hang up in the middle of a mail."""

    def __init__(self, server: MailServer, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(server, loop=loop, enable_SMTPUTF8=False, hostname="mail.example.com")
        self.house = server

    def connection_made(self, transport: Any) -> None:
        self.house.connections += 1
        self.house.keep(transport)
        super().connection_made(transport)

    async def smtp_DATA(self, arg: str) -> None:
        if self.house.busy:
            self.house.busy -= 1
            await self.push("451 Later")
            return
        if self.house.how not in {"half", "away"}:
            await super().smtp_DATA(arg)
            return
        if self.house.how == "half":
            await self.push("354 Go on")
            await self._reader.read(20)
        self.transport.abort()


class MailServer:
    """Keeps the mails that it took; `how` says what it does: nothing special, or one of

    - "hang": no answer to a whole mail, which it took; "drop": hangs up instead of answering;
    - "away": hangs up before a mail, "half": in its middle; "once": after each mail it took;
    - a text: its answer to a whole mail. `refused` holds its answers to addresses, `sender` the
      one to any sender; so many times as `busy` says it takes no text.
    """

    def __init__(self, how: str = "") -> None:
        self.how = how
        self.refused: dict[str, str] = {}
        self.sender = ""
        self.busy = 0
        self.taken: list[tuple[list[str], Message]] = []
        self.raw: list[bytes] = []
        self.connections = 0
        self._open: list[Any] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> MailServer:
        self._thread.start()
        listening = self._loop.create_server(
            lambda: _Conversation(self, self._loop), "127.0.0.1", 0
        )
        self._server = asyncio.run_coroutine_threadsafe(listening, self._loop).result()
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _end(self) -> None:
        """Stop listening, end what hangs, and let the ends of connections be noticed."""
        self._server.close()
        for transport in self._open:
            transport.abort()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    @property
    def port(self) -> int:
        return int(self._server.sockets[0].getsockname()[1])

    def keep(self, transport: Any) -> None:
        """Remember a connection, to end it with the server."""
        self._open.append(transport)

    @property
    def readers(self) -> list[str]:
        """The addresses of the mails that were taken, in their order."""
        return [address for addresses, _ in self.taken for address in addresses]

    @property
    def names(self) -> list[str]:
        """The Message-IDs of the mails that were taken."""
        return [str(mail["Message-ID"]) for _, mail in self.taken]

    async def handle_MAIL(
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: Any
    ) -> str:
        if self.sender:
            return self.sender
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: Any
    ) -> str:
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:
        if self.how[:1].isdigit():
            return self.how
        content = bytes(envelope.content or b"")
        self.raw.append(content)
        self.taken.append((list(envelope.rcpt_tos), message_from_bytes(content)))
        if self.how == "hang":
            await asyncio.sleep(60)
        if self.how == "drop":
            server.transport.abort()
        if self.how == "once":
            self._loop.call_later(0.01, server.transport.abort)
        return "250 OK"

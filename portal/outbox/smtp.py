"""SMTP that knows, whatever goes wrong, whether the other side may have the whole mail."""

from __future__ import annotations

import re
import smtplib
from contextlib import suppress
from typing import Any, Final

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.smtp import EmailBackend

LINE_END: Final = re.compile(rb"\r\n|\r|\n")
LEADING_DOT: Final = re.compile(rb"(?m)^\.")
CLOSING: Final = 421


class MayHaveArrived(Exception):
    """The other side had all of it and did not say whether it took it."""


class _Knowing:
    """What both kinds of connection do differently when they hand a mail over.

    `handed_over` says that the end of a mail went out and was not refused. Until its end is there,
    no server may deliver a mail (RFC 5321, 4.1.1.4).
    """

    handed_over = False

    def data(self, msg: Any) -> tuple[int, bytes]:
        """Send a mail: its text, then its end as a step of its own; the server's answer.

        Raises MayHaveArrived where no answer comes to the end, SMTPDataError where DATA is refused.
        """
        assert isinstance(self, smtplib.SMTP)
        text = msg.encode() if isinstance(msg, str) else msg
        code, answer = self.docmd("data")
        if code != 354:
            if code == CLOSING:
                self.close()
            with suppress(smtplib.SMTPServerDisconnected):
                self.rset()  # its sender and reader would stand in the way of the next mail
            raise smtplib.SMTPDataError(code, answer)
        text = LEADING_DOT.sub(b"..", LINE_END.sub(b"\r\n", text))
        self.send(text if text.endswith(b"\r\n") else text + b"\r\n")
        self.handed_over = True
        try:
            # a server may look through a mail for long before it takes it
            if self.sock is not None:
                self.sock.settimeout(settings.EMAIL_LAST_ANSWER_TIMEOUT)
            self.send(b".\r\n")
            code, answer = self.getreply()
            if self.sock is not None:
                self.sock.settimeout(self.timeout)
        except Exception as fault:
            self.close()
            raise MayHaveArrived(f"no answer to the end of the mail: {fault}") from fault
        if 200 <= code < 300:
            return 250, answer
        if not 400 <= code < 600:
            self.close()
            raise MayHaveArrived(f"an answer that says nothing: {code} {answer!r}")
        self.handed_over = False
        return code, answer


class KnowingSMTP(_Knowing, smtplib.SMTP):
    """A connection in the clear, or one that STARTTLS secures."""


class KnowingSMTPS(_Knowing, smtplib.SMTP_SSL):
    """A connection that is secured from its beginning."""


class OnceBackend(EmailBackend):
    """Django's way out by SMTP, which sends no mail twice and keeps its connection.

    1. Raises MayHaveArrived exactly where the other side had the whole mail and gave no answer.
    2. A server that ended a connection between two mails is called once more: nothing of the second
       mail was out.
    """

    connection: Any
    _used = False
    # whether the mail that was sent last was all out, and not refused
    handed_over = False

    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        return KnowingSMTPS if self.use_ssl else KnowingSMTP

    def open(self) -> bool | None:
        """Call the server where no connection is open; nothing of the next mail is out yet."""
        self.handed_over = False
        opened: bool | None = super().open()
        if opened:
            self._used = False
        return opened

    def _send(self, email_message: EmailMessage) -> bool:
        used = self._used
        try:
            return self._hand_over(email_message)
        except (smtplib.SMTPServerDisconnected, smtplib.SMTPSenderRefused) as fault:
            if not used or getattr(fault, "smtp_code", CLOSING) != CLOSING:
                raise
        self.open()
        return self._hand_over(email_message)

    def _hand_over(self, email_message: EmailMessage) -> bool:
        server = self.connection
        server.handed_over = False
        try:
            sent = super()._send(email_message)  # type: ignore[misc] # not in the stubs
        except Exception as fault:
            if server.sock is None:
                self.connection = None
            if server.handed_over and not isinstance(fault, MayHaveArrived):
                raise MayHaveArrived(f"{type(fault).__name__}: {fault}") from fault
            raise
        finally:
            self.handed_over = server.handed_over
        self._used = True
        return bool(sent)

    def _close_connection(self, connection: Any) -> None:
        """Say goodbye; that nobody says it back harms no mail."""
        try:
            super()._close_connection(connection)  # type: ignore[misc] # likewise
        except (OSError, smtplib.SMTPException):
            connection.close()

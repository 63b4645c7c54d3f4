"""A small picture that stands for evidence on the demo platform."""

from __future__ import annotations

import struct
import zlib

WIDTH, HEIGHT = 240, 120


def screenshot() -> bytes:
    """A grey PNG of some lines, like the screenshot of a table."""
    rows = b"".join(b"\x00" + bytes(_shade(x, y) for x in range(WIDTH)) for y in range(HEIGHT))
    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        _chunk(kind, data)
        for kind, data in ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    )


def _shade(x: int, y: int) -> int:
    line, column = divmod(y, 20)[0], x // 60
    inside = 6 <= y % 20 <= 13 and 8 <= x % 60 <= 20 + (line * 7 + column * 11) % 30
    return 0x8A if inside else 0xF2 if line % 2 else 0xFF


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

"""What development has instead of secrets: a random key per DATA_DIR, made at the first start."""

from __future__ import annotations

import secrets
from pathlib import Path


def development_key(data_dir: Path) -> str:
    """The SECRET_KEY of a DEBUG platform; kept, so that sessions and ledger seals stay valid."""
    path = data_dir / "secret_key"
    if not path.exists():
        data_dir.mkdir(parents=True, exist_ok=True)
        own = data_dir / f".secret_key.{secrets.token_hex(8)}"
        own.touch(mode=0o600)
        own.write_text(secrets.token_urlsafe(50))
        try:
            path.hardlink_to(own)  # the first of two commands started at once decides
        except FileExistsError:
            pass
        finally:
            own.unlink()
    return path.read_text()

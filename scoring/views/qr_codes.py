"""QR codes as the path of an SVG, drawn without a style so that the policy lets them be."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

from qrcode import QRCode
from qrcode.constants import ERROR_CORRECT_M

# The rim of light modules that readers need.
RIM = 4


@dataclass(frozen=True)
class QrPath:
    """The dark modules as one path, one unit a module; `size` is the side with the light rim."""

    size: int
    path: str


def qr_path(text: str) -> QrPath:
    """The QR code of a text."""
    code = QRCode(error_correction=ERROR_CORRECT_M, border=RIM)
    code.add_data(text)
    code.make(fit=True)
    matrix = code.get_matrix()
    runs = []
    for y, row in enumerate(matrix):
        x = 0
        for dark, modules in groupby(row):
            width = len(list(modules))
            if dark:
                runs.append(f"M{x} {y}h{width}v1h-{width}z")
            x += width
    return QrPath(size=len(matrix), path="".join(runs))

"""What is wrong with a whole file."""

from __future__ import annotations


class FileFault(Exception):
    """A file-level fault: the whole file is refused and changes nothing.

    The text is a sentence for whoever delivers the file: what, where, how to mend.
    """

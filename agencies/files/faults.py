"""What is wrong with a whole file."""

from __future__ import annotations


class FileFault(Exception):  # noqa: N818 - the file's fault, not an error of ours
    """A file-level fault: the whole file is refused and changes nothing.

    The text is a sentence for whoever delivers the file: what, where, how to mend.
    """

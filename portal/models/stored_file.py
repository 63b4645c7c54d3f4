"""A file kept in the database beside what it belongs to."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class StoredFile(models.Model):
    """Name, kind and bytes of a file; written once, never changed."""

    name = models.CharField(_("file"), max_length=200)
    content_type = models.CharField(max_length=50)
    size = models.PositiveIntegerField(_("bytes"))
    sha256 = models.CharField(max_length=64)
    content = models.BinaryField()

    class Meta:
        abstract = True
        ordering = ["id"]

    def __str__(self) -> str:
        return self.name

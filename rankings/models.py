"""The published boards."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from agencies.models import Agency
from rankings import order
from scoring.models import Evaluation


class BoardKind(models.TextChoices):
    """The two monthly boards (S, docs/rules.md §6)."""

    STRENGTH = "strength", _("Comprehensive strength board")
    GROWTH = "growth", _("All-domain growth board")


class Board(models.Model):
    """One board of one publication, frozen with it."""

    evaluation = models.ForeignKey(
        Evaluation, models.CASCADE, related_name="boards", verbose_name=_("evaluation")
    )
    kind = models.CharField(_("board"), max_length=8, choices=BoardKind)

    class Meta:
        verbose_name = _("board")
        verbose_name_plural = _("boards")
        ordering = ["-evaluation__month", "kind"]
        constraints = [
            models.UniqueConstraint(fields=["evaluation", "kind"], name="board_once"),
            models.CheckConstraint(condition=Q(kind__in=BoardKind.values), name="board_kind_known"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.evaluation}"


class Place(models.Model):
    """An agency's place on a board, with code, name and level as they stood at publication."""

    board = models.ForeignKey(Board, models.CASCADE, related_name="places", verbose_name=_("board"))
    rank = models.PositiveIntegerField(_("rank"))
    previous_rank = models.PositiveIntegerField(_("rank last month"), null=True)
    agency = models.ForeignKey(
        Agency, models.PROTECT, related_name="places", verbose_name=_("agency")
    )
    code = models.CharField(_("agency code"), max_length=32, db_collation="C")
    name = models.CharField(_("name"), max_length=200)
    level = models.CharField(_("level"), max_length=8)
    score = models.DecimalField(_("score"), max_digits=7, decimal_places=2)

    class Meta:
        verbose_name = _("place")
        verbose_name_plural = _("places")
        ordering = ["board_id", "rank"]
        constraints = [
            models.UniqueConstraint(fields=["board", "rank"], name="place_rank_once"),
            models.UniqueConstraint(fields=["board", "agency"], name="place_agency_once"),
            models.CheckConstraint(condition=Q(rank__gte=1), name="place_rank_from_one"),
        ]

    def __str__(self) -> str:
        return f"{self.board_id}: {self.rank}. {self.code}"

    @property
    def change(self) -> int | None:
        """Places gained against last month; None for who was not on the board."""
        return order.change(self.previous_rank, self.rank)

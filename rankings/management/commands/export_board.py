"""`export_board strength|growth YYYY-MM`: a published board as CSV."""

from __future__ import annotations

import csv
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from agencies.files.spreadsheet import harmless
from rankings.models import Board, BoardKind, Place
from scoring.enums import EvaluationState
from scoring.months import first_day

COLUMNS = ("rank", "change", "agency_code", "name", "score")


class Command(BaseCommand):
    help = "Writes all places of a month's published board to standard output as CSV."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("board", choices=BoardKind.values)
        parser.add_argument("month", help="the data month, YYYY-MM")

    def handle(self, *args: Any, board: str, month: str, **options: Any) -> None:
        try:
            published = Board.objects.filter(
                kind=board,
                evaluation__month=first_day(month),
                evaluation__state=EvaluationState.PUBLISHED,
            ).first()
        except ValueError as error:
            raise CommandError(str(error)) from None
        if published is None:
            raise CommandError(f"No {board} board is published for {month}.")
        writer = csv.writer(self.stdout, lineterminator="\n")
        writer.writerow(COLUMNS)
        for place in Place.objects.filter(board=published).order_by("rank").iterator():
            change = "" if place.change is None else place.change
            writer.writerow([place.rank, change, place.code, harmless(place.name), place.score])

"""`export_assessments YYYY-MM [--latest]`: a month's results as CSV."""

from __future__ import annotations

import csv
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from scoring.exports import EXPORT_COLUMNS, assessment_rows, exported_evaluation
from scoring.months import first_day


class Command(BaseCommand):
    help = "Writes a month's published assessments to standard output as CSV."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("month", help="the data month, YYYY-MM")
        parser.add_argument(
            "--latest", action="store_true", help="the newest computed revision instead"
        )

    def handle(self, *args: Any, month: str, latest: bool, **options: Any) -> None:
        try:
            evaluation = exported_evaluation(first_day(month), latest=latest)
        except ValueError as error:
            raise CommandError(str(error)) from None
        if evaluation is None:
            what = "computed" if latest else "published"
            raise CommandError(f"Nothing is {what} for {month}: ask for it with evaluate {month}.")
        writer = csv.writer(self.stdout, lineterminator="\n")
        writer.writerow(EXPORT_COLUMNS)
        writer.writerows(assessment_rows(evaluation))

"""News from below: a publication makes the boards, in its own transaction.

Back-tests below ask how the boards would have stood; who answers is registered here too.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.dispatch import receiver

from rankings.actions import make_boards, try_boards
from scoring.backtests.boards import provide
from scoring.models import Evaluation
from scoring.signals import evaluation_published


@receiver(evaluation_published, dispatch_uid="rankings.make_boards")
def make_boards_of(sender: Any, evaluation: Evaluation, at: datetime, **kwargs: Any) -> None:
    make_boards(evaluation, at=at)


provide(try_boards)

"""Addresses of the receipt and its rows."""

from __future__ import annotations

from django.urls import path

from scoring.views import receipt

urlpatterns = [
    path("score/receipt/", receipt.receipt, name="receipt"),
    path("score/rows/ask/", receipt.ask_rows, name="ask-rows"),
    path("score/rows/state/", receipt.rows_state_view, name="rows-state"),
    path("score/rows/<int:pk>/", receipt.rows_file, name="rows-file"),
    path("score/recompute.py", receipt.recompute_script, name="recompute-script"),
    # a version's name may hold any character
    path("public/rules/<path:version>/rulebook.toml", receipt.rulebook_file, name="rulebook-file"),
]

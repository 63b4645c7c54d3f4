"""Addresses of the back-test lab."""

from __future__ import annotations

from django.urls import URLPattern, path

from scoring.views import backtests

_LAB = "staff/backtests/"

urlpatterns: list[URLPattern] = [
    path(_LAB, backtests.staff_backtests, name="staff-backtests"),
    path(f"{_LAB}ask/", backtests.staff_backtest_ask, name="staff-backtest-ask"),
    path(f"{_LAB}<int:pk>/", backtests.staff_backtest, name="staff-backtest"),
    path(
        f"{_LAB}<int:pk>/cancel/",
        backtests.staff_backtest_cancel,
        name="staff-backtest-cancel",
    ),
]

"""The addresses where agencies ask and read answers."""

from __future__ import annotations

from django.urls import path

from portal.views import help as read
from portal.views import questions

urlpatterns = [
    path("help/", read.help_page, name="help"),
    path("help/answers/<int:pk>/", read.article, name="help-article"),
    path("help/ask/", questions.ask_view, name="ask"),
    path("help/questions/<int:pk>/", questions.question, name="question"),
    path("help/questions/<int:pk>/write/", questions.write_again, name="question-write"),
    path("help/questions/<int:pk>/close/", questions.close, name="question-close"),
    path("help/questions/<int:pk>/rate/", questions.rate_view, name="question-rate"),
    path("help/files/<int:pk>/", questions.question_file, name="question-file"),
]

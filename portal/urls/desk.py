"""The addresses of the desk that answers questions."""

from __future__ import annotations

from django.urls import URLPattern, path

from portal.views import desk, desk_question

DESK = "staff/questions/"
ONE = f"{DESK}<int:pk>/"

urlpatterns: list[URLPattern] = [
    path(DESK, desk.staff_questions, name="staff-questions"),
    path(f"{DESK}close/", desk.staff_questions_close, name="staff-questions-close"),
    path(f"{DESK}call/", desk.staff_call, name="staff-call"),
    path(f"{DESK}files/<int:pk>/", desk_question.staff_question_file, name="staff-question-file"),
    path(ONE, desk_question.staff_question, name="staff-question"),
    path(f"{ONE}answer/", desk_question.staff_question_answer, name="staff-question-answer"),
    path(f"{ONE}note/", desk_question.staff_question_note, name="staff-question-note"),
    path(f"{ONE}assign/", desk_question.staff_question_assign, name="staff-question-assign"),
    path(f"{ONE}release/", desk_question.staff_question_release, name="staff-question-release"),
    path(f"{ONE}clause/", desk_question.staff_question_clause, name="staff-question-clause"),
    path(f"{ONE}merge/", desk_question.staff_question_merge, name="staff-question-merge"),
    path(f"{ONE}close/", desk_question.staff_question_close, name="staff-question-close"),
]

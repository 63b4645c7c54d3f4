"""Addresses of benefits, rules and certificates."""

from __future__ import annotations

from django.urls import path

from scoring.views.benefits import benefits
from scoring.views.certificates import certificate, issue, public_certificate
from scoring.views.rules import public_rules, rules

urlpatterns = [
    path("benefits/", benefits, name="benefits"),
    path("rules/", rules, name="rules"),
    path("public/rules/", public_rules, name="public-rules"),
    path("certificate/", certificate, name="certificate"),
    path("certificate/issue/", issue, name="issue-certificate"),
    path("public/certificate/", public_certificate, name="public-certificate"),
]

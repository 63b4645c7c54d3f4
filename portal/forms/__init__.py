"""Forms of the house."""

from portal.forms.sign_in import SignInForm

__all__ = ["SignInForm"]

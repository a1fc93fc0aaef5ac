"""Forms of readers' accounts."""

from subscriptions.forms.profile import NameForm, SignupForm

__all__ = ["NameForm", "SignupForm"]

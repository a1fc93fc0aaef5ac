"""The form of optional emails."""

from typing import Any

from django import forms
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from subscriptions.models import EmailKind, EmailOptOut, User


class EmailsForm(forms.Form):
    """A ticked box means that the user gets these emails."""

    wanted = forms.MultipleChoiceField(
        label=_("Emails about work in the newsroom"),
        choices=EmailKind.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        off = set(user.email_opt_outs.values_list("kind", flat=True))
        wanted = [kind for kind in EmailKind.values if kind not in off]
        super().__init__(*args, **kwargs)
        self.fields["wanted"].initial = wanted
        self.user = user

    @transaction.atomic
    def save(self) -> None:
        wanted = self.cleaned_data["wanted"]
        EmailOptOut.objects.filter(user=self.user, kind__in=wanted).delete()
        for kind in EmailKind.values:
            if kind not in wanted:
                EmailOptOut.objects.get_or_create(user=self.user, kind=kind)

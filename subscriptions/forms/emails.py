"""The form of optional emails."""

from typing import Any

from django import forms
from django.db import transaction

from subscriptions.models import EmailOptIn, EmailOptOut, User, email_groups


class EmailsForm(forms.Form):
    """A field for each of the groups that is for `user`. A ticked box means that the user gets these emails."""

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        off = set(user.email_opt_outs.values_list("kind", flat=True))
        on = set(user.email_opt_ins.values_list("kind", flat=True))
        self.groups = email_groups()
        for name, group in self.groups.items():
            if group.is_for(user):
                self.fields[name] = forms.MultipleChoiceField(
                    label=group.title,
                    help_text=group.help_text,
                    choices=[(kind.value, kind.label) for kind in group.kinds],
                    initial=[kind.value for kind in group.kinds if kind in on or not (group.is_opt_in or kind in off)],
                    widget=forms.CheckboxSelectMultiple,
                    required=False,
                )

    @transaction.atomic
    def save(self) -> None:
        """Store what is turned off, or on. What the form does not show stays as it is."""
        for name, wanted in self.cleaned_data.items():
            group = self.groups[name]
            choices = EmailOptIn.objects if group.is_opt_in else EmailOptOut.objects
            for kind in group.kinds:
                if (kind in wanted) == group.is_opt_in:
                    choices.get_or_create(user=self.user, kind=kind)
                else:
                    choices.filter(user=self.user, kind=kind).delete()

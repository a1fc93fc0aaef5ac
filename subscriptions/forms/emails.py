"""The form of optional emails."""

from typing import Any

from django import forms
from django.db import transaction

from subscriptions.models import EMAIL_GROUPS, EmailOptOut, User


class EmailsForm(forms.Form):
    """A field for each of EMAIL_GROUPS that is for `user`. A ticked box means that the user gets these emails."""

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        off = set(user.email_opt_outs.values_list("kind", flat=True))
        for name, group in EMAIL_GROUPS.items():
            if user.is_staff or not group.is_for_staff:
                self.fields[name] = forms.MultipleChoiceField(
                    label=group.title,
                    help_text=group.help_text,
                    choices=[(kind.value, kind.label) for kind in group.kinds],
                    initial=[kind.value for kind in group.kinds if kind.value not in off],
                    widget=forms.CheckboxSelectMultiple,
                    required=False,
                )

    @transaction.atomic
    def save(self) -> None:
        """Store what is turned off. What the form does not show stays as it is."""
        wanted = {kind for kinds in self.cleaned_data.values() for kind in kinds}
        EmailOptOut.objects.filter(user=self.user, kind__in=wanted).delete()
        for kind in (kind for name in self.fields for kind in EMAIL_GROUPS[name].kinds):
            if kind not in wanted:
                EmailOptOut.objects.get_or_create(user=self.user, kind=kind)

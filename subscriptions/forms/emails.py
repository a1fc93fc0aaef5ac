"""The form of optional emails."""

from typing import Any

from django import forms
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from subscriptions.models import STAFF_KINDS, EmailKind, EmailOptOut, User


def _choice(label: Any, kinds: list[EmailKind], help_text: Any = "") -> forms.MultipleChoiceField:
    choices = [(kind.value, kind.label) for kind in kinds]
    return forms.MultipleChoiceField(
        label=label, choices=choices, required=False, widget=forms.CheckboxSelectMultiple, help_text=help_text
    )


class EmailsForm(forms.Form):
    """A ticked box means that the user gets these emails. Those about work in the newsroom are for staff."""

    comments = _choice(
        _("Emails about comments"),
        [kind for kind in EmailKind if kind not in STAFF_KINDS],
        _("At most one email an hour."),
    )
    newsroom = _choice(_("Emails about work in the newsroom"), list(STAFF_KINDS))

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        if not user.is_staff:
            del self.fields["newsroom"]
        off = set(user.email_opt_outs.values_list("kind", flat=True))
        for field in self._choices():
            field.initial = [kind for kind, _label in field.choices if kind not in off]

    @transaction.atomic
    def save(self) -> None:
        """Store what is turned off. What the form does not show stays as it is."""
        wanted = {kind for kinds in self.cleaned_data.values() for kind in kinds}
        EmailOptOut.objects.filter(user=self.user, kind__in=wanted).delete()
        for field in self._choices():
            for kind, _label in field.choices:
                if kind not in wanted:
                    EmailOptOut.objects.get_or_create(user=self.user, kind=kind)

    def _choices(self) -> list[Any]:
        return list(self.fields.values())

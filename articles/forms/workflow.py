"""Forms for moving an article through the workflow and assigning it."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from articles import permissions
from articles.forms.responsibility import ReviewForm
from articles.forms.widgets import CleanTextarea
from articles.models import Article
from articles.models.workflow import MESSAGE_LENGTH
from articles.workflow.stages import TRANSITIONS, WorkflowAction
from truthlytics.web.form_fields import choice_field
from truthlytics.web.ids import parse_id
from truthlytics.web.types import CleanedData
from truthlytics.web.users import User

MAX_DUE_AHEAD = timedelta(days=2 * 366)


class StepForm(ReviewForm):
    """A workflow action with a message, and a review of the text. `seen` is the number of the last step they saw."""

    action = forms.ChoiceField(choices=[(action.value, action.label) for action in TRANSITIONS])
    message = forms.CharField(
        required=False,
        max_length=MESSAGE_LENGTH,
        label=gettext_lazy("Message"),
        widget=CleanTextarea(attrs={"rows": 3}),
    )
    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def clean(self) -> dict[str, object]:
        data: CleanedData = super().clean() or self.cleaned_data
        missing = not data.get("message", "").strip() and "message" not in self.errors
        if data.get("action") == WorkflowAction.RETURNED and missing:
            self.add_error("message", _("Explain what needs to change."))
        return data


class AssignmentForm(forms.Form):
    """Assignee and due date, both optional."""

    assignee = forms.ChoiceField(required=False, label=gettext_lazy("Assigned to"))
    due_on = forms.DateField(
        required=False, label=gettext_lazy("Due"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    note = forms.CharField(
        required=False, max_length=MESSAGE_LENGTH, label=gettext_lazy("Note"), widget=CleanTextarea(attrs={"rows": 2})
    )
    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def __init__(self, *args: Any, article: Article, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.article = article
        self.users = {user.pk: user for user in permissions.assignable_users(article)}
        if article.assignee is not None:  # keep the current assignee even if no longer assignable
            self.users.setdefault(article.assignee.pk, article.assignee)
        choices = [("", _("Unassigned")), *((pk, str(user)) for pk, user in self.users.items())]
        choice_field(self, "assignee").choices = choices

    def clean_assignee(self) -> User | None:
        return self.users.get(parse_id(self.cleaned_data["assignee"]) or 0)

    def clean_due_on(self) -> date | None:
        due: date | None = self.cleaned_data["due_on"]
        today = timezone.localdate()
        if due is None or due == self.article.due_on:
            return due
        if due < today:
            raise ValidationError(_("This date has passed. Choose a later one."))
        if due > today + MAX_DUE_AHEAD:
            raise ValidationError(_("Choose a date within the next two years."))
        return due

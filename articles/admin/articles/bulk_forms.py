"""The options of bulk actions on articles."""

from collections.abc import Sequence
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from articles import permissions
from articles.access import Level
from articles.models import Article, Author, Section, Topic
from truthlytics.web.form_fields import choice_field


class ActionForm(forms.Form):
    """The options of an action on `articles`."""

    def __init__(self, *args: Any, articles: Sequence[Article] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)


class NoForm(ActionForm):
    """For actions without options."""


class SectionForm(ActionForm):
    section = forms.ModelChoiceField(Section.objects.all(), empty_label=_("Choose a section"))


class TopicForm(ActionForm):
    topic = forms.ModelChoiceField(Topic.objects.all(), empty_label=_("Choose a topic"))


class AccessForm(ActionForm):
    required_level = forms.TypedChoiceField(
        choices=[("", _("Choose who may read")), *Level.choices], coerce=int, label=_("Who may read")
    )
    scheduled = forms.BooleanField(required=False)

    def __init__(self, *args: object, articles: Sequence[Article] = (), **kwargs: object) -> None:
        """Offer to change scheduled versions if some of `articles` have one."""
        super().__init__(*args, articles=articles, **kwargs)
        if count := sum(article.access_levels().scheduled is not None for article in articles):
            self.fields["scheduled"].label = ngettext(
                "Also change the scheduled version (%(count)s)", "Also change the scheduled versions (%(count)s)", count
            ) % {"count": count}
        else:
            del self.fields["scheduled"]


class AuthorForm(ActionForm):
    author = forms.ModelChoiceField(Author.objects.order_by("name"), empty_label=_("Choose an author"))
    replace = forms.TypedChoiceField(
        choices=[("", _("Add to the byline")), ("yes", _("Replace the byline"))],
        coerce=bool,
        required=False,
        label=_("Byline"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = cast("forms.ModelChoiceField[Author]", self.fields["author"])
        field.choices = [("", field.empty_label), *Author.objects.labels().items()]


class AssignForm(ActionForm):
    to = forms.ModelChoiceField(
        permissions.editors(), required=False, empty_label=_("Unassigned"), label=_("Assigned to")
    )
    due_on = forms.DateField(
        required=False, label=_("Due"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice_field(self, "to").queryset = permissions.editors()
        self.fields["to"].label_from_instance = str  # type: ignore[attr-defined]

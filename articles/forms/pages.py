"""Form for pages about the publication."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from articles.forms.articles import EditorForm
from articles.forms.widgets import BodyEditor, SingleLineTextarea
from articles.models import Page
from articles.models.pages import Purpose
from articles.richtext.vocabulary import ARTICLE_EXTENSIONS
from truthlytics.web.form_fields import choice_field

STANDFIRST = gettext_lazy("One sentence under the title (optional)")


class PageForm(EditorForm):
    class Meta:
        model = Page
        fields = ["headline", "standfirst", "body", "purpose", "slug"]
        widgets = {
            "headline": SingleLineTextarea(attrs={"rows": 1, "placeholder": gettext_lazy("Title"), "data-grow": ""}),
            "standfirst": SingleLineTextarea(attrs={"rows": 1, "placeholder": STANDFIRST, "data-grow": ""}),
            "body": BodyEditor(config={"extensions": ARTICLE_EXTENSIONS}, preset="configurable", attrs={"rows": 24}),
        }
        error_messages = {"headline": {"required": gettext_lazy("Enter a title. You can change it later.")}}

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        if "purpose" in self.fields:
            choice_field(self, "purpose").choices = [("", _("None")), *Purpose.choices]

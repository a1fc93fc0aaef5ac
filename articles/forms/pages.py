"""What editors type into a page."""

from articles.forms.articles import Body, DeskForm, OneLine
from articles.models import Page
from articles.richtext.vocabulary import ARTICLE_EXTENSIONS

STANDFIRST = "One sentence under the title, if it needs one"


class PageForm(DeskForm):
    class Meta:
        model = Page
        fields = ["headline", "standfirst", "body", "purpose", "slug"]
        widgets = {
            "headline": OneLine(attrs={"rows": 1, "placeholder": "Title", "data-grow": ""}),
            "standfirst": OneLine(attrs={"rows": 1, "placeholder": STANDFIRST, "data-grow": ""}),
            "body": Body(config={"extensions": ARTICLE_EXTENSIONS}, preset="configurable", attrs={"rows": 24}),
        }
        error_messages = {"headline": {"required": "Give it a title, if only for now."}}

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        if "purpose" in self.fields:
            choices = self.fields["purpose"].choices  # type: ignore[attr-defined]
            self.fields["purpose"].choices = [("", "A page like any other"), *list(choices)[1:]]  # type: ignore[attr-defined]

    def keeps_address(self) -> bool:
        return bool(self.instance.pk and self.instance.versions.exists())

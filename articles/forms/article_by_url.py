"""A form field for an article, for libraries too large to list."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from articles.forms.widgets import CleanTextInput
from articles.models import Article
from truthlytics.web.ids import slug_in


class ArticleByUrl(forms.Field):
    """An article, entered as its slug or as its whole URL. Avoids a list of every article."""

    widget = CleanTextInput
    default_error_messages = {"unknown": _("No article has this URL.")}

    def to_python(self, value: object) -> Article | None:
        if not (slug := slug_in(value)):
            return None
        article = Article.objects.filter(slug=slug).only("slug", "headline").first() if len(slug) <= 120 else None
        if article is None:
            raise ValidationError(self.error_messages["unknown"], code="unknown")
        return article

    def has_changed(self, initial: object, data: object) -> bool:
        return slug_in(initial) != slug_in(data)

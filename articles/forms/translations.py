"""Form fields for the language of an article and for the article that it translates."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from articles.forms.article_by_url import ArticleByUrl
from articles.forms.widgets import CleanTextInput, PlainSelect
from articles.models import Article
from articles.models.translations import LanguageTaken, TranslatedAlready, check_group

Choices = list[tuple[str, object]]


def language_choices() -> Choices:
    """Return the publication's language and those of its articles, then all others. One query."""
    names = sorted(((code, gettext(name)) for code, name in settings.LANGUAGES), key=lambda choice: choice[1])
    used = Article.objects.languages()
    first: Choices = [("", _("The publication’s language")), *(name for name in names if name[0] in used)]
    return [*first, (gettext("Other languages"), [name for name in names if name[0] not in used])]


class LanguageField(forms.ChoiceField):
    """The language of an article; "" for the publication's."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=language_choices, label=_("Language"), required=False, widget=PlainSelect, **kwargs)


class TranslationOfField(ArticleByUrl):
    """The article that this one translates, entered as its URL. The editor finds it by words of the headline."""

    def __init__(self, **kwargs: Any) -> None:
        widget = CleanTextInput(attrs={"list": "translation-targets", "autocomplete": "off"})
        super().__init__(label=_("Translation of"), required=False, widget=widget, **kwargs)


def validate_translation(article: Article, *, original: Article | None, language: str) -> None:
    """Raise ValidationError unless `article` may be the translation of `original` in `language`."""
    try:
        check_group(article, original=original, language=language)
    except LanguageTaken as taken:
        text = gettext("“%(headline)s” is already the article in this language. Choose another language.")
        raise forms.ValidationError({"language": text % {"headline": taken.article}}) from taken
    except TranslatedAlready as error:
        text = gettext("This article has translations of its own. Link them to the other article first.")
        raise forms.ValidationError({"translation_of": text}) from error

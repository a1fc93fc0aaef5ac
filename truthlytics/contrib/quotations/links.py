"""The link in an article, which takes the selected text along."""

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils.html import format_html

from articles.presenters.article import ArticleSummary
from truthlytics.web.slots import show_in


@show_in("share")
def link_of_article(request: HttpRequest, article: ArticleSummary) -> str:
    return render_to_string("quotations/_link.html")


@show_in("article_head")
def script_of_article(request: HttpRequest, article: ArticleSummary) -> str:
    return format_html('<script type="module" src="{}"></script>', static("js/check-quotation.js"))

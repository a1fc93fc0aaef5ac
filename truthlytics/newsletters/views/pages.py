"""What newsletters there are, and the pages of their issues."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from articles.access import ReaderRequest
from articles.media.renditions import responsive_image
from articles.models import Article
from articles.presenters.responsibility import head_of
from truthlytics.newsletters.forms import SignUpForm
from truthlytics.newsletters.letters import letter_content, letter_html
from truthlytics.newsletters.models import Issue, Newsletter
from truthlytics.newsletters.presenters import covers, with_issues
from truthlytics.newsletters.views.readers import confirmed_reader
from truthlytics.publication.colours import theme_css
from truthlytics.web.cursor_pagination import page
from truthlytics.web.pages import public_page

SIZE = 30
YEAR = 365 * 24 * 3600


@require_safe
@public_page(["newsletters", "listing", "clock"])
def newsletters(request: HttpRequest) -> HttpResponse:
    """List the newsletters with their last issues, the newest as a cover, and a form to sign up."""
    rows = with_issues(Newsletter.objects.offered())
    found = covers([row.sent_issues[0].pk for row in rows if row.sent_issues], timezone.now())
    only = [row.pk for row in rows] if len(rows) == 1 else []
    form = SignUpForm(reader=confirmed_reader(request), initial={"newsletters": only})
    return render(request, "newsletters/newsletters.html", {"newsletters": rows, "covers": found, "form": form})


@require_safe
@public_page(["newsletters"])
def newsletter(request: HttpRequest, slug: str) -> HttpResponse:
    """Show what a newsletter contains, a form to sign up, and its past issues."""
    row, after = get_object_or_404(Newsletter, slug=slug), request.GET.get("after", "")
    sent = row.issues.sent().filter(corrects=None).defer("body")
    issues = page(sent, after=after, size=SIZE, time="prepared_at", tie="pk")
    form = SignUpForm(reader=confirmed_reader(request), initial={"newsletters": [row.pk]})
    context = {"newsletter": row, "page": issues, "after": after, "form": form}
    return render(request, "newsletters/newsletter.html", context)


@require_safe
@public_page(["newsletters"], max_age=YEAR)
def theme(request: HttpRequest, slug: str, colour: str) -> HttpResponse:
    """Return the stylesheet with the accent colour of a newsletter, for the pages of its issues."""
    row = get_object_or_404(Newsletter, slug=slug, accent=f"#{colour}")
    return HttpResponse(theme_css(*row.accents, scope="main"), content_type="text/css; charset=utf-8")


@require_safe
@public_page(["newsletters", "listing", "clock"])
def issue(request: ReaderRequest, slug: str, issue: str) -> HttpResponse:
    """Show an issue: its text to readers with access to the newsletter, and the articles in it as they are now.

    Corrections are for everyone.
    """
    issues = Issue.objects.sent().select_related("newsletter__header")
    row = get_object_or_404(issues, newsletter__slug=slug, slug=issue)
    now = timezone.now()
    shown = Article.objects.listed(now).filter(newsletter_issues__issue=row).order_by("newsletter_issues__position")
    versions = [article.as_served(now) for article in shown]
    sentences = dict(row.articles.values_list("article", "sentence"))
    title = row.title_above(versions[0].headline if versions else "")
    is_for_reader = row.corrects_id is not None or request.access.level >= row.newsletter.required_level
    context = {
        "issue": row,
        "title": title,
        "newsletter": row.newsletter,
        "entries": [(version, sentences[version.article.pk] if is_for_reader else "") for version in versions],
        "missing": len(sentences) - len(versions),
        "header": responsive_image(row.newsletter.header) if row.newsletter.header else None,
        "body": letter_html(row) if is_for_reader else "",
        "head": head_of(letter_content(row)),
        "is_gated": bool(row.body) and not is_for_reader,
    }
    return render(request, "newsletters/issue.html", context)

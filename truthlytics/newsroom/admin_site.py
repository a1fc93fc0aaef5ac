"""The newsroom: Django's admin site with the project's login, security policy, navigation and dashboard."""

from collections.abc import Callable
from typing import Any, NamedTuple, Protocol, cast, runtime_checkable

from allauth.account.decorators import secure_admin_login
from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import NoReverseMatch, URLPattern, URLResolver, path, reverse
from django.utils import timezone
from django.utils.csp import CSP
from django.utils.decorators import method_decorator
from django.utils.functional import Promise, SimpleLazyObject
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.csp import csp_override

from truthlytics.newsroom import views
from truthlytics.newsroom.inbox import inbox_for
from truthlytics.newsroom.statistics import statistics_for
from truthlytics.publication import get_publication
from truthlytics.publication.language import LANGUAGES
from truthlytics.web.form_recovery import DISCARD_FIELD, discard_form, save_form, saved_fields
from truthlytics.web.ids import parse_id

# The public policy plus nonces, for Django's own admin pages, the hash of the rich-text editor's inline style, and
# blob: URLs, with which browsers paste images.
ADMIN_CSP: dict[str, Any] = settings.SECURE_CSP | {
    "script-src": [CSP.SELF, CSP.NONCE],
    "style-src": [CSP.SELF, CSP.NONCE, settings.EDITOR_STYLE],
    "img-src": [*settings.SECURE_CSP["img-src"], "data:", "blob:"],
    "connect-src": [*settings.SECURE_CSP["connect-src"], "blob:"],
    "frame-src": [CSP.SELF],
}
METHODS = ("GET", "HEAD", "POST")


@runtime_checkable
class SiteUrlsAdmin(Protocol):
    """An admin with URLs outside of /admin/<app>/<model>/, such as /admin/calendar/."""

    def get_site_urls(self) -> list[URLPattern]:
        """Return the patterns to include below /admin/."""


class NavItem(NamedTuple):
    """An entry of the main navigation, for users who can view or change `model`, or what a permission calls so."""

    name: str | Promise
    url_name: str
    model: str


# The frequently used entries are in the header, the others in a menu.
NAVIGATION = [
    NavItem(gettext_lazy("Articles"), "admin:articles_article_changelist", "articles.article"),
    NavItem(gettext_lazy("Calendar"), "admin:calendar", "articles.article"),
    NavItem(gettext_lazy("Front page"), "admin:front", "articles.homepageedition"),
    NavItem(gettext_lazy("Images"), "admin:articles_image_changelist", "articles.image"),
    NavItem(gettext_lazy("Comments"), "admin:comments_comment_changelist", "comments.comment"),
    NavItem(gettext_lazy("Orders"), "admin:subscriptions_order_changelist", "subscriptions.order"),
    NavItem(gettext_lazy("Users"), "admin:subscriptions_user_changelist", "subscriptions.user"),
    NavItem(gettext_lazy("Reported errors"), "admin:articles_errorreport_changelist", "articles.errorreport"),
    NavItem(gettext_lazy("Documents"), "admin:articles_document_changelist", "articles.document"),
    NavItem(gettext_lazy("Sources"), "admin:articles_source_changelist", "articles.source"),
    NavItem(gettext_lazy("Recordings"), "admin:articles_recording_changelist", "articles.recording"),
    NavItem(gettext_lazy("Saved blocks"), "admin:articles_savedblock_changelist", "articles.savedblock"),
    NavItem(gettext_lazy("Dossiers"), "admin:articles_dossier_changelist", "articles.dossier"),
    NavItem(gettext_lazy("Series"), "admin:articles_series_changelist", "articles.series"),
    NavItem(gettext_lazy("Sections"), "admin:articles_section_changelist", "articles.section"),
    NavItem(gettext_lazy("Topics"), "admin:articles_topic_changelist", "articles.topic"),
    NavItem(gettext_lazy("Authors"), "admin:articles_author_changelist", "articles.author"),
    NavItem(gettext_lazy("Pages"), "admin:articles_page_changelist", "articles.page"),
    NavItem(gettext_lazy("Menus"), "admin:menus", "articles.menuedition"),
    NavItem(gettext_lazy("Redirects"), "admin:articles_redirect_changelist", "articles.redirect"),
    NavItem(gettext_lazy("Newsletter issues"), "admin:newsletters_issue_changelist", "newsletters.issue"),
    NavItem(gettext_lazy("Newsletters"), "admin:newsletters_newsletter_changelist", "newsletters.newsletter"),
    NavItem(gettext_lazy("Newsletter readers"), "admin:newsletters_address_changelist", "newsletters.address"),
    NavItem(gettext_lazy("New display names"), "admin:subscriptions_namechange_changelist", "subscriptions.namechange"),
    NavItem(gettext_lazy("Appeals"), "admin:comments_appeal_changelist", "comments.appeal"),
    NavItem(gettext_lazy("Suspensions"), "admin:comments_suspension_changelist", "comments.suspension"),
    NavItem(gettext_lazy("Decisions"), "admin:comments_decision_changelist", "comments.decision"),
    NavItem(gettext_lazy("Comment settings"), "admin:comments_thread_changelist", "comments.thread"),
    NavItem(gettext_lazy("Plans and prices"), "admin:subscriptions_plan_changelist", "subscriptions.plan"),
    NavItem(gettext_lazy("Coupons"), "admin:subscriptions_coupon_changelist", "subscriptions.coupon"),
    NavItem(gettext_lazy("Subscriptions"), "admin:subscriptions_subscription_changelist", "subscriptions.subscription"),
    NavItem(gettext_lazy("Grants"), "admin:subscriptions_grant_changelist", "subscriptions.grant"),
    NavItem(gettext_lazy("Payments"), "admin:subscriptions_payment_changelist", "subscriptions.payment"),
    NavItem(gettext_lazy("Refunds"), "admin:subscriptions_refund_changelist", "subscriptions.refund"),
    NavItem(gettext_lazy("Invoices"), "admin:subscriptions_receipt_changelist", "subscriptions.receipt"),
    NavItem(gettext_lazy("Accounts"), "admin:accounts", "subscriptions.statement"),
    NavItem(gettext_lazy("Declarations"), "admin:subscriptions_declaration_changelist", "subscriptions.declaration"),
    NavItem(gettext_lazy("Revenue"), "admin:revenue", "subscriptions.revenue"),
    NavItem(gettext_lazy("Messages"), "admin:truthlytics_message_changelist", "truthlytics.message"),
    NavItem(gettext_lazy("Settings"), "admin:truthlytics_publication_changelist", "truthlytics.publication"),
    NavItem(gettext_lazy("Import"), "admin:imports", "truthlytics.importrun"),
    NavItem(gettext_lazy("Audit log"), "admin:truthlytics_auditentry_changelist", "truthlytics.auditentry"),
]
FREQUENT = 7
# Headings of the menu, by the app of the model.
GROUPS = {
    "articles": gettext_lazy("Content"),
    "comments": gettext_lazy("Readers and subscriptions"),
    "newsletters": gettext_lazy("Newsletters"),
    "subscriptions": gettext_lazy("Readers and subscriptions"),
    "truthlytics": gettext_lazy("Publication"),
}


class NewsroomSite(admin.AdminSite):
    index_title = gettext_lazy("Dashboard")
    index_template = "admin/dashboard.html"
    enable_nav_sidebar = False

    def admin_view(self, view: Callable[..., Any], cacheable: bool = False) -> Any:
        """Check method, input and permission of every newsroom page, recover forms and set the security policy."""
        checked_view: Callable[..., HttpResponseBase] = super().admin_view(view, cacheable)

        @csp_override(ADMIN_CSP)
        def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if request.method not in METHODS:
                # Django's own views treat other methods like GET.
                return HttpResponseNotAllowed(METHODS)
            if "\x00" in request.path or "%00" in request.META.get("QUERY_STRING", ""):
                raise BadRequest(_("URLs cannot contain null characters."))
            if request.method == "POST":
                if not request.user.is_authenticated:
                    # The session expired: keep the form until the user has logged in. Scripts retry on their own.
                    if request.accepts("text/html"):
                        save_form(request)
                else:
                    discard_form(request)
                    if DISCARD_FIELD in request.POST:
                        return redirect(request.path)
                if any(parse_id(pk) is None for pk in request.POST.getlist(ACTION_CHECKBOX_NAME)):
                    raise BadRequest(_("Invalid selection."))
            elif self.has_permission(request) and (fields := saved_fields(request)):
                context = self.each_context(request) | {
                    "title": _("Recovered text"),
                    "fields": fields,
                    "drop": DISCARD_FIELD,
                }
                return TemplateResponse(request, "admin/form_recovery.html", context)
            return checked_view(request, *args, **kwargs)

        return inner

    @method_decorator(secure_admin_login)
    def login(self, request: HttpRequest, extra_context: dict[str, object] | None = None) -> HttpResponse:
        """Use the project's login. Users who are not staff get 403 instead of a redirect loop."""
        return redirect("admin:index")

    def get_urls(self) -> list[URLResolver | URLPattern]:
        """Replace Django's `view_on_site`, which reveals the URL of any row, such as a draft, to any staff user."""
        view_on_site = path(
            "r/<int:content_type_id>/<int:object_id>/", self.admin_view(self.view_on_site), name="view_on_site"
        )
        site_urls = [
            url
            for model_admin in self.model_admins()
            if isinstance(model_admin, SiteUrlsAdmin)
            for url in model_admin.get_site_urls()
        ]
        return [
            view_on_site,
            *views.paths(self),
            *site_urls,
            *(url for url in super().get_urls() if getattr(url, "name", None) != "view_on_site"),
        ]

    def model_admins(self) -> list[admin.ModelAdmin[Any]]:
        """Return the admins of all registered models."""
        return [self.get_model_admin(model) for model in apps.get_models() if self.is_registered(model)]

    def view_on_site(self, request: HttpRequest, content_type_id: int, object_id: int) -> HttpResponse:
        """Redirect to the public URL of a row that the user may view in the admin; otherwise 404."""
        content_type = ContentType.objects.filter(pk=content_type_id).first()
        model = content_type.model_class() if content_type else None
        if model is None or not self.is_registered(model):
            raise Http404("There is no such page.")
        model_admin = self.get_model_admin(model)
        if not model_admin.has_view_permission(request):
            raise Http404("There is no such page.")
        obj = get_object_or_404(model_admin.get_queryset(request), pk=object_id)
        if not hasattr(obj, "get_absolute_url"):
            raise Http404("It has no public page.")
        return redirect(obj)

    def password_change(self, request: HttpRequest, extra_context: dict[str, object] | None = None) -> Any:
        return redirect("account_change_password")

    def each_context(self, request: HttpRequest) -> dict[str, object]:
        context = super().each_context(request)
        name = get_publication().name
        items = nav_items(request) if context["has_permission"] else []
        return context | {
            "site_header": name,
            "site_title": _("%(publication)s newsroom") % {"publication": name},
            "other_languages": [language for language in LANGUAGES if language[0] != get_language()],
            "nav_items": items,
            "more_nav_items": [item for item in items if not item["frequent"]],
            "nav_title": next((item["name"] for item in items if item["here"]), ""),
        }

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> Any:
        """Build the list only for the pages that show it: Django asks for it on every page."""
        return SimpleLazyObject(lambda: super(NewsroomSite, self).get_app_list(request, app_label))

    def index(self, request: HttpRequest, extra_context: dict[str, object] | None = None) -> Any:
        user, now = cast(Any, request.user), timezone.now()
        return super().index(request, inbox_for(user, now) | statistics_for(user, now) | (extra_context or {}))


def nav_items(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the navigation entries that the user may open, with their URLs."""
    items = []
    for index, item in enumerate(NAVIGATION):
        app, model = item.model.split(".")
        if request.user.has_perm(f"{app}.view_{model}") or request.user.has_perm(f"{app}.change_{model}"):
            try:
                url = reverse(item.url_name)
            except NoReverseMatch:  # the app is not installed
                continue
            here = request.path.startswith(url)
            frequent, group = index < FREQUENT, str(GROUPS[app])
            items.append(
                {
                    "name": item.name, "url": url, "url_name": item.url_name,
                    "here": here, "frequent": frequent, "group": group,
                }
            )  # fmt: skip
    # A short navigation needs no menu.
    return items if len(items) > FREQUENT else [item | {"frequent": True} for item in items]

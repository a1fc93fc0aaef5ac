"""The areas of the newsroom: its menu, the dashboard and the palette show the same ones, in the same order."""

from typing import NamedTuple

from django.apps import AppConfig
from django.contrib.admin import site
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from truthlytics.newsroom.one_row_admin import OneRowAdmin
from truthlytics.newsroom.readership.access import PERMISSION
from truthlytics.web.plugins import extension_configs, is_text, newsroom_areas, newsroom_pages
from truthlytics.web.types import TemplateContext


class NavItem(NamedTuple):
    """An entry of an area, for users who can view or change `model`, or what a permission calls so.

    With `permission`, for users who have it. `words` are others to find it by.
    """

    name: str | Promise
    url_name: str
    model: str = ""
    permission: str = ""
    words: str = ""


class Area(NamedTuple):
    """`key` is how features and plug-ins name it for pages of theirs."""

    key: str
    name: str | Promise
    items: tuple[NavItem, ...]


AREAS = (
    Area(
        "write",
        _("Write"),
        (
            NavItem(_("Articles"), "admin:articles_article_changelist", "articles.article"),
            NavItem(_("Calendar"), "admin:calendar", "articles.article"),
            NavItem(_("Images"), "admin:articles_image_changelist", "articles.image"),
            NavItem(_("Documents"), "admin:articles_document_changelist", "articles.document"),
            NavItem(_("Recordings"), "admin:articles_recording_changelist", "articles.recording"),
            NavItem(_("Sources"), "admin:articles_source_changelist", "articles.source"),
            NavItem(_("Saved blocks"), "admin:articles_savedblock_changelist", "articles.savedblock"),
            NavItem(_("Authors"), "admin:articles_author_changelist", "articles.author"),
            NavItem(_("Reported errors"), "admin:articles_errorreport_changelist", "articles.errorreport"),
        ),
    ),
    Area(
        "sections",
        _("Front page and sections"),
        (
            NavItem(_("Front page"), "admin:front", "articles.homepageedition"),
            NavItem(_("Sections"), "admin:articles_section_changelist", "articles.section"),
            NavItem(_("Topics"), "admin:articles_topic_changelist", "articles.topic"),
            NavItem(_("Dossiers"), "admin:articles_dossier_changelist", "articles.dossier"),
            NavItem(pgettext_lazy("plural", "Series"), "admin:articles_series_changelist", "articles.series"),
            NavItem(_("Pages"), "admin:articles_page_changelist", "articles.page"),
            NavItem(_("Menus"), "admin:menus", "articles.menuedition"),
            NavItem(_("Redirects"), "admin:articles_redirect_changelist", "articles.redirect"),
        ),
    ),
    Area(
        "readers",
        _("Readers and money"),
        (
            NavItem(_("Users"), "admin:subscriptions_user_changelist", "subscriptions.user"),
            NavItem(_("Subscriptions"), "admin:subscriptions_subscription_changelist", "subscriptions.subscription"),
            NavItem(_("Orders"), "admin:subscriptions_order_changelist", "subscriptions.order"),
            NavItem(_("Payments"), "admin:subscriptions_payment_changelist", "subscriptions.payment"),
            NavItem(_("Refunds"), "admin:subscriptions_refund_changelist", "subscriptions.refund"),
            NavItem(_("Declarations"), "admin:subscriptions_declaration_changelist", "subscriptions.declaration"),
            NavItem(_("Grants"), "admin:subscriptions_grant_changelist", "subscriptions.grant"),
            NavItem(_("New display names"), "admin:subscriptions_namechange_changelist", "subscriptions.namechange"),
            NavItem(_("Plans and prices"), "admin:subscriptions_plan_changelist", "subscriptions.plan"),
            NavItem(_("Coupons"), "admin:subscriptions_coupon_changelist", "subscriptions.coupon"),
            NavItem(_("Revenue"), "admin:revenue", "subscriptions.revenue"),
            NavItem(_("Invoices"), "admin:subscriptions_receipt_changelist", "subscriptions.receipt"),
            NavItem(_("Bookkeeping"), "admin:accounts", "subscriptions.statement"),
        ),
    ),
    Area(
        "comments",
        _("Comments"),
        (
            NavItem(_("Comments"), "admin:comments_comment_changelist", "comments.comment"),
            NavItem(_("Appeals"), "admin:comments_appeal_changelist", "comments.appeal"),
            NavItem(_("Decisions"), "admin:comments_decision_changelist", "comments.decision"),
            NavItem(_("Suspensions"), "admin:comments_suspension_changelist", "comments.suspension"),
            NavItem(_("Comment settings"), "admin:comments_thread_changelist", "comments.thread"),
        ),
    ),
    Area(
        "publication",
        _("Publication"),
        (
            NavItem(_("Settings"), "admin:truthlytics_publication_changelist", "truthlytics.publication"),
            NavItem(_("Statistics"), "admin:statistics", permission=PERMISSION),
            NavItem(_("AI and review"), "admin:responsibility", "truthlytics.publication"),
            NavItem(_("Messages"), "admin:truthlytics_message_changelist", "truthlytics.message"),
            NavItem(_("Audit log"), "admin:truthlytics_auditentry_changelist", "truthlytics.auditentry"),
        ),
    ),
)


def nav_areas(request: HttpRequest) -> list[TemplateContext]:
    """Return the areas with the entries that the user may open, without areas that would be empty."""
    areas = []
    for area in all_areas():
        items = [shown for item in area.items if (shown := _shown(item, request))]
        if items:
            areas.append({"name": area.name, "items": items, "here": any(item["here"] for item in items)})
    return areas


def all_areas() -> list[Area]:
    """Return the areas with what features and plug-ins add to them, and then their own."""
    areas = _areas()
    pages: dict[str, list[NavItem]] = {area.key: [] for area in areas}
    own = []
    for config in extension_configs():
        items: list[NavItem] = []
        found = newsroom_pages(config)
        for page in found:
            pages.get(page.area, items).append(NavItem(page.name, page.url_name, page.model, words=page.words))
        listed = {page.url_name for page in found}
        items += [item for item in _model_items(config) if item.url_name not in listed]
        if items:
            name = config.verbose_name if is_text(config.verbose_name, longest=100) else config.label
            own.append(Area(config.label, name, tuple(items)))
    return [area._replace(items=(*area.items, *pages[area.key])) for area in areas] + own


def _areas() -> list[Area]:
    """Return the areas of the site, and those that features and plug-ins add, each behind the one that it names."""
    areas = list(AREAS)
    for added in newsroom_areas():
        keys = [area.key for area in areas]
        if added.key not in keys:
            place = keys.index(added.after) + 1 if added.after in keys else len(keys)
            areas.insert(place, Area(added.key, added.name, ()))
    return areas


def _model_items(config: AppConfig) -> list[NavItem]:
    """Return the models of a feature or plug-in in the admin except those of settings."""
    models = [
        model
        for model in config.get_models()
        if site.is_registered(model) and not isinstance(site.get_model_admin(model), OneRowAdmin)
    ]
    return [
        NavItem(
            capfirst(str(model._meta.verbose_name_plural)),
            f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist",
            model._meta.label_lower,
        )
        for model in models
    ]


def _shown(item: NavItem, request: HttpRequest) -> TemplateContext | None:
    if not any(request.user.has_perm(permission) for permission in _permissions(item)):
        return None
    try:
        url = reverse(item.url_name)
    except NoReverseMatch:  # the app is not installed
        return None
    here = request.path.startswith(url)
    return {"name": item.name, "url": url, "url_name": item.url_name, "words": item.words, "here": here}


def _permissions(item: NavItem) -> list[str]:
    """Return the permissions of which one is needed."""
    if item.permission:
        return [item.permission]
    app, model = item.model.split(".")
    return [f"{app}.view_{model}", f"{app}.change_{model}"]

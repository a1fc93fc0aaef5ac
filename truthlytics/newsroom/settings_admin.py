"""The page “Settings”: the one row of the publication, live as soon as it is saved."""

from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from truthlytics.newsroom.one_row_admin import OneRowAdmin
from truthlytics.newsroom.settings_form import SettingsForm
from truthlytics.publication import get_publication
from truthlytics.publication.models import Publication
from truthlytics.web.text import split_words

PERMISSION = "truthlytics.change_publication"


class SettingsAdmin(OneRowAdmin):
    """A page of settings. Subclasses show other columns of the same row, as a proxy model of its own."""

    page_name: str | Promise = gettext_lazy("General")
    form: Any = SettingsForm
    readonly_fields = ["logo_preview", "icon_preview", "link_preview"]
    fieldsets = [
        (gettext_lazy("Name"), {"fields": ["name", "tagline", "description"]}),
        (
            gettext_lazy("Look"),
            {"fields": split_words("logo_preview logo logo_dark icon_preview favicon link_preview social_image")},
        ),
        (gettext_lazy("Language and time"), {"fields": ["language", "time_zone"]}),
        (
            gettext_lazy("Publisher and contact"),
            {
                "description": gettext_lazy("Shown in the footer, in emails and to search engines."),
                "fields": ["publisher", "legal_address", "contact_email", "tips_email", "social_profiles"],
            },
        ),
        (
            gettext_lazy("New articles and comments"),
            {"fields": ["default_access", "comments_open", "comments_close_after_days", "who_may_comment"]},
        ),
        (
            gettext_lazy("Comments awaiting moderation"),
            {
                "description": gettext_lazy("Comments by staff never wait."),
                "fields": ["hold_first_comments", "hold_links", "held_words"],
            },
        ),
        (gettext_lazy("Review and sources"), {"fields": ["four_eyes", "check_links"]}),
        (gettext_lazy("Statistics"), {"fields": ["authors_see_statistics"]}),
    ]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return super().has_add_permission(request) and get_publication().is_default

    @admin.display(description=gettext_lazy("current logo"))
    def logo_preview(self, changed: Publication) -> str:
        # The stored row: `changed` has what was typed into a refused form.
        publication = get_publication()
        if not publication.logo:
            return publication.name
        return _preview(publication.logo.url, publication.name, publication.logo.width, publication.logo.height)

    @admin.display(description=gettext_lazy("current icon"))
    def icon_preview(self, changed: Publication) -> str:
        return _preview(get_publication().icons["180"], _("Icon"), 64, 64)

    @admin.display(description=gettext_lazy("current image"))
    def link_preview(self, changed: Publication) -> str:
        return _preview(get_publication().social_image_url, _("Image for link previews"), 300, 157)


class PartAdmin(SettingsAdmin):
    """Base of the pages that show other columns of the row, with the permissions of the settings."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(PERMISSION) and not Publication.objects.exists()

    def has_view_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return request.user.has_perm(PERMISSION)

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return request.user.has_perm(PERMISSION)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return False


def _preview(url: str, alt: str, width: int, height: int) -> str:
    return format_html('<img class="settings-image" src="{}" alt="{}" width="{}" height="{}">', url, alt, width, height)

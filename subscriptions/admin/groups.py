"""Admin for the roles of the newsroom, which are Django's groups. For superusers."""

from typing import Any

from django.contrib import admin
from django.contrib.auth import admin as auth_admin
from django.contrib.auth.models import Group
from django.http import HttpRequest

from subscriptions.admin.users import permissions_field

admin.site.unregister(Group)


@admin.register(Group)
class GroupAdmin(auth_admin.GroupAdmin):
    """Names permissions in the language of the page: Django stores them in English."""

    filter_horizontal = ()

    def formfield_for_manytomany(self, db_field: object, request: HttpRequest | None = None, **kwargs: Any) -> Any:
        return permissions_field(db_field, **kwargs)

"""Newsroom roles: five groups, with permissions that are set again after every `migrate`.

Publications that need other permissions add groups of their own.
"""

import logging

from django.apps import apps as global_apps
from django.apps.registry import Apps
from django.db.models import Q

from truthlytics.web.plugins import extension_configs, role_permissions

logger = logging.getLogger(__name__)

APPS = ("articles", "comments", "subscriptions")


def _permissions(app: str, *codenames: str) -> Q:
    return Q(content_type__app_label=app, codename__in=codenames)


MESSAGES = _permissions("truthlytics", "view_message", "change_message", "delete_message")

# By app where possible, so that new models are included.
ROLES: dict[str, Q] = {
    "Author": _permissions(
        "articles",
        "add_article", "change_article", "view_article",
        "add_byline", "change_byline", "delete_byline", "view_byline",
        "add_image", "view_image", "add_document", "view_document", "add_recording", "view_recording",
        "add_savedblock", "view_savedblock",
        "view_section", "view_topic", "view_series", "view_author",
    ),
    # Removing a text from the record is for publishers.
    "Editor": Q(content_type__app_label="articles") & ~Q(codename="redact_version")
    | MESSAGES,
    "Moderator": (Q(content_type__app_label="comments") & ~Q(codename__startswith="add_"))
    # Comment settings of articles without comments.
    | _permissions("comments", "add_thread")
    | _permissions("subscriptions", "view_namechange", "review_namechange"),
    # Helps readers with access and payments. Can't see revenue, or change accounts, plans and roles.
    "Support": _permissions(
        "subscriptions",
        "view_user", "view_grant", "add_grant", "view_subscription", "change_subscription", "view_gift",
        "view_order", "change_order", "view_payment", "refund_payment", "view_receipt", "view_refund", "view_coupon",
        "view_declaration", "change_declaration", "view_accountnote", "add_accountnote",
        "view_sentemail", "add_sentemail",
    ) | _permissions("comments", "view_comment")
    | MESSAGES,
    "Publisher": Q(content_type__app_label__in=APPS)
    | MESSAGES
    | _permissions(
        "truthlytics",
        "view_auditentry", "add_publication", "change_publication", "view_publication",
    ),
}  # fmt: skip


def grant_roles(apps: Apps = global_apps, using: str = "default", **kwargs: object) -> None:
    """Create the groups and set their permissions. Safe to call again.

    A `post_migrate` handler: it must run after Django has created the permissions of every app in `ROLES`.
    """
    try:
        groups = apps.get_model("auth", "Group").objects.using(using)
        permissions = apps.get_model("auth", "Permission").objects.using(using)
    except LookupError:  # django.contrib.auth is not migrated yet
        return
    of_extensions = Q(content_type__app_label__in=[config.label for config in extension_configs()])
    conditions = ROLES | {"Publisher": ROLES["Publisher"] | of_extensions}
    for role, app, codename in role_permissions():
        if role in ROLES:
            conditions[role] |= _permissions(app, codename)
        else:
            logger.error("The app “%s” has a permission for the role “%s”, which does not exist.", app, role)
    for name, condition in conditions.items():
        group, _ = groups.get_or_create(name=name)
        group.permissions.set(permissions.filter(condition))

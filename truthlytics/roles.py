"""Who may do what in the newsroom: four groups, written again with every `migrate`.

They are the house's own: a publication that wants another cut makes a group of its own beside them.
"""

from typing import Any

from django.apps import apps as installed
from django.contrib.auth.management import create_permissions
from django.db.models import Q

APPS = ("articles", "comments", "subscriptions")


def _codes(app: str, *names: str) -> Q:
    return Q(content_type__app_label=app, codename__in=names)


# By pattern, so that a model that comes later gets into the groups it belongs to.
ROLES: dict[str, Q] = {
    "Author": _codes(
        "articles",
        "add_article", "change_article", "view_article",
        "add_byline", "change_byline", "delete_byline", "view_byline",
        "add_image", "view_image", "add_document", "view_document", "add_recording", "view_recording",
        "view_section", "view_topic", "view_series", "view_author",
    ),
    "Editor": Q(content_type__app_label="articles"),
    "Moderator": Q(content_type__app_label="comments") & ~Q(codename__startswith="add_"),
    "Publisher": Q(content_type__app_label__in=APPS) | _codes("truthlytics", "view_auditentry"),
}  # fmt: skip


def grant_roles(apps: Any = installed, using: str = "default", **kwargs: Any) -> None:
    """Give each group exactly its permissions. Safe to run again; what is not there yet is passed over."""
    for label in (*APPS, "truthlytics"):
        try:
            config = apps.get_app_config(label)
        except LookupError:
            continue
        _create(config, apps, using)
    try:
        groups = apps.get_model("auth", "Group").objects.using(using)
    except LookupError:  # only some apps were migrated, and nobody has an account yet
        return
    permissions = apps.get_model("auth", "Permission").objects.using(using)
    for name, wanted in ROLES.items():
        group, _ = groups.get_or_create(name=name)
        group.permissions.set(permissions.filter(wanted))


def _create(config: Any, apps: Any, using: str) -> None:
    """Django makes permissions only after all migrations; ours are wanted within one."""
    absent = object()
    before = getattr(config, "models_module", absent)
    # The app configs of a migration have no models module, and without one nothing is made.
    config.models_module = before or True
    create_permissions(config, verbosity=0, using=using, apps=apps)
    config.models_module = before if before is not absent else None

"""System checks of the deployment. Hints name the environment variable to set."""

import os
from collections.abc import Sequence
from importlib.util import find_spec

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Info, Tags, Warning, register
from django.db import DatabaseError
from django.utils import timezone

from articles.services.standard_pages import missing_required_pages, unfinished_standard_pages
from subscriptions.models import Price
from truthlytics.backups import databases
from truthlytics.backups.destinations import S3
from truthlytics.backups.folder import BackupError
from truthlytics.env import BASE_DIR, env
from truthlytics.storage import s3_configuration_errors
from truthlytics.transparency.problems import find_problems, why_unsigned
from truthlytics.web.kept_features import kept_features
from truthlytics.web.plugins import plugin_configs, problems
from truthlytics.web.slots import SLOTS, unknown_slots


@register(Tags.security, deploy=True)
def check_email(app_configs: Sequence[AppConfig] | None, **kwargs: object) -> list[CheckMessage]:
    """Readers need email for the code that confirms their account."""
    if settings.MAILERS["default"]["BACKEND"].endswith("console.EmailBackend"):
        return [Error("Email is not configured.", hint="Set SMTP_URL.", id="truthlytics.E001")]
    return []


@register(Tags.security, deploy=True)
def check_site_url(app_configs: Sequence[AppConfig] | None, **kwargs: object) -> list[CheckMessage]:
    """Links in emails and feeds lead to SITE_URL, and requests for other hosts are refused."""
    if env("SITE_URL") or settings.DEMO:
        return []
    hint = "Set it to the address of the site, such as SITE_URL=https://news.example.org."
    return [
        Error(f"SITE_URL is not set. The site answers only at {settings.SITE_URL}.", hint=hint, id="truthlytics.E005")
    ]


@register(Tags.security, deploy=True)
def check_not_demo(app_configs: Sequence[AppConfig] | None, **kwargs: object) -> list[CheckMessage]:
    """The demo's passwords are public, and its payment page takes no money."""
    if settings.DEMO:
        hint = "Set TRUTHLYTICS_DEMO=0 and use another database."
        return [Error("This site runs as the demo, whose passwords are public.", hint=hint, id="truthlytics.E003")]
    return []


@register(Tags.security, deploy=True)
def check_standard_pages(app_configs: Sequence[AppConfig] | None, **kwargs: object) -> list[CheckMessage]:
    """Readers must not be told what only a template says, such as about their right of withdrawal."""
    try:
        pages = unfinished_standard_pages()
    except DatabaseError:  # before the first `migrate`
        return []
    if not pages:
        return []
    urls = ", ".join(page.get_absolute_url() for page in pages)
    hint = "Write them in the newsroom, under Pages. Replace what is in square brackets."
    return [Warning(f"Public pages still have the template’s text: {urls}", hint=hint, id="truthlytics.W003")]


@register(Tags.security, deploy=True)
def check_required_pages(app_configs: Sequence[AppConfig] | None, **kwargs: object) -> list[CheckMessage]:
    """Readers who pay must find whom they buy from, on which terms, and how they can withdraw."""
    try:
        missing = missing_required_pages() if Price.objects.current().exists() else []
    except DatabaseError:  # before the first `migrate`
        return []
    if not missing:
        return []
    names = ", ".join(str(page.get_purpose_display()) for page in missing)
    hint = "Write and publish them in the newsroom, under Pages, or archive the plans."
    return [Warning(f"Prices are on sale, but these pages are not public: {names}", hint=hint, id="truthlytics.W004")]


@register(Tags.security, deploy=True)
def check_backups(app_configs: Sequence[AppConfig] | None, **kwargs: object) -> list[CheckMessage]:
    """Backups need a place, and PostgreSQL's own programs."""
    if settings.DEMO:
        return []
    if not settings.BACKUP_TO:
        hint = "Set BACKUP_TO to a folder on another disk, or to s3://bucket/folder."
        return [Warning("No backups are scheduled.", hint=hint, id="truthlytics.W006")]
    try:
        if "postgresql" in settings.DATABASES["default"]["ENGINE"]:
            databases.find_program("pg_dump")
        folder = None if settings.BACKUP_TO.startswith(S3) else BASE_DIR / settings.BACKUP_TO
        if folder and not os.access(next(path for path in (folder, *folder.parents) if path.exists()), os.W_OK):
            raise BackupError(f"BACKUP_TO is {folder}, which this user may not write to.")
    except BackupError as error:
        return [Error(str(error), hint="Without this, there are no scheduled backups.", id="truthlytics.E006")]
    return []


@register(Tags.security, deploy=True)
def check_record(app_configs: Sequence[AppConfig] | None, **kwargs: object) -> list[CheckMessage]:
    """What was published must be signed, and no witness may contradict it."""
    try:
        problems, why = find_problems(timezone.now()), why_unsigned()
    except DatabaseError:  # before the first `migrate`
        return []
    return [Warning(problem, hint=why or "See docs/record.md.", id="truthlytics.W007") for problem in problems]


@register(Tags.templates)
def check_slots(app_configs: Sequence[AppConfig] | None, **kwargs: object) -> list[CheckMessage]:
    """What a plug-in shows in a slot that there is not, or not any more, is nowhere to be seen."""
    hint = f"Slots: {', '.join(SLOTS)}. See docs/extending.md."
    return [
        Warning(f"{function} uses the slot “{slot}”, which does not exist.", hint=hint, id="truthlytics.W008")
        for slot, function in unknown_slots()
    ]


@register(Tags.security)
def check_plugins(app_configs: Sequence[AppConfig] | None, **kwargs: object) -> list[CheckMessage]:
    """Django makes up a configuration for any package: what a plug-in adds with its own would silently be missing."""
    hint = "Install the plug-in again, or remove it from PLUGINS. docs/extending.md says what it consists of."
    unusable = [Warning(problem, hint=hint, id="truthlytics.W010") for problem in problems()]
    return unusable + [
        Error(f"The plug-in “{config.name}” has no configuration (apps.py).", hint=hint, id="truthlytics.E008")
        for config in plugin_configs()
        if type(config) is AppConfig
    ]


@register(Tags.security, deploy=True)
def check_metrics_token(app_configs: Sequence[AppConfig] | None, **kwargs: object) -> list[CheckMessage]:
    """Nothing counts how often a token for the metrics is guessed, so it must be long."""
    shortest = settings.SHORTEST_METRICS_TOKEN
    if not 0 < len(settings.METRICS_TOKEN) < shortest:
        return []
    hint = f"Make one of at least {shortest} characters: python3 -c 'import secrets; print(secrets.token_urlsafe(32))'"
    return [Error("METRICS_TOKEN is too short, so there are no metrics.", hint=hint, id="truthlytics.E007")]


@register(Tags.security)
def check_metrics_package(app_configs: Sequence[AppConfig] | None, **kwargs: object) -> list[CheckMessage]:
    if not settings.METRICS_TOKEN or find_spec("prometheus_client"):
        return []
    hint = "Install the extra `metrics`: ./run install"
    return [Warning("METRICS_TOKEN is set, but a package is missing.", hint=hint, id="truthlytics.W009")]


@register(Tags.database)
def check_kept_features(
    app_configs: Sequence[AppConfig] | None, databases: Sequence[str] | None = None, **kwargs: object
) -> list[CheckMessage]:
    """Switching a feature off deletes nothing. Its rows are in backups, too, and nobody sees them."""
    hint = "Add them to FEATURES to use it again."
    found = ", ".join(kept_features()) if databases else ""
    message = f"These features are off, but what they have stored is kept: {found}."
    return [Info(message, hint=hint, id="truthlytics.I001")] if found else []


@register(Tags.files)
def check_s3(app_configs: Sequence[AppConfig] | None, **kwargs: object) -> list[CheckMessage]:
    return [Error(message, hint=hint, id="truthlytics.E004") for message, hint in s3_configuration_errors()]


@register(Tags.caches)
def check_cache_is_shared(app_configs: Sequence[AppConfig] | None, **kwargs: object) -> list[CheckMessage]:
    """Rate limits are counted in the cache; with one cache per worker each worker would count on its own."""
    in_memory = settings.CACHES["default"]["BACKEND"].endswith("LocMemCache")
    if in_memory and "sqlite" not in settings.DATABASES["default"]["ENGINE"] and not settings.DEBUG:
        hint = "Set CACHE_URL=db://, or run `serve --workers 1`."
        return [Warning("CACHE_URL=memory:// supports only one worker.", hint=hint, id="truthlytics.W002")]
    return []


@register(Tags.security, deploy=True)
def check_https_proxy(app_configs: Sequence[AppConfig] | None, **kwargs: object) -> list[CheckMessage]:
    """`serve` speaks HTTP: without a trusted proxy header every request would be redirected to https forever."""
    if settings.SECURE_SSL_REDIRECT and not settings.SECURE_PROXY_SSL_HEADER:
        hint = "Let the TLS proxy set X-Forwarded-Proto and X-Forwarded-For, and set TRUSTED_PROXY_COUNT=1."
        return [Warning("SITE_URL is https, but no proxy is trusted.", hint=hint, id="truthlytics.W001")]
    return []

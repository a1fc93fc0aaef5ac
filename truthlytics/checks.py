"""What `check --deploy` asks of a site that readers can reach, in the names of `.env`."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register

from truthlytics.storage import half_set


@register(Tags.security, deploy=True)
def letters_leave(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Without a mail server nobody gets the code that they sign up with."""
    if settings.MAILERS["default"]["BACKEND"].endswith("console.EmailBackend"):
        return [Error("No letter leaves this site.", hint="Set SMTP_URL.", id="truthlytics.E001")]
    return []


@register(Tags.security, deploy=True)
def no_demo(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """The demo's passwords stand in its documentation, and its payment page takes no money."""
    if settings.DEMO:
        hint = "Set TRUTHLYTICS_DEMO=0 and give the site a database of its own."
        return [Error("This is the demo: everybody knows its passwords.", hint=hint, id="truthlytics.E003")]
    return []


@register(Tags.files)
def bucket_is_whole(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Half a bucket is no bucket: pictures would go to the disk, or nowhere."""
    return [Error(said, hint=hint, id="truthlytics.E004") for said, hint in half_set()]


@register(Tags.caches)
def cache_is_shared(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Each worker would count on its own: a limit of ten tries would be ten tries a worker."""
    alone = settings.CACHES["default"]["BACKEND"].endswith("LocMemCache")
    if alone and "sqlite" not in settings.DATABASES["default"]["ENGINE"] and not settings.DEBUG:
        hint = "Set CACHE_URL=db://, or serve with --workers 1."
        return [Warning("CACHE_URL=memory:// is for one worker only.", hint=hint, id="truthlytics.W002")]
    return []


@register(Tags.security, deploy=True)
def https_is_seen(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """`serve` speaks http: where nobody passes on that the reader used https, redirects never end."""
    if settings.SECURE_SSL_REDIRECT and not settings.SECURE_PROXY_SSL_HEADER:
        hint = "Let your TLS proxy set X-Forwarded-Proto and X-Forwarded-For, and set TRUSTED_PROXY_COUNT=1."
        return [Warning("SITE_URL is https, but no proxy is trusted to say so.", hint=hint, id="truthlytics.W001")]
    return []

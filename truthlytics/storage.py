"""Storage of the media library: on the local disk or in an S3-compatible bucket."""

from importlib.util import find_spec
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from truthlytics.env import VAR_DIR, env

FILE_SYSTEM = "django.core.files.storage.FileSystemStorage"
S3_VARIABLES = ("S3_BUCKET", "S3_ENDPOINT_URL", "S3_REGION", "S3_ACCESS_KEY_ID", "S3_SECRET_ACCESS_KEY")
IMMUTABLE = "public, max-age=31536000, immutable"


def media_storages(media_url: str) -> dict[str, object]:
    """Return the storages of renditions (`default`) and `originals`. Originals have no URL and are never public.

    With `S3_BUCKET` both are in that bucket, as `media/…` and `originals/…`.
    """
    if not env("S3_BUCKET"):
        return {
            "default": {"BACKEND": FILE_SYSTEM},
            "originals": {"BACKEND": FILE_SYSTEM, "OPTIONS": {"location": VAR_DIR / "originals", "base_url": None}},
        }
    _require_s3("S3_BUCKET is set")
    return {
        "default": _bucket("media", media_url, object_parameters={"CacheControl": IMMUTABLE}),
        "originals": _bucket("originals", None),
    }


def media_csp_sources(media_url: str) -> list[Any]:
    """Return the origin of `media_url` for the content security policy; empty if it is this site."""
    parts = urlsplit(media_url)
    return [f"{parts.scheme}://{parts.netloc}"] if parts.netloc else []


def backup_settings(address: str) -> str:
    """Return BACKUP_TO. Raises ImproperlyConfigured if it is neither a folder nor a bucket that can be used."""
    scheme, separator, rest = address.partition("://")
    if separator and (scheme != "s3" or not rest.partition("/")[0]):
        raise ImproperlyConfigured("BACKUP_TO must be a folder, or look like s3://bucket/folder.")
    if separator:
        _require_s3("BACKUP_TO is a bucket")
    return address


def _bucket(location: str, base_url: str | None, **options: object) -> dict[str, object]:
    options = {"bucket_name": env("S3_BUCKET"), "location": location, "base_url": base_url, **options}
    return {"BACKEND": "truthlytics.s3.Bucket", "OPTIONS": options | s3_options()}


def s3_options() -> dict[str, str | None]:
    """Return where the service is and how to log in."""
    return {
        "endpoint_url": env("S3_ENDPOINT_URL") or None,
        "region_name": env("S3_REGION") or None,
        # Without keys, boto3 uses the machine's role.
        "access_key": env("S3_ACCESS_KEY_ID") or None,
        "secret_key": env("S3_SECRET_ACCESS_KEY") or None,
    }


def _require_s3(reason: str) -> None:
    if find_spec("storages") is None or find_spec("boto3") is None:
        raise ImproperlyConfigured(f"{reason}, but the S3 client is not installed. Install the extra `s3`.")


def s3_configuration_errors() -> list[tuple[str, str]]:
    """Return (message, hint) for each problem with the S3 variables."""
    names = {name for name in S3_VARIABLES if env(name)}
    uses_bucket = "S3_BUCKET" in names or env("BACKUP_TO").startswith("s3://")
    errors = []
    if names and not uses_bucket:
        errors.append((f"{', '.join(sorted(names))} set without S3_BUCKET.", "Set S3_BUCKET, or unset the others."))
    pair = ("S3_ACCESS_KEY_ID", "S3_SECRET_ACCESS_KEY")
    for name, other in (pair, pair[::-1]):
        if name in names and other not in names:
            errors.append((f"{name} is set without {other}.", f"Set {other} (or {other}_FILE)."))
    if uses_bucket and not names & {"S3_ENDPOINT_URL", "S3_REGION"}:
        hint = "Set S3_REGION for Amazon S3, or S3_ENDPOINT_URL for another service."
        errors.append((f"{'S3_BUCKET' if 'S3_BUCKET' in names else 'BACKUP_TO'} is set without its location.", hint))
    return errors

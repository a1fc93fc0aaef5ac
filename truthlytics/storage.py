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
    if find_spec("storages") is None or find_spec("boto3") is None:
        raise ImproperlyConfigured("S3_BUCKET is set, but the S3 client is not installed. Install the extra `s3`.")
    return {
        "default": _bucket("media", media_url, object_parameters={"CacheControl": IMMUTABLE}),
        "originals": _bucket("originals", None),
    }


def media_csp_sources(media_url: str) -> list[Any]:
    """Return the origin of `media_url` for the content security policy; empty if it is this site."""
    parts = urlsplit(media_url)
    return [f"{parts.scheme}://{parts.netloc}"] if parts.netloc else []


def _bucket(location: str, base_url: str | None, **options: Any) -> dict[str, object]:
    options |= {
        "bucket_name": env("S3_BUCKET"),
        "location": location,
        "base_url": base_url,
        "endpoint_url": env("S3_ENDPOINT_URL") or None,
        "region_name": env("S3_REGION") or None,
        # Without keys, boto3 uses the machine's role.
        "access_key": env("S3_ACCESS_KEY_ID") or None,
        "secret_key": env("S3_SECRET_ACCESS_KEY") or None,
    }
    return {"BACKEND": "truthlytics.s3.Bucket", "OPTIONS": options}


def s3_configuration_errors() -> list[tuple[str, str]]:
    """Return (message, hint) for each problem with the S3 variables."""
    names = {name for name in S3_VARIABLES if env(name)}
    errors = []
    if names and "S3_BUCKET" not in names:
        errors.append((f"{', '.join(sorted(names))} set without S3_BUCKET.", "Set S3_BUCKET, or unset the others."))
    pair = ("S3_ACCESS_KEY_ID", "S3_SECRET_ACCESS_KEY")
    for name, other in (pair, pair[::-1]):
        if name in names and other not in names:
            errors.append((f"{name} is set without {other}.", f"Set {other} (or {other}_FILE)."))
    if "S3_BUCKET" in names and not names & {"S3_ENDPOINT_URL", "S3_REGION"}:
        hint = "Set S3_REGION for Amazon S3, or S3_ENDPOINT_URL for another service."
        errors.append(("S3_BUCKET is set without its location.", hint))
    return errors

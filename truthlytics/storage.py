"""Where the library's files lie: on the disk of this machine, or in a bucket of a service that speaks S3."""

from importlib.util import find_spec
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from truthlytics.env import VAR_DIR, env

DISK = "django.core.files.storage.FileSystemStorage"
NAMES = ("S3_BUCKET", "S3_ENDPOINT_URL", "S3_REGION", "S3_ACCESS_KEY_ID", "S3_SECRET_ACCESS_KEY")
FOR_EVER = "public, max-age=31536000, immutable"


def library(media_url: str) -> dict[str, Any]:
    """The storages of renditions (`default`) and `originals`. Originals are never public: no address leads to them.

    With `S3_BUCKET` both are in that bucket, as `media/…` and `originals/…`. `half_set` says what is missing.
    """
    if not env("S3_BUCKET"):
        return {
            "default": {"BACKEND": DISK},
            "originals": {"BACKEND": DISK, "OPTIONS": {"location": VAR_DIR / "originals", "base_url": None}},
        }
    if find_spec("storages") is None or find_spec("boto3") is None:
        raise ImproperlyConfigured("S3_BUCKET is set, but the client for it is not installed: add the extra `s3`.")
    return {
        "default": _in_bucket("media", media_url, object_parameters={"CacheControl": FOR_EVER}),
        "originals": _in_bucket("originals", None),
    }


def origin_of(media_url: str) -> list[Any]:
    """From where else than from us pages may show pictures: where `media_url` leads, if that is another place."""
    parts = urlsplit(media_url)
    return [f"{parts.scheme}://{parts.netloc}"] if parts.netloc else []


def _in_bucket(folder: str, base_url: str | None, **more: Any) -> dict[str, Any]:
    options = {
        "bucket_name": env("S3_BUCKET"),
        "location": folder,
        "base_url": base_url,
        "endpoint_url": env("S3_ENDPOINT_URL") or None,
        "region_name": env("S3_REGION") or None,
        # Without them boto3 asks the machine for its own role.
        "access_key": env("S3_ACCESS_KEY_ID") or None,
        "secret_key": env("S3_SECRET_ACCESS_KEY") or None,
    }
    return {"BACKEND": "truthlytics.s3.Bucket", "OPTIONS": options | more}


def half_set() -> list[tuple[str, str]]:
    """What is wrong with the names in NAMES as they are set, and what to do about it."""
    given = {name for name in NAMES if env(name)}
    found = []
    if given and "S3_BUCKET" not in given:
        found.append((f"{', '.join(sorted(given))}: set, but there is no bucket.", "Set S3_BUCKET, or none of them."))
    pair = ("S3_ACCESS_KEY_ID", "S3_SECRET_ACCESS_KEY")
    for name, other in (pair, pair[::-1]):
        if name in given and other not in given:
            found.append((f"{name} is set without {other}.", f"Set {other} (or {other}_FILE)."))
    if "S3_BUCKET" in given and not given & {"S3_ENDPOINT_URL", "S3_REGION"}:
        hint = "Set S3_REGION for Amazon’s service, S3_ENDPOINT_URL for another one."
        found.append(("S3_BUCKET is set, but not where it is.", hint))
    return found

"""Remove the text of a published version."""

from typing import Any
from urllib.parse import urlsplit

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from articles.models import Article, Dossier, Page
from articles.services.redaction import RedactionError, effects, obstacle, redact

FOLDERS: dict[str, Any] = {"articles": Article, "pages": Page, "dossiers": Dossier}


class Command(BaseCommand):
    help = (
        "Remove the text of a version of an article, page or dossier from the database, as the law may demand. Its "
        "digest and its public note stay, and readers see the reason in place of the text. The version that readers "
        "get now cannot be removed: publish another one first, or withdraw the item. Cannot be undone."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("item", help="The URL of the article, page or dossier, such as /articles/a-story/.")
        parser.add_argument("number", type=int, help="The number of the version, as its history shows it to readers.")
        parser.add_argument("--reason", required=True, help="Why it is removed. Shown to readers.")
        parser.add_argument("--by", metavar="EMAIL", help="Whom the audit log names. Without it, “system”.")
        parser.add_argument(
            "--revisions",
            action="store_true",
            help="Also delete the revisions of the newsroom, all but the newest, and what is autosaved.",
        )
        parser.add_argument("--images", action="store_true", help="Also delete the images that nothing else uses.")
        parser.add_argument("--dry-run", action="store_true", help="Only say what would be removed.")

    def handle(self, *args: Any, **options: Any) -> None:
        item = item_at(options["item"])
        versions = list(item.versions.was_public(timezone.now()).order_by("number"))
        number = options["number"]
        if not 1 <= number <= len(versions):
            raise CommandError(f"“{item}” has {len(versions)} versions that readers have seen.")
        version = versions[number - 1]
        found = effects(item, version)
        images = found.images if options["images"] else ()
        self.stdout.write(f"Version {number} of “{item}”, public from {version.public_from:%Y-%m-%d %H:%M} UTC.")
        if options["dry_run"]:
            if problem := obstacle(item, version, options["reason"].strip()):
                raise CommandError(problem)
            self.stdout.write("Its text would be removed.")
        else:
            try:
                deleted = redact(
                    item=item,
                    version=version,
                    reason=options["reason"],
                    by=user_of(options["by"]),
                    revisions=options["revisions"],
                    images=images,
                )
            except RedactionError as error:
                raise CommandError(str(error)) from error
            self.stdout.write(f"Its text was removed. {deleted} revisions and autosaves were deleted.")
        for image in images:
            self.stdout.write(f"The image “{image}” {'would be' if options['dry_run'] else 'was'} deleted.")
        if version.note:
            self.stdout.write(f"The note stays: {version.note}")
        if found.same_text:
            self.stdout.write(f"The same text is in version {', '.join(map(str, found.same_text))}.")


def item_at(url: str) -> Any:
    """Return the article, page or dossier with this URL. Raises CommandError."""
    folder, _, slug = urlsplit(url).path.strip("/").partition("/")
    model = FOLDERS.get(folder)
    item = model.objects.filter(slug=slug).first() if model and "\x00" not in slug else None
    if item is None:
        raise CommandError(f"There is no article, page or dossier at “{url}”. Give a URL such as /articles/a-story/.")
    return item


def user_of(email: str | None) -> Any:
    """Return the user with this address; None without one. Raises CommandError."""
    if not email:
        return None
    user = get_user_model().objects.filter(email__iexact=email).first()
    if user is None:
        raise CommandError(f"No user has the address “{email}”.")
    return user

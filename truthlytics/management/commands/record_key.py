"""Make or replace the key that signs the transparency log."""

from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from truthlytics.transparency.keys import KeyFileError, create_key, key_file, read_key
from truthlytics.transparency.models import Log
from truthlytics.transparency.notes import Signer
from truthlytics.transparency.services.checkpoints import obstacle, sign_unsigned
from truthlytics.transparency.services.rotation import RotationError, finish_rotation, rotate


class Command(BaseCommand):
    help = (
        "Make the key that signs the transparency log, in RECORD_KEY_FILE, if there is none, and print its public "
        "part. Run it as the user who runs the site."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--rotate",
            action="store_true",
            help="Replace the key by a new one. The log says so, signed by the old key, which is kept with the date.",
        )

    def handle(self, *args: object, **options: object) -> None:
        now = timezone.now()
        try:
            if kept := finish_rotation():
                self.stdout.write(f"Finished replacing the key. The old one is {kept}.")
            if options["rotate"]:
                self.stdout.write(f"The key was replaced. The old one is {rotate(now)}.")
            elif create_key():
                self.stdout.write(f"Made the key {key_file()}. Keep a copy elsewhere: backups do not have it.")
            key = Signer(Log.objects.current().origin, read_key()).verifier_key()
        except (KeyFileError, RotationError) as error:
            raise CommandError(str(error)) from error
        sign_unsigned(now)
        self.stdout.write(f"Its public part is {key}")
        if problem := obstacle():
            raise CommandError(problem)

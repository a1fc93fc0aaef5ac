"""Run `import_site` as an operator does."""

import io

from django.core.management import CommandError, call_command


def import_site(*arguments, **options):
    """Return the exit status and everything that was printed."""
    out = io.StringIO()
    try:
        call_command("import_site", *map(str, arguments), stdout=out, stderr=out, **options)
    except CommandError as error:
        return error.returncode, f"{out.getvalue()}CommandError: {error}"
    except SystemExit as end:
        return end.code, out.getvalue()
    return 0, out.getvalue()

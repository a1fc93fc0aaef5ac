"""Run `import_export` as an operator does."""

import io

from django.core.management import call_command


def import_export(folder, **options):
    """Return the exit status and everything that was printed."""
    out = io.StringIO()
    try:
        call_command("import_export", str(folder), stdout=out, stderr=out, **options)
    except SystemExit as end:
        return end.code, out.getvalue()
    return 0, out.getvalue()

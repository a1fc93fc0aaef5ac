"""Redirects from the old URLs of sections, topics and authors."""

from collections.abc import Collection, Sequence
from itertools import batched

from articles.models import Redirect
from articles.models.redirects import ARCHIVE
from truthlytics.contrib.importers.records import OldPath, TermRecord
from truthlytics.contrib.importers.taxonomy import Taxonomy

BATCH = 500


def redirect_terms(terms: Sequence[TermRecord], taxonomy: Taxonomy, *, dry_run: bool) -> None:
    """Redirect the old URLs of the terms that something here needed.

    Those of categories and tags that nothing needed lead to the archive, until something does.
    """
    unused: dict[OldPath, None] = {}
    for batch in batched(terms, BATCH):
        existing = existing_redirects([path for term in batch for path in term.paths], ARCHIVE)
        taken = {path for path, to_archive in existing.items() if not to_archive}
        new: list[Redirect] = []
        for term in batch:
            missing = [path for path in term.paths if path not in taken]
            row = taxonomy.used(term) if missing else None
            if row is not None and row.pk and not dry_run:
                new += [Redirect(path=path.path, query=path.query, **{term.kind: row}) for path in missing]
                taken.update(missing)
            elif row is None and term.kind != "author":
                unused |= dict.fromkeys(path for path in missing if path not in existing)
        replaced = [OldPath(one.path, one.query) for one in new if OldPath(one.path, one.query) in existing]
        _delete_redirects_to_archive(replaced)
        Redirect.objects.bulk_create(new)
    if not dry_run:
        _redirect_to_archive(list(unused), taxonomy)


def existing_redirects(paths: Collection[OldPath], target: str) -> dict[OldPath, int | None]:
    """Return those of `paths` that redirect, with the id of the `target` that they lead to."""
    if not paths:
        return {}
    # Both conditions, because all numbers of pages are queries of the same path.
    found = Redirect.objects.filter(path__in={path.path for path in paths}, query__in={path.query for path in paths})
    return {OldPath(path, query): pk for path, query, pk in found.values_list("path", "query", target)}


def _redirect_to_archive(paths: Sequence[OldPath], taxonomy: Taxonomy) -> None:
    for batch in batched(paths, BATCH):
        taken = existing_redirects(batch, "pk")
        new = [Redirect(path=one.path, query=one.query, to_archive=True) for one in batch if one not in taken]
        rows = Redirect.objects.bulk_create(new)
        taxonomy.created_rows.setdefault("redirect", []).extend(row.pk for row in rows)


def _delete_redirects_to_archive(paths: Collection[OldPath]) -> None:
    if paths:
        found = Redirect.objects.filter(to_archive=True, path__in={path.path for path in paths})
        pks = [pk for pk, path, query in found.values_list("pk", "path", "query") if OldPath(path, query) in paths]
        Redirect.objects.filter(pk__in=pks).delete()

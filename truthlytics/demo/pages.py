"""The demo's pages about itself, published through the services that editors use, and a column of the footer."""

import tomllib
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

from articles.models import Page
from articles.presenters.menus import DEFAULT
from articles.services.menus import save_menus
from articles.services.pages import publish
from subscriptions.models import User


def load_pages(paths: Iterable[Path], editor: User, now: datetime) -> None:
    links = []
    for path in paths:
        _, head, body = path.read_text(encoding="utf-8").split("+++\n", 2)
        facts = tomllib.loads(head)
        page = Page(slug=path.stem, created_by=editor, purpose=facts.get("purpose", ""))
        page.headline, page.standfirst = facts["headline"], facts["standfirst"]
        for state in facts.get("earlier", []):
            if body.count(state["without"]) != 1:
                raise ValueError(f"“{state['without']}” must stand once in {path.name}.")
            page.body = body.replace(state["without"], "")
            page.save()
            publish(page=page, by=editor, at=now - timedelta(hours=state["age_hours"]))
        page.body = body
        page.save()
        publish(page=page, by=editor, at=now - timedelta(hours=facts["age_hours"]), note=facts.get("note", ""))
        links.append({"kind": "page", "target": str(page.uuid), "label": facts.get("label", "")})
    columns = [{"title": "About us", "items": links}, *DEFAULT["columns"]]
    save_menus(content={**DEFAULT, "columns": columns}, seen=0, by=editor)

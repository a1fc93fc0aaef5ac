"""Pages of the demo, published through the services that editors use, and the footer menu."""

import tomllib
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

from articles.models import Page
from articles.presenters.menus import DEFAULT
from articles.services.menus import save_menus
from articles.services.publishing import publish
from subscriptions.models import User


def load_pages(paths: Iterable[Path], editor: User, now: datetime) -> None:
    links = []
    for path in paths:
        _, head, body = path.read_text(encoding="utf-8").split("+++\n", 2)
        fields = tomllib.loads(head)
        page = Page(slug=path.stem, created_by=editor, purpose=fields.get("purpose", ""), ai_uses=["none"])
        page.headline, page.standfirst = fields["headline"], fields["standfirst"]
        for state in fields.get("earlier", []):
            if body.count(state["without"]) != 1:
                raise ValueError(f"“{state['without']}” must occur once in {path.name}.")
            page.body = body.replace(state["without"], "")
            page.save()
            publish(item=page, by=editor, at=now - timedelta(hours=state["age_hours"]))
        page.body = body
        page.save()
        publish(item=page, by=editor, at=now - timedelta(hours=fields["age_hours"]), note=fields.get("note", ""))
        links.append({"kind": "page", "target": str(page.uuid), "label": fields.get("label", "")})
    *columns, about = DEFAULT["columns"]
    columns.append({**about, "items": [*links, *about["items"]]})
    save_menus(content={**DEFAULT, "columns": columns}, seen=0, by=editor)

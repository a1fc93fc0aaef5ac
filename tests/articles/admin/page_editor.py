"""Form data of the page editor."""


def form_data(page=None, **changes):
    """Return the data of the editor's form for `page`, or for a new one."""
    data = {"headline": "About us", "standfirst": "", "body": "<p>Who we are.</p>", "purpose": "", "slug": ""}
    if page:
        page.refresh_from_db()
        data |= {name: getattr(page, name) for name in data} | {"based_on": page.revision_number}
    return data | {"_save": "1", "_tab": "one"} | changes

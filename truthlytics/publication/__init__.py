"""The publication: its name, look and rules, one row that publishers edit in the newsroom under “Settings”.

`get_publication()` returns the row. Each process keeps it until a change is committed, by any worker. Emails, slugs
and the page of a site that cannot save are made here because they have its name and language.
"""

from truthlytics.publication.current import get_publication
from truthlytics.publication.effective_settings import bank_account, default_currency, sender

__all__ = ["bank_account", "default_currency", "get_publication", "sender"]

"""VAT on subscriptions: one function computes it, and one helper says it the same everywhere.

`tax_on` returns the tax in an amount, `sentence` adds it to a price. What was computed is stored with orders, payments
and receipts, and is never computed again.
"""

from subscriptions.tax.computing import Buyer, Kind, Tax, as_percent, asks_country, is_computed_here, share_of, tax_on
from subscriptions.tax.wording import after, sentence, statement

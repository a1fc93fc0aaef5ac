"""Read exports of WordPress (WXR 1.0 to 1.2). Nothing here uses the database.

`archives` opens the files, `cleaning` repairs their bytes, `items` yields their elements, `site` knows what records
refer to, `records` makes records of items, and `body` with its modules makes HTML of their content.
`notes` attaches footnotes, and `guards` finds what only some readers could see.
"""

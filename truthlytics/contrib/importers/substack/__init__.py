"""Read exports of Substack. Nothing here uses the database.

`archive` opens the zip archive or folder, `rows` reads the table of posts, `records` makes records of its rows, and
`body` with `widgets` makes HTML of their texts.
"""

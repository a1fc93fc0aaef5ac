"""Read exports of Ghost, from 0.x to 6. Nothing here uses the database.

`files` opens what was given, `json_rows` reads tables without holding them in memory, `site` knows what posts refer
to, `records` makes records of posts, and `body` makes HTML of their content: `lexical` and `mobiledoc` of the two
formats of the editor, `payloads` of their cards, and `cards` of those in HTML, all with the elements in `blocks`.
`addresses` finds old addresses.
"""

"""Personal data that must not be in a report of an error."""

PLANTED = {
    "email": "ada.reader@private.example",
    "name": "Ada Readerson",
    "cookie": "cookie-value-1b2c3d4e",
    "token": "token-5f6a7b8c9d0e",
    "card": "4242 4242 4242 4242",
    "comment": "My neighbour votes for the Greens",
    "password": "hunter2-hunter2",
    "session": "session-key-q1w2e3r4t5",
    "authorization": "Bearer secret-a1s2d3f4",
    "ip": "203.0.113.77",
    "agent": "RareBrowser/9.81",
    "path": "ada-readersons-page",
    "query": "searched-for-divorce",
    "method": "BREWADA",
    "header": "header-of-ada",
}

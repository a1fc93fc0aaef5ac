"""Date and time formats: the 24-hour clock, as on all pages of the site."""

TIME_FORMAT = "H:i"
DATETIME_FORMAT = "j M Y, H:i"

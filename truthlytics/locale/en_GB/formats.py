"""Date and time formats: months in full and the 24-hour clock, as on all pages of the site."""

DATE_FORMAT = "j F Y"
TIME_FORMAT = "H:i"
DATETIME_FORMAT = "j M Y, H:i"

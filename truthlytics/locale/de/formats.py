"""Date and time formats. Others are Django's."""

DATETIME_FORMAT = "j. F Y, H:i"

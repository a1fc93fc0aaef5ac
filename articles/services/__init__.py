"""Business logic: functions that write more than one row, must happen once, or have an effect after commit."""

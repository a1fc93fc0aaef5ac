"""What must happen once, or touches more than one row. Each function says what it promises."""

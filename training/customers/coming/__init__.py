"""When each customer comes again, and for what."""

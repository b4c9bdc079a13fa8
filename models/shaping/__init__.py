"""What turns scores into a list."""

"""What a bid request says of its person's consent, read from the strings that the field uses."""

"""The app serves: one customer, one list, in milliseconds; it decides and learns nothing."""

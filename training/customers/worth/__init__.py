"""What each customer has brought and will bring, by whatever foretold best in the past."""

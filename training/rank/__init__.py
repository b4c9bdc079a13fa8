"""Two stages: a few hundred candidates a customer, then a ranker that looks at each closely.

    candidates  ->  features  ->  ranker  ->  calibration  ->  records

The same candidates and features teach the ranker on past windows and serve the customers of today.
"""

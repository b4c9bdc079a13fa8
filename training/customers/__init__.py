"""What each customer is worth, needs and feels, learned from what all of them bought.

value          what they will bring: models chosen by back-test, with intervals
next_purchase  how soon they buy again, and what
tiers          the matrix of historical and potential value
stages         the ladder of loyalty
segments       recency, frequency and money by the names the field knows
portfolios     customers of one need
satisfaction   what returns, ratings, complaints and silence say
discounts      who buys on offer
share          how much of what they need is bought here, where that can be told
known          all of it together: a profile a customer, and a summary of the shop
"""

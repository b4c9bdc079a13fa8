"""What each customer is worth, needs and feels, learned from what all of them bought.

worth.value           what they will bring: models chosen by back-test, with intervals
coming.next_purchase  how soon they buy again, and what
needs.portfolios      customers of one need
needs.share           how much of what they need is bought here, where that can be told
tiers                 the matrix of historical and potential value
stages                the ladder of loyalty
segments              recency, frequency and money by the names the field knows
satisfaction          what returns, ratings, complaints and silence say
discounts             who buys on offer
agreed                where two of them speak of one thing, neither contradicts the other
known                 all of it together: a profile a customer, and a summary of the shop
"""

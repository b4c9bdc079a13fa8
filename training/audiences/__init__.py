"""Audiences: customers who have something in common, found out beside the serving.

In the worker:

jobs       a thread that looks whether there is something to do
foreman    starts a process for it, one at a time, and watches it
permit     who may: one worker of a namespace at a time
patience   what failed of late, and how long to wait for it
waiting    which audiences there are, and what of them is to be done

In the process:

run        takes back what is of no use, builds one audience, and ends
building   from what was asked to members that may be read
table      all customers of a release as columns, read out of the store
choosing   who is a member, by the next three
meeting    which of them a rule means, and which are of a group
lookalike  which of them are like the seeds, and how well that can be told
contest    which classifier tells the seeds best, by cross-validation
drawn      the seeds and others that are learned from
features   what customers are told apart by, without what says who the seeds are
numbers    recency, frequency, money and what else is a number of a customer
judging    AUC and lift, and how far chance reaches in them
reasons    what distinguishes the members
members    writing the members, and what each customer is a member of
standing   writing how an audience stands, by nobody but who has the permit
progress   how far it is, twice a second
written    which builds were begun, so that they can be found
sweeping   taking back those that no audience names
"""

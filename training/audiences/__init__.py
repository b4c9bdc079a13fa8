"""Audiences: customers who have something in common, found out beside the serving.

jobs       which audience is to be built, and by whom; started, watched and resumed
building   one audience from what was asked to members that may be read
table      all customers of a release as columns, read out of the store
meeting    which of them a rule means
lookalike  which of them are like the seeds, how well that can be told, and why
members    writing members and memberships, and taking back those of builds before
"""

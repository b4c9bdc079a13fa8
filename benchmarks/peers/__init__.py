"""What others would have had the shop use, each in an environment of its own.

    asking.py           our side: make the environments, write the split, run, read the lists
    answering.py        their side: read the split, measure, write the lists; numpy only
    NAME.py, NAME.txt   a peer: how its models are fitted, and the versions that were pinned
    naive.py            of those that serve (flask litserve bentoml ray, and serving_fastapi, which
                        needs nothing that we have not): the model that each of them wraps

A peer is taken as it ships: the defaults of its constructors, on counts of orders or on baskets,
whichever it asks for. Where it would leave out what was bought, it is told not to for the ordinary
lists, for without repeats it would have no chance. Nothing is tuned, neither on the test window nor
elsewhere: this is what a shop has on its first day with it.
"""

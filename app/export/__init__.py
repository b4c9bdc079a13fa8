"""The members of an audience, given out: to whoever may have them, of whoever agrees, and noted.

    accept   in which form the caller takes them
    cursor   where the next page begins: signed, and good for one build of one audience
    blocks   some members at a time, as long as the audience is there
    judging  who of them may be given, as the store has them now: who agrees, who is still known
    turns    how much of a worker exports may take
    rows     what is told of each: their id and score, or the hashes that a network takes
    written  rows as lines of JSON or CSV; ``parquet`` as Parquet
    audit    who took which members, how many and why
    giving   one export from its beginning to its end: a page, or all in a stream

What a member allows is asked for every block anew, so that whoever refuses or is erased meanwhile
is in no later block, whichever build of the audience they are a member of.
"""

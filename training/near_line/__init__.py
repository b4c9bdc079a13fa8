"""Learning from events within a second: who has which shard, what is read, and what it changes.

leases      which shards are this worker's, for a few seconds at a time
streams     the events of those shards, each until it is acknowledged
reading     what there is about the customers and visitors of some events
current     the release that serves, followed as it changes
effects     what an event changes
applying    the script that changes it: at once with the acknowledgement, or not at all
turn        one round of all that
"""

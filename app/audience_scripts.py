"""What the store does when an audience is asked for, and when it is wanted no more.

Each is done at once or not at all, on keys of one hash tag, and raises the count of changes by
which servers and workers know that there is something to see. A worker that builds an audience
looks whether it is still there before it writes, and takes back what it wrote.
"""

from app.scripts import Script

MAX_AUDIENCES = 1000

PUT = Script(f"""
if redis.call('ZCARD', KEYS[2]) >= {MAX_AUDIENCES} then
  return 'full'
end
redis.call('HSET', KEYS[1], 'asked', ARGV[3], 'stands', ARGV[4])
if ARGV[5] ~= '' then
  redis.call('HSET', KEYS[1], 'seeds', ARGV[5])
end
redis.call('ZADD', KEYS[2], ARGV[2], ARGV[1])
redis.call('INCR', KEYS[3])
return 'put'
""")
"""Keys: the audience, all audiences, the count of changes. Arguments: its id, now in ms, what was
asked, how it stands, and its seeds, empty where none were given."""

DELETE = Script("""
local n = redis.call('ZREM', KEYS[2], ARGV[1]) + redis.call('DEL', KEYS[1])
if n > 0 then
  redis.call('INCR', KEYS[3])
end
return n
""")
"""Keys: as above. Argument: its id. Returns 0 where there was none. A store that is full takes it
too: only what comes first in a script may not need memory."""

-- Claims an order for a backend's event, or notes that a page has told of it.
--
-- KEYS: the order, a hash: by (the digest of the backend's event that has claimed it), stored (once
-- that is), and a field for everybody whose page has told of it.
-- ARGV: who speaks, "p" for a page, "b" for a backend, "s" for one that says its event is stored;
-- the event's digest; the marks of whoever it is told by, of which a page has one.
--
-- Returns FIRST; CONFIRMS where a page of the same has told it; CONTESTED where others' have; MADE
-- where a backend's is stored; BUSY where another backend's is about to be. A claim whose event is
-- not stored after a while was left by a process that died, and does not keep others out. It bears
-- repetition: whoever has claimed is told so again, until the event is stored.

local call, order, side, mine = redis.call, KEYS[1], ARGV[1], ARGV[2]
local held = call('HMGET', order, 'by', 'stored')
local by, is_stored = held[1], held[2]
if side == IS_STORED then
  if by == mine then call('HSET', order, 'stored', 1) end
  return MADE
end
if is_stored then return MADE end
if by and (side == PAGE or by ~= mine) and CLAIMED_MS - call('PTTL', order) < ORPHANED_MS then
  return BUSY
end
if side == PAGE then
  call('HSET', order, ARGV[3], 1)
  if call('PTTL', order) < 0 then call('PEXPIRE', order, CLAIMED_MS) end
  return FIRST
end
if by ~= mine then
  call('HSET', order, 'by', mine)
  call('PEXPIRE', order, CLAIMED_MS)
end
for n = 3, #ARGV do
  if call('HEXISTS', order, ARGV[n]) == 1 then return CONFIRMS end
end
return call('HLEN', order) > 1 and CONTESTED or FIRST

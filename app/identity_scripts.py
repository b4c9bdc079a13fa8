"""What the store does when a visitor is joined to a customer, and when that is undone.

Each script changes one shard, at once or not at all, and bears repetition (``app.identities``).
"""

from app.scripts import Script
from models.artifacts.live_state import MAX_EVENT_BYTES, N_EVENTS, N_FEEDBACK, TTL_S

N_JOINED = 50
"""Visitors that a customer's live state names, the last ones: more are no one person's."""

OPEN = Script("""
local joined = redis.call('HGET', KEYS[1], 'j')
if joined and joined ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'j', ARGV[1])
redis.call('PERSIST', KEYS[1])
return redis.call('HMGET', KEYS[1], 'e', 'f', 'h', 'k')
""")
"""Key: a visitor's live state. Argument: the customer's id. Returns what the visitor did, or 0."""

_LASTING = f"""
local function lasts()
  if redis.call('HEXISTS', KEYS[1], 'p') == 1 then return true end
  local consent = redis.call('HGET', KEYS[1], 'k')
  return consent and cjson.decode(consent).decided ~= nil
end
local function forget_later(now)
  if lasts() then
    redis.call('PERSIST', KEYS[1])
    return
  end
  local life = {TTL_S * 1000}
  for _, till in pairs(cjson.decode(redis.call('HGET', KEYS[1], 'h') or '{{}}')) do
    life = math.max(life, till - now)
  end
  redis.call('PEXPIRE', KEYS[1], life)
end
"""

TAKE_IN = Script(
    _LASTING
    + f"""
local NAME, NOW, EVENT = ARGV[1], tonumber(ARGV[2]), ARGV[3]
local MOST = {{e = {N_EVENTS}, f = {N_FEEDBACK}}}

local function at_of(line)
  return tonumber(string.match(line, '^%["[^"]*",(%-?%d+)'))
end

local function both(had, more, most)
  local lines, known = {{}}, {{}}
  for line in string.gmatch((had or '') .. '\\n' .. more, '[^\\n]+') do
    if not known[line] then
      known[line] = true
      local place = #lines + 1
      while place > 1 and at_of(lines[place - 1]) > at_of(line) do place = place - 1 end
      table.insert(lines, place, line)
    end
  end
  local first, n_bytes = #lines + 1, -1
  while first > 1 and #lines - first + 1 < most
      and (first > #lines or n_bytes + #lines[first - 1] + 1 <= {MAX_EVENT_BYTES}) do
    first = first - 1
    n_bytes = n_bytes + #lines[first] + 1
  end
  return table.concat(lines, '\\n', first)
end

local function later(had, more)
  local hidden = had and cjson.decode(had) or {{}}
  for item, till in pairs(cjson.decode(more)) do
    hidden[item] = math.max(till, hidden[item] or 0)
  end
  return cjson.encode(hidden)
end

local function strictest(had, more)
  local consent = had and cjson.decode(had) or {{}}
  for whose, words in pairs(cjson.decode(more)) do
    local own = consent[whose] or {{}}
    for matter, word in pairs(words) do
      local before = own[matter]
      if matter == 'at' then
        own.at = math.max(word, before or 0)
      elseif before == nil or before == cjson.null or word == (matter == 'sale_opt_out') then
        own[matter] = word
      end
    end
    consent[whose] = own
  end
  return cjson.encode(consent)
end

local function forget_oldest()
  local joined = {{}}
  for _, field in ipairs(redis.call('HKEYS', KEYS[1])) do
    if string.sub(field, 1, 2) == 'i:' then joined[#joined + 1] = field end
  end
  if #joined <= {N_JOINED} then return end
  local at = {{}}
  for n, value in ipairs(redis.call('HMGET', KEYS[1], unpack(joined))) do
    at[joined[n]] = tonumber(value)
  end
  table.sort(joined, function(one, other) return at[one] < at[other] end)
  redis.call('HDEL', KEYS[1], unpack(joined, 1, #joined - {N_JOINED}))
end

local change = {{e = both, f = both, h = later, k = strictest}}
for n, field in ipairs({{'e', 'f', 'h', 'k'}}) do
  local more = ARGV[3 + n]
  if more ~= '' then
    local had = redis.call('HGET', KEYS[1], field)
    redis.call('HSET', KEYS[1], field, change[field](had, more, MOST[field]))
  end
end
if redis.call('HEXISTS', KEYS[1], NAME) == 0 then
  redis.call('XADD', KEYS[2], '*', 'e', EVENT)
  redis.call('HSET', KEYS[1], NAME, NOW)
  forget_oldest()
end
forget_later(NOW)
return 1
"""
)
"""Keys: a customer's live state, their shard's events. Arguments: the field of the join, the time,
the event that tells of it, and the visitor's ``e f h k``, empty where they have none."""

CLOSE = Script(
    _LASTING
    + """
local was = redis.call('HGET', KEYS[1], 'j') == ARGV[1]
local hidden = redis.call('HGET', KEYS[1], 'h')
if was then
  redis.call('HDEL', KEYS[1], 'j')
  forget_later(tonumber(ARGV[2]))
end
return {was and 1 or 0, hidden or ''}
"""
)
"""Key: a visitor's live state. Arguments: the customer's id, the time. Returns whether the visitor
was joined to them, and what the visitor has hidden."""

GIVE_BACK = Script("""
local NAME, VISITOR, WAS, EVENT, HIDDEN = ARGV[1], ARGV[2], ARGV[3] == '1', ARGV[4], ARGV[5]

local function others(had, place)
  local lines = {}
  for line in string.gmatch(had, '[^\\n]+') do
    if cjson.decode(line)[place] ~= VISITOR then lines[#lines + 1] = line end
  end
  return table.concat(lines, '\\n')
end

local function kept(had)
  local hidden = cjson.decode(had)
  for item, till in pairs(cjson.decode(HIDDEN)) do
    if hidden[item] == till then hidden[item] = nil end
  end
  return cjson.encode(hidden)
end

local places = {e = 5, f = 4}
for field, place in pairs(places) do
  local had = redis.call('HGET', KEYS[1], field)
  if had then redis.call('HSET', KEYS[1], field, others(had, place)) end
end
local had = redis.call('HGET', KEYS[1], 'h')
if had and HIDDEN ~= '' then redis.call('HSET', KEYS[1], 'h', kept(had)) end
if redis.call('HDEL', KEYS[1], NAME) == 0 and not WAS then return 0 end
redis.call('HDEL', KEYS[1], 'r')
redis.call('XADD', KEYS[2], '*', 'e', EVENT)
return 1
""")
"""Keys: a customer's live state, their shard's events. Arguments: the field of the join, the
visitor's id, whether they were joined, the event that tells of it, and what the visitor has hidden.
Returns whether there was anything to undo."""

-- Stores the events of one shard: each once, in its stream, with what it changes in live states.
--
-- KEYS: the shard's stream, the ids of this week, those of last week, then the live states.
-- ARGV: the time in ms, then of each event eleven: its mode, which of the live states is its
-- (0: none), digest, packed event, the field of the live state that it changes, the line it adds
-- there, when it happened, the bits of what its consent refuses, the words of its consent as JSON,
-- the mark of an order that a page tells, the bits of what is refused elsewhere.
-- Returns a reply for each: STORED, DUPLICATE, STRICTER and the bits of all that is refused, or
-- of a visitor who was joined to a customer the bits that the visitor refuses, and the customer;
-- of the last two nothing is stored but the words of the consent.
--
-- It bears repetition. An event is appended before its id is remembered, and what may fail for
-- the shape of what is there has been read by then. Helpers of rare paths are made where they are
-- needed: a function made here would be made anew with every call.

local call = redis.call
local STREAM, SEEN, SEEN_BEFORE, NOW_MS = KEYS[1], KEYS[2], KEYS[3], tonumber(ARGV[1])
local states, replies, remembers = {}, {}, false

local function state_of(key)
  local state = states[key]
  if not state then
    local found = call('HMGET', key, 'e', 'f', 'h', 'k', 'j')
    state = {
      e = found[1], f = found[2], h = found[3], consent = found[4], joined = found[5],
      lines = {}, changed = {}, lives_ms = TTL_MS,
    }
    if found[4] then state.consent = cjson.decode(found[4]) end
    states[key] = state
  end
  return state
end

-- The consent of a live state after an event has spoken; of each matter the latest word holds.
local function after(consent, at_ms, words)
  local told = consent and consent.told or {}
  local is_latest, new = at_ms >= (told.at or 0), {at = math.max(at_ms, told.at or 0)}
  for matter, word in pairs(told) do
    if matter ~= 'at' then new[matter] = word end
  end
  for matter, word in pairs(cjson.decode(words)) do
    if is_latest or new[matter] == nil then new[matter] = word end
  end
  return {told = new, decided = consent and consent.decided or nil}
end

local function refused(consent)
  local bits = 0
  for _, words in pairs(consent) do
    if words.analytics == false then bits = bit.bor(bits, NO_ANALYTICS) end
    if words.personalization == false then bits = bit.bor(bits, NO_PERSONALIZATION) end
    if words.ads == false then bits = bit.bor(bits, NO_ADS) end
    if words.sale_opt_out == true then bits = bit.bor(bits, NO_SALE) end
  end
  return bits
end

local function hide(state, items, at_ms)
  local hidden = state.h and cjson.decode(state.h) or {}
  local till_ms = at_ms + HIDDEN_MS
  for item, ends_ms in pairs(hidden) do
    if ends_ms <= NOW_MS then hidden[item] = nil end
  end
  for item in string.gmatch(items, '[^\n]+') do
    hidden[item] = math.max(till_ms, hidden[item] or 0)
  end
  state.h, state.changed.h = cjson.encode(hidden), true
  state.lives_ms = math.max(state.lives_ms, till_ms - NOW_MS)
end

-- Adds a line in its place: those that lay on a disk for a while come late.
local function add(state, field, line, at_ms)
  local lines = state.lines[field]
  if not lines then
    lines = {}
    for one in string.gmatch(state[field] or '', '[^\n]+') do lines[#lines + 1] = one end
    state.lines[field] = lines
  end
  local place = #lines + 1
  while place > 1 and tonumber(string.match(lines[place - 1], ',(%-?%d+)')) > at_ms do
    place = place - 1
  end
  table.insert(lines, place, line)
end

local function is_seen(id)
  return call('SISMEMBER', SEEN, id) == 1 or call('SISMEMBER', SEEN_BEFORE, id) == 1
end

local function remember(id)
  call('SADD', SEEN, id)
  remembers = true
end

local function reply_to(mode, number, digest, packed, field, line, at_ms, bits, words, order, more)
  local is_event = mode == NORMAL or mode == ECHO
  if is_event and (is_seen(digest) or order ~= '' and is_seen(order)) then return DUPLICATE end
  local key, all = number ~= '0' and KEYS[N_FIXED_KEYS + number], tonumber(more)
  if key then
    local state = state_of(key)
    if words ~= '' then
      state.consent, state.changed.k = after(state.consent, tonumber(at_ms), words), true
    end
    if state.consent then all = bit.bor(all, refused(state.consent)) end
    if state.joined and (mode == NORMAL or mode == TOLD) then return {all, state.joined} end
  end
  if mode == ASK then return STRICTER + all end
  if mode == TOLD then return STORED end
  if mode == NORMAL then
    if bit.bor(all, bits) ~= tonumber(bits) then return STRICTER + all end
    call('XADD', STREAM, '*', 'e', packed)
  end
  remember(digest)
  if order ~= '' then remember(order) end
  if line ~= '' and bit.band(all, NO_ANALYTICS + NO_PERSONALIZATION) == 0 then
    if field == 'h' then
      hide(states[key], line, tonumber(at_ms))
    else
      add(states[key], field, line, tonumber(at_ms))
    end
  end
  return STORED
end

-- Joins lines, without the oldest of too many; the latest stays in any case.
local function newest(lines, n_most)
  local first = math.max(1, #lines - n_most + 1)
  local joined = table.concat(lines, '\n', first)
  while #joined > MAX_BYTES and first < #lines do
    first = first + 1
    joined = table.concat(lines, '\n', first)
  end
  return joined
end

local function save(key, state)
  local lines, changed = state.lines, state.changed
  if lines.e then call('HSET', key, 'e', newest(lines.e, N_EVENTS)) end
  if lines.f then call('HSET', key, 'f', newest(lines.f, N_FEEDBACK)) end
  if changed.h then call('HSET', key, 'h', state.h) end
  if changed.k then call('HSET', key, 'k', cjson.encode(state.consent)) end
  if not (lines.e or lines.f or changed.h or changed.k) then return end
  local left_ms = call('PTTL', key)
  if left_ms >= state.lives_ms then return end
  if state.joined or state.consent and state.consent.decided or call('HEXISTS', key, 'p') == 1 then
    if left_ms >= 0 then call('PERSIST', key) end
  else
    call('PEXPIRE', key, state.lives_ms + SLACK_MS)
  end
end

for first = 2, #ARGV, 11 do
  replies[#replies + 1] = reply_to(unpack(ARGV, first, first + 10))
end
if remembers and call('PTTL', SEEN) < 0 then call('PEXPIRE', SEEN, SEEN_MS) end
for key, state in pairs(states) do save(key, state) end
return replies

-- Events of benchmarks/events.py, as fast as wrk can send them, each with an id of its own.
--
--   wrk -t1 -c32 -d5s --latency -s benchmarks/wrk/events.lua http://127.0.0.1:8000 -- var/bench/events-50.txt 1
--
-- A line of the file is a body; each @ in it becomes the second argument and a running number, so give every run an argument of its
-- own. At the end come the figures on one line, for scripts. Where wrk is missing: apt-get install wrk.

function init(args)
  bodies, place, number = {}, 0, 0
  for line in io.lines(args[1] or "var/bench/events-50.txt") do
    local parts = {}
    for part in (line .. "@"):gmatch("([^@]*)@") do parts[#parts + 1] = part end
    bodies[#bodies + 1] = parts
  end
  run = (args[2] or "0") .. "-"
  headers = { ["Content-Type"] = "application/json" }
end

function request()
  place = place % #bodies + 1
  local parts, pieces = bodies[place], {}
  for n = 1, #parts - 1 do
    number = number + 1
    pieces[n] = parts[n] .. run .. number
  end
  pieces[#parts] = parts[#parts]
  return wrk.format("POST", "/events", headers, table.concat(pieces))
end

function done(summary, latency, _)
  local errors = summary.errors
  io.write(string.format(
    'figures {"requests":%d,"bytes":%d,"us":%d,"p50_us":%d,"p99_us":%d,"failed":%d}\n',
    summary.requests, summary.bytes, summary.duration, latency:percentile(50), latency:percentile(99),
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end

-- The mix of benchmarks/mix.py, as fast as wrk can send it.
--
--   python -m benchmarks.mix --customers 100000 --out var/bench/requests.txt
--   wrk -t1 -c32 -d10s --latency -s benchmarks/wrk/mix.lua http://127.0.0.1:8000 -- var/bench/requests.txt
--
-- A number behind the file is the line to begin at. Each thread begins at another one and goes round. At the end come the figures on one
-- line, for scripts. Where wrk is missing: apt-get install wrk.

local threads = 0

function setup(thread)
  thread:set("number", threads)
  threads = threads + 1
end

function init(args)
  requests = {}
  for line in io.lines(args[1] or "var/bench/requests.txt") do
    local method, path, body = line:match("^(%u+)\t([^\t]*)\t(.*)$")
    if body == "" then
      requests[#requests + 1] = wrk.format(method, path)
    else
      requests[#requests + 1] = wrk.format(method, path, { ["Content-Type"] = "application/json" }, body)
    end
  end
  place = ((args[2] or 0) + number * 7919) % #requests
end

function request()
  place = place % #requests + 1
  return requests[place]
end

function done(summary, latency, _)
  local errors = summary.errors
  io.write(string.format(
    'figures {"requests":%d,"bytes":%d,"us":%d,"p50_us":%d,"p99_us":%d,"failed":%d}\n',
    summary.requests, summary.bytes, summary.duration, latency:percentile(50), latency:percentile(99),
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end

-- Spreads the requests over the cookies of a file, so that no two requests under way have the same session.
-- Usage: wrk ... -s wrk.lua URL -- FILE      (an empty file sends no cookie)
local requests = {}
local at = 0

function init(args)
  for line in io.lines(args[1]) do
    requests[#requests + 1] = wrk.format('GET', nil, { ['Cookie'] = line })
  end
  if #requests == 0 then requests[1] = wrk.format('GET') end
  at = math.random(#requests)
end

function request()
  at = at % #requests + 1
  return requests[at]
end

function done(summary, latency, _)
  local errors = summary.errors
  io.write(string.format('{"Requests":%d,"Seconds":%.6f,"P50":%.0f,"P99":%.0f,"Errors":%d}\n',
    summary.requests - errors.status, summary.duration / 1e6, latency:percentile(50), latency:percentile(99),
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end

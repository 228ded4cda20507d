-- wrk script: the first bytes from a random start on, GET path?start=N with a range.
-- Arguments: path, seed, last start, bytes. The same seed gives the same requests.
local path, last, tail

function init(args)
   path, last = args[1], tonumber(args[3])
   math.randomseed(tonumber(args[2]))
   tail = string.format(" HTTP/1.1\r\nHost: bench.example\r\nRange: bytes=0-%d\r\n\r\n", tonumber(args[4]) - 1)
end

function request()
   return string.format("GET %s?start=%d%s", path, math.random(1, last), tail)
end

function done(summary, latency)
   local e = summary.errors
   io.write(string.format('wrk-result {"requests": %d, "microseconds": %d, "bytes": %d, "bad_status": %d, ' ..
      '"socket_errors": %d, "p50_us": %d, "p99_us": %d}\n', summary.requests, summary.duration, summary.bytes,
      e.status, e.connect + e.read + e.write + e.timeout, latency:percentile(50), latency:percentile(99)))
end

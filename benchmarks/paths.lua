-- wrk script: the paths of a file at random.
-- Arguments: file with a path on each line, seed. The same seed gives the same requests.
local requests = {}

function init(args)
   math.randomseed(tonumber(args[2]))
   for path in io.lines(args[1]) do
      requests[#requests + 1] = string.format("GET %s HTTP/1.1\r\nHost: bench.example\r\n\r\n", path)
   end
end

function request()
   return requests[math.random(1, #requests)]
end

function done(summary, latency)
   local e = summary.errors
   io.write(string.format('wrk-result {"requests": %d, "microseconds": %d, "bytes": %d, "bad_status": %d, ' ..
      '"socket_errors": %d, "p50_us": %d, "p99_us": %d}\n', summary.requests, summary.duration, summary.bytes,
      e.status, e.connect + e.read + e.write + e.timeout, latency:percentile(50), latency:percentile(99)))
end

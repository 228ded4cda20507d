-- wrk script: windows of a film at random, GET path?start=S&end=S+window.
-- Arguments: path, seed, last start in ms, window in ms. The same seed gives the same requests.
local path, last, window, tail

function init(args)
   path, last, window = args[1], tonumber(args[3]), tonumber(args[4])
   math.randomseed(tonumber(args[2]))
   tail = " HTTP/1.1\r\nHost: bench.example\r\n\r\n"
end

function request()
   local from = math.random(0, last)
   local to = from + window
   return string.format("GET %s?start=%d.%03d&end=%d.%03d%s", path,
      math.floor(from / 1000), from % 1000, math.floor(to / 1000), to % 1000, tail)
end

function done(summary, latency)
   local e = summary.errors
   io.write(string.format('wrk-result {"requests": %d, "microseconds": %d, "bytes": %d, "bad_status": %d, ' ..
      '"socket_errors": %d, "p50_us": %d, "p99_us": %d}\n', summary.requests, summary.duration, summary.bytes,
      e.status, e.connect + e.read + e.write + e.timeout, latency:percentile(50), latency:percentile(99)))
end

-- wrk script: small files at random, GET folder/N.bin.
-- Arguments: folder, seed, number of files. The same seed gives the same requests.
local requests = {}
local count

function init(args)
   count = tonumber(args[3])
   math.randomseed(tonumber(args[2]))
   for number = 0, count - 1 do
      requests[number] = string.format("GET %s/%d.bin HTTP/1.1\r\nHost: bench.example\r\n\r\n", args[1], number)
   end
end

function request()
   return requests[math.random(0, count - 1)]
end

function done(summary, latency)
   local e = summary.errors
   io.write(string.format('wrk-result {"requests": %d, "microseconds": %d, "bytes": %d, "bad_status": %d, ' ..
      '"socket_errors": %d, "p50_us": %d, "p99_us": %d}\n', summary.requests, summary.duration, summary.bytes,
      e.status, e.connect + e.read + e.write + e.timeout, latency:percentile(50), latency:percentile(99)))
end

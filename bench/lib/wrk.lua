-- What wrk.js asks of wrk: -- METHOD PIPELINING [BODY FILE], and one line of JSON in the end. Without pipelining there is no request()
-- of its own, and never a response(): either would make wrk slower.
init = function(args)
  wrk.method = args[1]
  if args[3] then
    local file = assert(io.open(args[3], 'rb'))
    wrk.body = file:read('*a')
    file:close()
  end
  local pipelining = tonumber(args[2])
  if pipelining > 1 then
    local batch = string.rep(wrk.format(), pipelining)
    request = function() return batch end
  end
end

done = function(summary)
  local e = summary.errors
  print(string.format('{"requests":%d,"octets":%d,"seconds":%f,"errors":%d}',
    summary.requests, summary.bytes, summary.duration / 1e6, e.connect + e.read + e.write + e.status + e.timeout))
end

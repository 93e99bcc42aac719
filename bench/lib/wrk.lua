-- What load.js reads: one line of JSON. It has no request() or response(), which would make wrk slower.
done = function(summary)
  local e = summary.errors
  print(string.format('{"requests":%d,"seconds":%f,"errors":%d}',
    summary.requests, summary.duration / 1e6, e.connect + e.read + e.write + e.status + e.timeout))
end

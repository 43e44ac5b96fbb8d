-- Sends a request for each line of the file in the first argument. Further arguments are headers: "Name: value".
local requests, index = {}, 0

function init(arguments)
  local headers = {}
  for position = 2, #arguments do
    local name, value = arguments[position]:match("^([^:]+): (.*)$")
    headers[name] = value
  end
  for path in io.lines(arguments[1]) do
    requests[#requests + 1] = wrk.format("GET", path, headers)
  end
end

function request()
  index = index % #requests + 1
  return requests[index]
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    "\n@ %d %d %d %f %f\n", summary.requests, summary.duration,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout,
    latency:percentile(50), latency:percentile(99)))
end

-- What wrk runs: posts what one file holds, and compares every answer's body with what another holds.
--
--   wrk -s wrk.lua URL -- BODY ANSWER [CONTENT-TYPE [HEADER VALUE]...]
--
-- An ID_TOKEN of the environment goes along. The last line it prints is the figures as JSON, times in milliseconds.
local threads = {}

local function content(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read("*a")
  file:close()
  return text
end

function setup(thread)
  table.insert(threads, thread)
end

function init(arguments)
  local headers = { ["Content-Type"] = arguments[3] or "application/json" }
  local token = os.getenv("ID_TOKEN") or ""
  if token ~= "" then
    headers["Authorization"] = "Bearer " .. token
  end
  for i = 4, #arguments, 2 do
    headers[arguments[i]] = arguments[i + 1]
  end
  prepared = wrk.format("POST", nil, headers, content(arguments[1]))
  expected = content(arguments[2])
  failed, wrong = 0, 0
end

function request()
  return prepared
end

function response(status, headers, body)
  if status < 200 or status > 299 then
    failed = failed + 1
  elseif body ~= expected then
    wrong = wrong + 1
  end
end

local function total(name)
  local sum = 0
  for _, thread in ipairs(threads) do
    sum = sum + thread:get(name)
  end
  return sum
end

function done(summary, latency)
  local errors, failed = summary.errors, total("failed")
  local figures = {
    '"requests":%d,"seconds":%.6f', '"p50":%.3f,"p95":%.3f,"p99":%.3f,"max":%.3f',
    '"failed":%d,"lost":%d', '"checked":%d,"wrong":%d',
  }
  print(string.format("{" .. table.concat(figures, ",") .. "}",
    summary.requests, summary.duration / 1e6,
    latency:percentile(50) / 1e3, latency:percentile(95) / 1e3, latency:percentile(99) / 1e3, latency.max / 1e3,
    failed, errors.connect + errors.read + errors.write + errors.timeout,
    summary.requests - failed, total("wrong")))
end

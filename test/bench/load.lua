-- The load that wrk sends. Arguments: what, key, first member, how many members, a name for the run, a seed, points.
-- Requests are written out by hand: wrk shares the machine with what it measures.

local what, key, first, count, run, points
local sent = 0
local head

function init(args)
  what, key, first, count, run = args[1], args[2], tonumber(args[3]), tonumber(args[4]), args[5]
  math.randomseed(tonumber(args[6]))
  points = tonumber(args[7])
  head = " HTTP/1.1\r\nHost: " .. wrk.host .. "\r\nAuthorization: Bearer " .. key .. "\r\n"
end

local function member()
  return first + math.random(0, count - 1)
end

local function with_body(method, path, body)
  return method .. path .. head .. "Content-Type: application/json\r\nContent-Length: " .. #body .. "\r\n\r\n" .. body
end

local function purchase()
  local shirts, price, shoes = math.random(1, 3), math.random(500, 6000), math.random(2000, 15000)
  local total = shirts * price + shoes + 490
  return with_body("POST ", "/v1/purchases", string.format(
    '{"id":"%s-%d","member":"m-%d","currency":"EUR","lines":[' ..
    '{"sku":"SHIRT-%d","categories":["shirts"],"quantity":%d,"unit_price":%d,"total":%d},' ..
    '{"sku":"SHOE-%d","categories":["shoes","sale"],"quantity":1,"unit_price":%d,"total":%d}],' ..
    '"shipping":490,"total":%d,"channel":"web","store":"lyon-%d"}',
    run, sent, member(), math.random(1, 500), shirts, price, shirts * price, math.random(36, 46), shoes, shoes, total, math.random(1, 20)))
end

local function redemption()
  return with_body("POST ", "/v1/redemptions", string.format('{"id":"%s-%d","member":"m-%d","points":%d}', run, sent, member(), points))
end

local function enrolment()
  return with_body("PUT ", "/v1/members/m-" .. (first + sent - 1), '{"profile":{"given_name":"Ada","language":"fr","country":"FR"}}')
end

function request()
  sent = sent + 1
  if what == "purchase" then return purchase() end
  if what == "redemption" then return redemption() end
  if what == "enrolment" then return enrolment() end
  return "GET /v1/members/m-" .. member() .. head .. "\r\n"
end

function done(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format(
    '\n{"microseconds":%d,"answered":%d,"refused":%d,"lost":%d,"p50":%d,"p99":%d}\n',
    summary.duration, summary.requests, errors.status, errors.connect + errors.read + errors.write + errors.timeout,
    latency:percentile(50), latency:percentile(99)))
end

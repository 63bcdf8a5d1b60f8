-- The load that wrk sends. Arguments: what, key, first member, how many members, a name for the run, a seed, points.
-- Requests are written out by hand: wrk shares the machine with what it measures.

local what, key, first, count, run, points
local sent = 0
local head

function init(args)
  what, key, first, count, run = args[1], args[2], tonumber(args[3]), tonumber(args[4]), args[5]
  math.randomseed(tonumber(args[6]))
  points = tonumber(args[7])
  if what == "cycle" then response = collect end
  head = " HTTP/1.1\r\nHost: " .. wrk.host .. "\r\nAuthorization: Bearer " .. key .. "\r\n"
end

local function member()
  return first + math.random(0, count - 1)
end

local function with_body(method, path, body)
  return method .. path .. head .. "Content-Type: application/json\r\nContent-Length: " .. #body .. "\r\n\r\n" .. body
end

-- The cart of a quote, of a purchase, or of one that redeems points besides.
local function cart(path, id, more)
  local shirts, price, shoes = math.random(1, 3), math.random(500, 6000), math.random(2000, 15000)
  local total = shirts * price + shoes + 490
  return with_body("POST ", path, string.format(
    '{%s"member":"m-%d","currency":"EUR","lines":[' ..
    '{"sku":"SHIRT-%d","categories":["shirts"],"quantity":%d,"unit_price":%d,"total":%d},' ..
    '{"sku":"SHOE-%d","categories":["shoes","sale"],"quantity":1,"unit_price":%d,"total":%d}],' ..
    '"shipping":490,"total":%d,"channel":"web","store":"lyon-%d"%s}',
    id, member(), math.random(1, 500), shirts, price, shirts * price, math.random(36, 46), shoes, shoes, total, math.random(1, 20), more))
end

local function purchase()
  return cart("/v1/purchases", string.format('"id":"%s-%d",', run, sent), "")
end

local function paid()
  return cart("/v1/purchases", string.format('"id":"%s-%d",', run, sent), string.format(',"redeem":[{"id":"%s-%d","points":%d}]', run, sent, points))
end

-- Holds, and captures of what was answered to be held.
local held = {}

local function cycle()
  local id = table.remove(held)
  if id ~= nil then
    return "POST /v1/redemptions/" .. id .. "/capture" .. head ..
      "Idempotency-Key: " .. id .. "\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
  end
  return with_body("POST ", "/v1/redemptions",
    string.format('{"id":"%s-%d","member":"m-%d","points":%d,"capture":false}', run, sent, member(), points))
end

local function collect(status, headers, body)
  if status == 201 then held[#held + 1] = body:match('^{"id":"([^"]+)"') end
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
  if what == "quote" then return cart("/v1/quotes", "", "") end
  if what == "paid" then return paid() end
  if what == "cycle" then return cycle() end
  return "GET /v1/members/m-" .. member() .. head .. "\r\n"
end

function done(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format(
    '\n{"microseconds":%d,"answered":%d,"refused":%d,"lost":%d,"p50":%d,"p99":%d}\n',
    summary.duration, summary.requests, errors.status, errors.connect + errors.read + errors.write + errors.timeout,
    latency:percentile(50), latency:percentile(99)))
end

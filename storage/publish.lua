-- Publish a parameter set: KEYS[1] its key, ARGV[1] the document, ARGV[2] its version, ARGV[3] the channel.
-- Answers 1 when Redis holds the set now, 0 when it holds a newer version. What cannot be read is overwritten.
local stored = redis.call('GET', KEYS[1])
if stored == ARGV[1] then
  return 1
end
local readable, document = pcall(cjson.decode, stored or '')
local version = readable and type(document) == 'table' and tonumber(document.version) or 0
if version > tonumber(ARGV[2]) then
  return 0
end
redis.call('SET', KEYS[1], ARGV[1])
redis.call('PUBLISH', ARGV[3], KEYS[1])
return 1

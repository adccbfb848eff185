/**
 * Why a script must not begin to write: its user may not run a command of it, or not on this key. An ACL
 * decides command by command, and Redis undoes nothing, so a script asks before its first write for all that
 * may come behind it. Gives the error to return, or nil. The models have no users.
 *
 * It asks once for a command, however many calls it runs: the keys that a script declares are looked at before
 * it runs, and those that it makes begin as they do.
 *
 * Redis 6.2 has nobody to ask: there each command is run in a form that changes nothing, on `free`, a key
 * beside ours that nobody has.
 */
export const lacking = {
  lua: `
local acl = redis.acl_check_cmd
local runs = not acl and function(free, command)
  local harmless = {SET = {'', 'XX'}, RENAME = {free}, PEXPIRE = {1}, ZADD = {'XX', 1, 'x'}, ZREM = {'x'},
    SREM = {'x'}, HSET = {'x', 'x', 'x'}, HDEL = {'x'}, ZRANGE = {0, 0}, ZREVRANGE = {0, 0},
    ZSCORE = {'x'}, SISMEMBER = {'x'}}
  local reply = redis.pcall(command, free, unpack(harmless[command] or {}))
  return type(reply) ~= 'table' or not reply.err or not reply.err:find("The user executing the script can't", 1, true)
end
local granted = {}
local function lacks(free, command, key)
  if granted[command] then return end
  granted[command] = acl and acl(command, key) or not acl and runs(free, command)
  if granted[command] then return end
  return redis.error_reply('NOPERM this user may not run ' .. command .. ' in a script, or not on its key; ' ..
    'nothing was written. ACL SETUSER needs +' .. command:lower())
end
local function lacking(free, needs)
  for i = 1, #needs, 2 do
    local refusal = lacks(free, needs[i], needs[i + 1])
    if refusal then return refusal end
  end
end`
} as const

/** The same for `unindex`: what comes behind its first command. Needs `lacking`. */
export const lackingUnindex = {
  lua: `
local function lacking_unindex(index, executions)
  return lacking(index .. '\\0', {'EXISTS', index, 'ZREM', executions, 'UNLINK', index})
end`
} as const

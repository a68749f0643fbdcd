/** What kind of value a key must hold for a command; `any` where it does not matter. */
export type KeyType = "string" | "hash" | "list" | "set" | "zset" | "any";

/** What the embedded Redis must know of a command beyond what ioredis-mock checks itself. */
export interface CommandRule {
  readonly type: KeyType;
  /** The fewest and the most arguments, the command's name not counted. */
  readonly min: number;
  readonly max: number;
  /** Scripts see the reply as a status, `{ok = "OK"}`. */
  readonly status: boolean;
  /** The number of its first arguments that are keys of that type. */
  readonly keys: number;
}

const MANY = Number.MAX_SAFE_INTEGER;

function rule(type: KeyType, min: number, max = min, options: Partial<CommandRule> = {}): CommandRule {
  return { type, min, max, status: false, keys: type === "any" ? 0 : 1, ...options };
}

const STATUS = { status: true };

/**
 * The commands that the embedded Redis runs. ioredis-mock looks at neither the number of arguments nor, mostly, at
 * the type of what a key holds, and gives wrong replies in the place of errors; this table lets them be refused.
 */
export const COMMAND_RULES: Readonly<Record<string, CommandRule>> = {
  append: rule("string", 2),
  bitcount: rule("string", 1, 4),
  dbsize: rule("any", 0),
  decr: rule("string", 1),
  decrby: rule("string", 2),
  del: rule("any", 1, MANY),
  echo: rule("any", 1),
  exists: rule("any", 1, MANY),
  expire: rule("any", 2),
  expireat: rule("any", 2),
  expiretime: rule("any", 1),
  flushall: rule("any", 0, 1, STATUS),
  flushdb: rule("any", 0, 1, STATUS),
  get: rule("string", 1),
  getbit: rule("string", 2),
  getdel: rule("string", 1),
  getex: rule("string", 1, 3),
  getrange: rule("string", 3),
  getset: rule("string", 2),
  hdel: rule("hash", 2, MANY),
  hexists: rule("hash", 2),
  hget: rule("hash", 2),
  hgetall: rule("hash", 1),
  hincrby: rule("hash", 3),
  hincrbyfloat: rule("hash", 3),
  hkeys: rule("hash", 1),
  hlen: rule("hash", 1),
  hmget: rule("hash", 2, MANY),
  hmset: rule("hash", 3, MANY, STATUS),
  hscan: rule("hash", 2, 6),
  hset: rule("hash", 3, MANY),
  hsetnx: rule("hash", 3),
  hstrlen: rule("hash", 2),
  hvals: rule("hash", 1),
  incr: rule("string", 1),
  incrby: rule("string", 2),
  incrbyfloat: rule("string", 2),
  keys: rule("any", 1),
  lindex: rule("list", 2),
  linsert: rule("list", 4),
  llen: rule("list", 1),
  lmove: rule("list", 4, 4, { keys: 2 }),
  lpop: rule("list", 1, 2),
  lpush: rule("list", 2, MANY),
  lpushx: rule("list", 2, MANY),
  lrange: rule("list", 3),
  lrem: rule("list", 3),
  lset: rule("list", 3, 3, STATUS),
  ltrim: rule("list", 3, 3, STATUS),
  mget: rule("any", 1, MANY),
  mset: rule("any", 2, MANY, STATUS),
  msetnx: rule("any", 2, MANY),
  persist: rule("any", 1),
  pexpire: rule("any", 2),
  pexpireat: rule("any", 2),
  pexpiretime: rule("any", 1),
  ping: rule("any", 0, 1),
  psetex: rule("any", 3, 3, STATUS),
  pttl: rule("any", 1),
  rename: rule("any", 2, 2, STATUS),
  renamenx: rule("any", 2),
  rpop: rule("list", 1, 2),
  rpoplpush: rule("list", 2, 2, { keys: 2 }),
  rpush: rule("list", 2, MANY),
  rpushx: rule("list", 2, MANY),
  sadd: rule("set", 2, MANY),
  scan: rule("any", 1, 7),
  scard: rule("set", 1),
  sdiff: rule("set", 1, MANY, { keys: MANY }),
  set: rule("any", 2, 6, STATUS),
  setex: rule("any", 3, 3, STATUS),
  setnx: rule("any", 2),
  setrange: rule("string", 3),
  sinter: rule("set", 1, MANY, { keys: MANY }),
  sismember: rule("set", 2),
  smembers: rule("set", 1),
  smismember: rule("set", 2, MANY),
  smove: rule("set", 3, 3, { keys: 2 }),
  spop: rule("set", 1, 2),
  srandmember: rule("set", 1, 2),
  srem: rule("set", 2, MANY),
  sscan: rule("set", 2, 6),
  strlen: rule("string", 1),
  sunion: rule("set", 1, MANY, { keys: MANY }),
  time: rule("any", 0),
  ttl: rule("any", 1),
  type: rule("any", 1, 1, STATUS),
  unlink: rule("any", 1, MANY),
  zadd: rule("zset", 3, MANY),
  zcard: rule("zset", 1),
  zcount: rule("zset", 3),
  zincrby: rule("zset", 3),
  zmscore: rule("zset", 2, MANY),
  zpopmax: rule("zset", 1, 2),
  zpopmin: rule("zset", 1, 2),
  zrange: rule("zset", 3, MANY),
  zrangebylex: rule("zset", 3, 6),
  zrangebyscore: rule("zset", 3, 7),
  zrank: rule("zset", 2),
  zrem: rule("zset", 2, MANY),
  zremrangebyrank: rule("zset", 3),
  zremrangebyscore: rule("zset", 3),
  zrevrange: rule("zset", 3, 4),
  zrevrangebyscore: rule("zset", 3, 7),
  zrevrank: rule("zset", 2),
  zscan: rule("zset", 2, 6),
  zscore: rule("zset", 2),
};

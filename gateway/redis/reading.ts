/**
 * Whether a command, by its name in upper case, only reads, whatever its arguments are. So SORT and BITFIELD are not among
 * them: their `_RO` forms are. Neither are the commands that wait, or that concern the connection, which all requests share.
 */
export function isReading(name: string): boolean {
  return READING.has(name);
}

const READING = new Set([
  // Strings and bits.
  ...["GET", "MGET", "STRLEN", "GETRANGE", "SUBSTR", "LCS", "GETBIT", "BITCOUNT", "BITPOS", "BITFIELD_RO"],
  // Keys.
  ...["EXISTS", "TYPE", "TTL", "PTTL", "EXPIRETIME", "PEXPIRETIME", "KEYS", "SCAN", "RANDOMKEY", "DBSIZE"],
  ...["DUMP", "TOUCH", "OBJECT", "SORT_RO"],
  // Hashes.
  ...["HGET", "HMGET", "HGETALL", "HKEYS", "HVALS", "HLEN", "HEXISTS", "HSTRLEN", "HSCAN", "HRANDFIELD"],
  ...["HTTL", "HPTTL", "HEXPIRETIME", "HPEXPIRETIME"],
  // Lists.
  ...["LLEN", "LRANGE", "LINDEX", "LPOS"],
  // Sets.
  ...["SCARD", "SMEMBERS", "SISMEMBER", "SMISMEMBER", "SRANDMEMBER", "SSCAN"],
  ...["SINTER", "SINTERCARD", "SUNION", "SDIFF"],
  // Sorted sets.
  ...["ZCARD", "ZCOUNT", "ZLEXCOUNT", "ZSCORE", "ZMSCORE", "ZRANK", "ZREVRANK", "ZSCAN", "ZRANDMEMBER"],
  ...["ZRANGE", "ZREVRANGE", "ZRANGEBYSCORE", "ZREVRANGEBYSCORE", "ZRANGEBYLEX", "ZREVRANGEBYLEX"],
  ...["ZINTER", "ZINTERCARD", "ZUNION", "ZDIFF"],
  // Streams, places, cardinalities.
  ...["XLEN", "XRANGE", "XREVRANGE", "XPENDING", "XINFO"],
  ...["GEODIST", "GEOHASH", "GEOPOS", "GEOSEARCH", "GEORADIUS_RO", "GEORADIUSBYMEMBER_RO", "PFCOUNT"],
  // Scripts that cannot write, and the server.
  ...["EVAL_RO", "EVALSHA_RO", "FCALL_RO", "PING", "ECHO", "TIME"],
]);

import { customType, timestamp } from "drizzle-orm/pg-core";

/** A 64-bit Snowflake: `bigint` in Postgres, a branded decimal string here. */
export function snowflake<Id extends string>(name: string) {
  return customType<{ data: Id; driverData: string }>({ dataType: () => "bigint" })(name);
}

/** Text of one branded type. Not validated when read, because only this system writes it. */
export function brandedText<Value extends string>(name: string) {
  return customType<{ data: Value; driverData: string }>({ dataType: () => "text" })(name);
}

/** A moment, kept to the millisecond. */
export function moment(name: string) {
  return timestamp(name, { withTimezone: true, precision: 3, mode: "date" });
}

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const day = new Intl.DateTimeFormat(undefined, { weekday: "short", day: "numeric", month: "short" });
const date = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", year: "numeric" });

/** The time of day. */
export function clockTime(at: number): string {
  return clock.format(at);
}

/** The day, as short as is clear now. */
export function dayName(at: number, now: number): string {
  if (isSameDay(at, now)) return "Today";
  return new Date(at).getFullYear() === new Date(now).getFullYear() ? day.format(at) : date.format(at);
}

/** The time of day for today, else the day. */
export function shortTime(at: number, now: number): string {
  return isSameDay(at, now) ? clockTime(at) : dayName(at, now);
}

/** Whether two moments are on one day in the local time zone. */
export function isSameDay(a: number, b: number): boolean {
  return new Date(a).toDateString() === new Date(b).toDateString();
}

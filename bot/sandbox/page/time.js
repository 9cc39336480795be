/** Instants written for the person who looks: in their zone, weekday first, 24 hours. */

const LANGUAGE = "en-GB";
const formats = new Map();

function format(zone, options) {
  const key = zone + JSON.stringify(options);
  if (!formats.has(key)) {
    formats.set(key, new Intl.DateTimeFormat(LANGUAGE, { timeZone: zone, ...options }));
  }
  return formats.get(key);
}

const CLOCK = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
const DAY = { weekday: "long", day: "numeric", month: "long" };

/** "09:05" */
export function clockTime(at, zone) {
  return format(zone, CLOCK).format(at);
}

/** "Monday, 1 June" */
export function dayName(at, zone) {
  const parts = Object.fromEntries(
    format(zone, DAY).formatToParts(at).map(({ type, value }) => [type, value]),
  );
  return `${parts.weekday}, ${parts.day} ${parts.month}`;
}

/** "Mon 1 June, 09:05" */
export function shortMoment(at, zone) {
  const [weekday, rest] = dayName(at, zone).split(", ");
  return `${weekday.slice(0, 3)} ${rest}, ${clockTime(at, zone)}`;
}

/** "2026-06-01", for telling one day from another. */
export function dayKey(at, zone) {
  return new Intl.DateTimeFormat("en-CA", {
    timeZone: zone,
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
  }).format(at);
}

/** "Berlin" from "Europe/Berlin". */
export function cityOf(zone) {
  return zone.split("/").at(-1).replaceAll("_", " ");
}

/** Minutes the zone is ahead of UTC at that instant. */
function offset(at, zone) {
  const parts = new Intl.DateTimeFormat("en-CA", {
    timeZone: zone,
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    hourCycle: "h23",
  }).formatToParts(at);
  const part = (type) => Number(parts.find((one) => one.type === type).value);
  const local = Date.UTC(
    part("year"), part("month") - 1, part("day"), part("hour"), part("minute"), part("second"),
  );
  return Math.round((local - Math.floor(at.getTime() / 1000) * 1000) / 60000);
}

/** "2026-06-01T09:05" in the zone, as a native date-and-time input wants it. */
export function localInput(seconds, zone) {
  const at = new Date(seconds * 1000);
  return new Date(at.getTime() + offset(at, zone) * 60000).toISOString().slice(0, 16);
}

/** The Unix second a native date-and-time input means in the zone, or null when it is empty. */
export function fromLocalInput(text, zone) {
  if (!text) return null;
  const asUtc = Date.parse(`${text}Z`);
  if (Number.isNaN(asUtc)) return null;
  let guess = asUtc - offset(new Date(asUtc), zone) * 60000;
  guess = asUtc - offset(new Date(guess), zone) * 60000; // once more, across a clock change
  return Math.floor(guess / 1000);
}

function relativeDay(at, now, zone) {
  const days = Math.round(
    (Date.parse(dayKey(at, zone)) - Date.parse(dayKey(now, zone))) / 86400000,
  );
  return { "-1": "yesterday", 0: "today", 1: "tomorrow" }[days] ?? null;
}

function capital(text) {
  return text[0].toUpperCase() + text.slice(1);
}

function ago(at, now) {
  const minutes = Math.round((at - now) / 60000);
  const words = new Intl.RelativeTimeFormat(LANGUAGE, { numeric: "auto" });
  if (Math.abs(minutes) < 60) return words.format(minutes, "minute");
  if (Math.abs(minutes) < 60 * 24) return words.format(Math.round(minutes / 60), "hour");
  return words.format(Math.round(minutes / 1440), "day");
}

/** Slack's `<!date^…>` tokens, for instance "{date_short_pretty} at {time}". */
export function dateTokens(pattern, seconds, now, zone) {
  const at = new Date(seconds * 1000);
  const date = (options) => format(zone, options).format(at);
  const long = { weekday: "long", day: "numeric", month: "long", year: "numeric" };
  const whole = { day: "numeric", month: "long", year: "numeric" };
  const short = { day: "numeric", month: "short", year: "numeric" };
  const near = relativeDay(at, now, zone);
  const values = {
    date_num: dayKey(at, zone),
    date: date(whole),
    date_slash: date({ day: "2-digit", month: "2-digit", year: "numeric" }),
    date_long: date(long),
    date_long_full: date(long),
    date_short: date(short),
    date_pretty: near ?? date(whole),
    date_short_pretty: near ?? date(short),
    date_long_pretty: near ?? date(long),
    day_divider_pretty: near ? capital(near) : dayName(at, zone),
    time: clockTime(at, zone),
    time_secs: format(zone, { ...CLOCK, second: "2-digit" }).format(at),
    ago: ago(at, now),
  };
  const text = pattern.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
  return pattern.startsWith("{") && text ? capital(text) : text;
}

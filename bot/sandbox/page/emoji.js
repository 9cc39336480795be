/** The emoji names this page draws; another name is shown as it was written, `:like_this:`. */

const EMOJI = {
  wave: "👋", tada: "🎉", calendar: "📆", date: "📅", spiral_calendar_pad: "🗓️",
  white_check_mark: "✅", heavy_check_mark: "✔️", ballot_box_with_check: "☑️", x: "❌",
  warning: "⚠️", information_source: "ℹ️", bulb: "💡", rocket: "🚀", star: "⭐", star2: "🌟",
  sparkles: "✨", heart: "❤️", pray: "🙏", clap: "👏", raised_hands: "🙌", handshake: "🤝",
  "+1": "👍", thumbsup: "👍", "-1": "👎", thumbsdown: "👎", muscle: "💪", point_right: "👉",
  smile: "😄", slightly_smiling_face: "🙂", blush: "😊", grinning: "😀", thinking_face: "🤔",
  eyes: "👀", sunny: "☀️", coffee: "☕", seedling: "🌱", herb: "🌿", books: "📚", book: "📖",
  memo: "📝", pencil: "📝", pencil2: "✏️", speech_balloon: "💬", envelope: "✉️", bell: "🔔",
  no_bell: "🔕", alarm_clock: "⏰", hourglass: "⌛", hourglass_flowing_sand: "⏳",
  stopwatch: "⏱️", bar_chart: "📊", chart_with_upwards_trend: "📈", mag: "🔍", lock: "🔒",
  key: "🔑", gear: "⚙️", link: "🔗", pushpin: "📌", dart: "🎯", trophy: "🏆", medal: "🏅",
  gift: "🎁", confetti_ball: "🎊", palm_tree: "🌴", earth_africa: "🌍", globe_with_meridians: "🌐",
  red_circle: "🔴", large_orange_circle: "🟠", large_yellow_circle: "🟡",
  large_green_circle: "🟢", large_blue_circle: "🔵", white_circle: "⚪", black_circle: "⚫",
  one: "1️⃣", two: "2️⃣", three: "3️⃣", four: "4️⃣", five: "5️⃣", arrow_right: "➡️",
  arrow_left: "⬅️", question: "❓", exclamation: "❗", busts_in_silhouette: "👥", robot_face: "🤖",
};

/** The characters for a name without its colons, or null. */
export function emojiFor(name) {
  return EMOJI[name] ?? null;
}

/** Text with the known `:names:` replaced. */
export function withEmoji(text) {
  return text.replace(/:([a-z0-9_+'-]+):/g, (whole, name) => EMOJI[name] ?? whole);
}

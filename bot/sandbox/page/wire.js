/** The page's side of the protocol: what it asks the sandbox, and how it hears of changes. */

async function ask(path, body) {
  const options = body
    ? {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      }
    : { headers: { accept: "application/json" } };
  const response = await fetch(path, options);
  const answer = await response.json().catch(() => ({}));
  if (!response.ok && !("ok" in answer)) {
    throw new Error(`${path} answered ${response.status}`);
  }
  return answer;
}

/** Everything `person` may see. Without a person the sandbox chooses one. */
export function fetchState(person) {
  return ask(`/sandbox/state?as=${encodeURIComponent(person ?? "")}`);
}

/** The log's entries after number `after`. */
export function fetchLog(after) {
  return ask(`/sandbox/log?after=${after}`);
}

/** Do something as `person`. Answers {ok, …}; a sandbox that is gone is an answer too. */
export async function act(person, what, details = {}) {
  try {
    return await ask("/sandbox/act", { as: person, do: what, ...details });
  } catch {
    return { ok: false, error: "unreachable", message: "The sandbox does not answer." };
  }
}

/** Move the programme's clock: hour, day, monday, next or end. */
export function moveClock(to) {
  return ask("/sandbox/clock", { to }).catch(() => ({ ok: false }));
}

/** Start a new world. */
export function reset() {
  return ask("/sandbox/reset", {}).catch(() => ({ ok: false }));
}

const TRY_AGAIN_MS = 2000;

/**
 * Hear of changes for one person; `onLink` is told "open" or "lost". A stream the browser gives up
 * is opened again. Answers a function that stops.
 */
export function listen(person, since, { onChange, onLink }) {
  const address = `/sandbox/changes?as=${encodeURIComponent(person)}&since=${since}`;
  let source = null;
  let timer = null;
  const open = () => {
    source = new EventSource(address);
    source.onopen = () => onLink("open");
    source.onmessage = (event) => onChange(JSON.parse(event.data).version);
    source.onerror = () => {
      onLink("lost");
      if (source.readyState === EventSource.CLOSED) timer = setTimeout(open, TRY_AGAIN_MS);
    };
  };
  open();
  return () => {
    clearTimeout(timer);
    source.close();
  };
}

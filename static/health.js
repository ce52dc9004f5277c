/** Asks the server now and then which of its services are up. */

const PERIOD_MS = 15_000;
const LIMIT_MS = 5_000;

/**
 * @typedef {object} Health
 * @property {Record<string, {status: "up" | "down", latency_ms: number | null, backend: string | null, detail: string}>} services
 * @property {{active: number, max: number}} calls
 */

/**
 * Look at once and then for as long as the page is open; not while nobody sees it.
 * @param {(health: Health | null) => void} show gets null when the server does not answer
 * @returns {() => void} look now
 */
export function watchHealth(show) {
  const look = async () => {
    if (document.hidden) return;
    // Also a 503 has a body: it is the answer when every service is down.
    const answer = fetch("health", { signal: AbortSignal.timeout(LIMIT_MS) });
    const body = await answer.then((response) => response.json()).catch(() => null);
    show(body?.services ? body : null);
  };
  setInterval(look, PERIOD_MS);
  document.addEventListener("visibilitychange", look);
  look();
  return look;
}

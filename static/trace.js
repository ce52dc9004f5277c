/** The last events of the page, for tests and for the curious: `window.rtcserver`. */

const KEPT = 2000;

/** @typedef {{t: number, direction: "received" | "sent", event: object}} Entry */

/** @type {Entry[]} */
const events = [];

/**
 * @param {Entry["direction"]} direction
 * @param {object} event
 */
export function record(direction, event) {
  events.push(Object.freeze({ t: performance.now(), direction, event }));
  if (events.length > KEPT) events.shift();
}

/** @returns {string} one event a line */
export function asJsonLines() {
  return events.map((entry) => JSON.stringify(entry)).join("\n");
}

/** @param {() => string} state */
export function expose(state) {
  const view = {
    /** Times are of performance.now(), in ms. */
    get events() {
      return events.slice();
    },
    get state() {
      return state();
    },
  };
  Object.defineProperty(window, "rtcserver", { value: Object.freeze(view) });
}

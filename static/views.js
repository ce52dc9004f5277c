/** What the page looks like; every view is a function of the facts. */

import { split } from "./captions.js";
import { PHASE_NAMES, inWholeMs } from "./latency.js";
import { html } from "./vendor/preact.js";

const STATES = /** @type {Record<string, string>} */ ({
  idle: "Ready when you are",
  connecting: "Connecting…",
  listening: "Listening",
  thinking: "Thinking",
  speaking: "Speaking",
  error: "Not connected",
});
const HINTS = /** @type {Record<string, string>} */ ({
  idle: "Press Start, allow the microphone, and speak.",
  listening: "Say hello.",
});
const SERVICES = /** @type {Record<string, string>} */ ({ stt: "STT", llm: "LLM", tts: "TTS" });
const BAR_MS = 1500; // the latency that fills the width

/** @param {{facts: any, actions: any}} props */
export function Page({ facts, actions }) {
  const state = facts.state.value;
  const live = state in { listening: 0, thinking: 0, speaking: 0 };
  return html`
    <header>
      <h1>rtcserver</h1>
      <${Health} health=${facts.health.value} />
    </header>
    <main class=${state}>
      <${Talk} state=${state} live=${live} level=${facts.level} actions=${actions} />
      <${Problem} problem=${facts.problem.value} actions=${actions} />
      <${Captions} captions=${facts.captions.value} state=${state} />
      <${TextBox} live=${live} say=${actions.say} />
    </main>
    <footer>
      <button type="button" class="quiet" onClick=${actions.copyEvents}>Copy events as JSONL</button>
    </footer>
  `;
}

/** @param {{health: import("./health.js").Health | null | undefined}} props */
function Health({ health }) {
  if (health === undefined) return html`<p class="health">Looking for the services…</p>`;
  if (!health) return html`<p class="health"><span class="down">Server unreachable</span></p>`;
  const { services, calls } = health;
  return html`
    <ul class="health" aria-label="Services">
      ${Object.entries(services).map(([name, service]) => html`
        <li class=${service.status} title=${service.detail}>
          ${SERVICES[name] ?? name} ${service.backend} ${stateOf(service)}
        </li>
      `)}
      <li>${calls.active} of ${calls.max} calls</li>
    </ul>
  `;
}

/** @param {{status: string, latency_ms: number | null}} service */
function stateOf({ status, latency_ms }) {
  return status === "up" && latency_ms !== null ? `${Math.round(latency_ms)} ms` : status;
}

/** @param {{state: string, live: boolean, level: any, actions: any}} props */
function Talk({ state, live, level, actions }) {
  const idle = state === "idle" || state === "error";
  const now = level.value.toFixed(2);
  return html`
    <section class="talk ${live && "live"}" aria-label="Call" style=${{ "--level": now }}>
      <button type="button" class="orb" onClick=${idle ? actions.start : actions.stop}>
        ${idle ? "Start" : "Stop"}
      </button>
      <p role="status">${STATES[state]}</p>
      <div class="level">
        <span id="microphone">Microphone</span>
        <div role="meter" aria-labelledby="microphone" aria-valuemin="0" aria-valuemax="1" aria-valuenow=${now}></div>
      </div>
    </section>
  `;
}

/** @param {{problem: import("./problems.js").CallProblem | null, actions: any}} props */
function Problem({ problem, actions }) {
  // The region is always there: only a change inside it is read out.
  return html`
    <div role="alert">
      ${problem && html`
        <section class="problem" data-code=${problem.code}>
          <h2>${problem.message}</h2>
          <p>${problem.advice}</p>
          ${problem.detail && html`<p class="detail">${problem.detail}</p>`}
          ${problem.code === "unauthorized" && html`<${KeyForm} unlock=${actions.unlock} />`}
          ${problem.code === "autoplay" && html`
            <button type="button" onClick=${actions.hear}>Tap to hear</button>
          `}
        </section>
      `}
    </div>
  `;
}

/** @param {{unlock: (key: string) => void}} props */
function KeyForm({ unlock }) {
  return html`
    <form class="row" onSubmit=${onText("key", unlock)}>
      <input name="key" type="password" aria-label="API key" placeholder="API key" autocomplete="off" required />
      <button>Connect</button>
    </form>
  `;
}

/** @param {{captions: import("./captions.js").Caption[], state: string}} props */
function Captions({ captions, state }) {
  // Not read out: the voice is heard already, and a screen reader would talk over it.
  return html`
    <div class="log" role="log" aria-live="off" aria-label="Conversation" tabindex="0">
      ${!captions.length && html`<p class="hint">${HINTS[state]}</p>`}
      <ol>
        ${captions.map((caption, index) => html`
          <${Caption} key=${caption.id} caption=${caption} last=${index === captions.length - 1} />
        `)}
      </ol>
    </div>
  `;
}

/** @param {{caption: import("./captions.js").Caption, last: boolean}} props */
function Caption({ caption, last }) {
  const { role, final, cut, playing, latency, text } = caption;
  if (!text && (final || !last)) return null; // a cough, taken for a word
  const { heard, unheard } = split(caption);
  return html`
    <li class="${role} ${final ? "final" : "interim"}" data-item=${caption.id}>
      <span class="who">${role === "user" ? "You" : "Assistant"}</span>
      <p>
        <span class="heard">${heard || (text ? "" : "…")}</span>
        ${unheard && (playing ? html` <span class="ahead">${unheard}</span>` : html` <del>${unheard}</del>`)}
        ${cut && html` <span class="cut">(interrupted)</span>`}
      </p>
      ${latency && html`<${LatencyBar} latency=${latency} />`}
    </li>
  `;
}

/** @param {{latency: import("./latency.js").Latency}} props */
function LatencyBar({ latency }) {
  const { total_ms: total, phases } = inWholeMs(latency);
  const widest = Math.max(BAR_MS, total);
  return html`
    <figure class="latency">
      <div class="bar" aria-hidden="true">
        ${phases.map(({ name, ms }) => html`
          <span class=${name} style=${{ width: `${(100 * ms) / widest}%` }}></span>
        `)}
      </div>
      <figcaption>
        <span><strong>${total} ms</strong> to answer</span>
        ${phases.map(({ name, ms }) => html`
          <span class="phase ${name}">${PHASE_NAMES[name] ?? name} ${ms}</span>
        `)}
      </figcaption>
    </figure>
  `;
}

/** @param {{live: boolean, say: (text: string) => void}} props */
function TextBox({ live, say }) {
  return html`
    <form class="row text" onSubmit=${onText("text", say)}>
      <input
        name="text"
        aria-label="Message"
        placeholder=${live ? "Or type a message" : "Start a call to type"}
        autocomplete="off"
        maxlength="4000"
        disabled=${!live}
        required
      />
      <button disabled=${!live}>Send</button>
    </form>
  `;
}

/**
 * @param {string} field of a form, emptied once it was used
 * @param {(text: string) => void} use
 */
function onText(field, use) {
  /** @param {SubmitEvent} event */
  return (event) => {
    event.preventDefault();
    const form = /** @type {HTMLFormElement} */ (event.currentTarget);
    const text = String(new FormData(form).get(field)).trim();
    form.reset();
    if (text) use(text);
  };
}

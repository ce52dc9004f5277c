/** The page: its state in signals, what changes it, and the view that shows it. */

import { START, follow } from "./activity.js";
import { caption, hangUp } from "./captions.js";
import { RealtimeCall } from "./client.js";
import { Farewell, HANG_UP_TOOL } from "./farewell.js";
import { watchHealth } from "./health.js";
import { watchLevel } from "./meter.js";
import { CallProblem } from "./problems.js";
import { asJsonLines, expose, record } from "./trace.js";
import { computed, html, render, signal } from "./vendor/preact.js";
import { Page } from "./views.js";

const API_KEY = "rtcserver.api_key"; // in sessionStorage
const voice = /** @type {HTMLAudioElement} */ (document.getElementById("voice"));

// --- What the page knows ---

const call = signal(/** @type {RealtimeCall | null} */ (null));
const connected = signal(false);
const activity = signal(START);
const captions = signal(/** @type {import("./captions.js").Caption[]} */ ([]));
const problem = signal(/** @type {CallProblem | null} */ (null));
const health = signal(/** @type {import("./health.js").Health | null | undefined} */ (undefined));
const level = signal(0);

const state = computed(() => {
  if (connected.value) return activity.value.doing;
  if (call.value) return "connecting";
  return problem.value && problem.value.code !== "ended" ? "error" : "idle";
});

// --- What the caller does ---

function start() {
  const next = new RealtimeCall({ voice, apiKey: sessionStorage.getItem(API_KEY) ?? "" });
  const farewell = new Farewell(() => next.hangUp());
  let stopMeter = () => {};

  listen(next, "sent", (event) => record("sent", event));
  listen(next, "received", (event) => {
    if (event.type === "session.created" && next.microphone) {
      stopMeter = watchLevel(next.microphone, (value) => (level.value = value));
    }
    onEvent(next, event);
    farewell.handle(event);
  });
  listen(next, "muted", () => (problem.value = new CallProblem("autoplay")));
  listen(next, "ended", (reason) => {
    stopMeter();
    farewell.cancel();
    call.value = null;
    connected.value = false;
    captions.value = hangUp(captions.value);
    problem.value = reason;
  });

  problem.value = null;
  captions.value = [];
  activity.value = START;
  call.value = next;
  next.start();
}

function stop() {
  call.value?.hangUp();
}

/** @param {string} text */
function say(text) {
  const { response, playing } = activity.value;
  if (response) call.value?.send({ type: "response.cancel" });
  if (playing) call.value?.send({ type: "output_audio_buffer.clear" });
  const content = [{ type: "input_text", text }];
  call.value?.send({
    type: "conversation.item.create",
    item: { type: "message", role: "user", content },
  });
  call.value?.send({ type: "response.create" });
}

/** @param {string} key */
function unlock(key) {
  sessionStorage.setItem(API_KEY, key);
  start();
}

function hear() {
  problem.value = null;
  call.value?.playVoice();
}

// --- What the server says ---

/**
 * @param {RealtimeCall} call
 * @param {import("./client.js").RealtimeEvent} event
 */
function onEvent(call, event) {
  record("received", event);
  activity.value = follow(activity.value, event);
  captions.value = caption(captions.value, event);
  switch (event.type) {
    case "session.created":
      connected.value = true;
      lookAtHealth(); // this call counts now
      call.send({ type: "session.update", session: { type: "realtime", tools: [HANG_UP_TOOL] } });
      break;
    case "conversation.item.truncated": // its text is not in the event
      call.send({ type: "conversation.item.retrieve", item_id: event.item_id });
      break;
    case "response.done":
      if (event.response.status === "failed") {
        problem.value = new CallProblem("failed_reply", reasonOf(event.response));
      } else if (event.response.status === "completed" && problem.value?.code !== "autoplay") {
        problem.value = null;
      }
      break;
    case "error":
      // The answer may have ended on its own just before the page cancelled it.
      if (event.error.code === "response_cancel_not_active") break;
      problem.value = new CallProblem("server_error", event.error.message);
      break;
  }
}

/** @param {{status_details?: {error?: {message?: string, code?: string}} | null}} response */
function reasonOf({ status_details: details }) {
  return details?.error?.message ?? details?.error?.code ?? "";
}

/**
 * @param {EventTarget} target
 * @param {string} type
 * @param {(detail: any) => void} handle
 */
function listen(target, type, handle) {
  target.addEventListener(type, (event) => handle(/** @type {CustomEvent} */ (event).detail));
}

// --- From here on it runs ---

expose(() => state.value);
if (!navigator.mediaDevices) problem.value = new CallProblem("insecure");
addEventListener("pagehide", stop);
const lookAtHealth = watchHealth((answer) => (health.value = answer));

const actions = { start, stop, say, unlock, hear, copyEvents };
const facts = { state, captions, problem, health, level };
const page = /** @type {HTMLElement} */ (document.getElementById("page"));
render(html`<${Page} facts=${facts} actions=${actions} />`, page);

function copyEvents() {
  return navigator.clipboard.writeText(asJsonLines());
}

/**
 * A conversation held with @openai/agents-realtime, the same in Node and in the browser.
 * `sdk` is the package as a module, or the object that its bundle leaves in the window.
 */

import { TrackEar, WebSocketEar } from "./ears.js";

const PATIENCE_MS = 40_000;
const LOOK_EVERY_MS = 10;

export class Talk {
  toolCalls = [];
  errors = [];
  received = []; // every server event, with the time at which it came
  unparsed = new Set(); // types that the SDK's own schemas did not take

  /** `kind` is "webrtc" or "websocket"; `url` that of the server. */
  constructor(sdk, kind, url) {
    this.sdk = sdk;
    this.transport = transportOf(sdk, kind, url);
    const agent = new sdk.RealtimeAgent({ name: "porter", tools: [this.#door()] });
    this.session = new sdk.RealtimeSession(agent, { transport: this.transport });
    this.session.on("error", ({ error }) => this.errors.push(error?.message ?? error));
    this.transport.on("*", (event) => this.received.push({ ...event, at: performance.now() }));
    this.#watchForUnparsed();
    this.ear = kind === "webrtc" ? new TrackEar(this) : new WebSocketEar(this);
  }

  #door() {
    return this.sdk.tool({
      name: "open_door",
      description: "Open the door",
      parameters: { type: "object", properties: {}, required: [], additionalProperties: false },
      execute: async (input) => {
        this.toolCalls.push(input);
        return "the door is open";
      },
    });
  }

  /** An event comes first as "*", and then by its type if the SDK could read it. */
  #watchForUnparsed() {
    const unread = new Map();
    this.transport.on("*", ({ type }) => {
      if (type === "error") return; // comes again as an error of the SDK, and is kept there
      if (!unread.has(type)) {
        unread.set(type, 0);
        this.transport.on(type, () => unread.set(type, unread.get(type) - 1));
      }
      if (unread.get(type) > 0) this.unparsed.add(type);
      unread.set(type, unread.get(type) + 1);
    });
  }

  /** Resolves as soon as `condition()` is true. */
  async until(what, condition) {
    const deadline = performance.now() + PATIENCE_MS;
    while (!condition()) {
      if (performance.now() > deadline) {
        const types = this.received.map(({ type }) => type).filter((type) => !/delta/.test(type));
        throw new Error(`in vain: ${what}; ${JSON.stringify({ ...this.report(), types })}`);
      }
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
  }

  all(type) {
    return this.received.filter((event) => event.type === type);
  }

  report() {
    return {
      history: this.session.history.map(shown),
      toolCalls: this.toolCalls.length,
      errors: this.errors,
      unparsed: [...this.unparsed],
      callId: this.transport.callId,
    };
  }
}

function transportOf(sdk, kind, url) {
  if (kind === "webrtc") {
    return new sdk.OpenAIRealtimeWebRTC({
      baseUrl: `${url}/v1/realtime/calls`,
      audioElement: document.getElementById("voice"),
    });
  }
  const address = `${url.replace(/^http/, "ws")}/v1/realtime`;
  return new sdk.OpenAIRealtimeWebSocket({ url: address });
}

function shown(item) {
  if (item.type !== "message") return { type: item.type, name: item.name, output: item.output };
  const text = item.content.map((part) => part.transcript ?? part.text ?? "").join(" ");
  return { role: item.role, status: item.status, text };
}

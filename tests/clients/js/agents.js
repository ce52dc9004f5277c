/**
 * A conversation held with @openai/agents-realtime, the same in Node and in the browser.
 * `sdk` is the package as a module, or the object that its bundle leaves in the window.
 */

const PATIENCE_MS = 30_000;

export class Talk {
  toolCalls = [];
  errors = [];
  received = []; // every server event, as it came

  constructor(sdk, transport) {
    this.transport = transport;
    const openDoor = sdk.tool({
      name: "open_door",
      description: "Open the door",
      parameters: { type: "object", properties: {}, required: [], additionalProperties: false },
      execute: async (input) => {
        this.toolCalls.push(input);
        return "the door is open";
      },
    });
    const agent = new sdk.RealtimeAgent({ name: "porter", tools: [openDoor] });
    this.session = new sdk.RealtimeSession(agent, { transport });
    this.session.on("error", ({ error }) => this.errors.push(plain(error)));
    transport.on("*", (event) => this.received.push({ ...event, at: performance.now() }));
    this.#listenForParsed();
  }

  /** Event types that the SDK's own schemas did not take: it passes them on as unknown. */
  unparsed = new Set();

  #listenForParsed() {
    const waiting = new Map(); // by type: how many have come that are not parsed
    this.transport.on("*", ({ type }) => {
      if (type === "error") return; // passed on as one of its own, and kept above
      if (!waiting.has(type)) {
        waiting.set(type, 0);
        this.transport.on(type, () => waiting.set(type, waiting.get(type) - 1));
      }
      if (waiting.get(type) > 0) this.unparsed.add(type);
      waiting.set(type, waiting.get(type) + 1);
    });
  }

  /** Milliseconds until the session is usable. */
  async connect(options) {
    const start = performance.now();
    await this.session.connect(options);
    return performance.now() - start;
  }

  /** Resolves as soon as `condition()` is true, which every event may make so. */
  async until(what, condition) {
    const deadline = performance.now() + PATIENCE_MS;
    while (!condition()) {
      if (performance.now() > deadline) {
        const types = this.received.map(({ type }) => type);
        throw new Error(`not in time: ${what}; ${JSON.stringify({ ...this.report(), types })}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  async ask(text) {
    const before = this.count("response.done");
    this.session.sendMessage(text);
    await this.until(`an answer to ${text}`, () => this.count("response.done") > before);
  }

  count(type) {
    return this.received.filter((event) => event.type === type).length;
  }

  last(type) {
    return this.received.findLast((event) => event.type === type);
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

function shown(item) {
  if (item.type !== "message") return { type: item.type, name: item.name, output: item.output };
  const text = item.content.map((part) => part.transcript ?? part.text ?? "").join(" ");
  return { role: item.role, status: item.status, text };
}

function plain(error) {
  return error instanceof Error ? String(error) : error;
}

/** Ask for a sum by text, and have the door opened by a tool. */
export async function sumAndDoor(talk, options) {
  const connectMs = await talk.connect(options);
  await talk.ask("what is two plus three");
  await talk.ask("please open door");
  await talk.until("the tool's result is told", () => talk.count("response.done") > 2);
  return { connectMs, ...talk.report() };
}

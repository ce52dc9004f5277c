/** A telephone behind Twilio's Media Streams, as its WebSocket looks to an application. */

const FRAME_MS = 20;
const FRAME_BYTES = 160;
const SILENCE = 0xff; // of µ-law

export class Phone extends EventTarget {
  played = []; // bytes of µ-law that left the earpiece before the first clear
  cleared = 0;
  #queue = []; // bytes, and names of marks between them
  #speech = [];
  #timestamp = 0;
  #timer;

  /** Pick up: it plays and listens in real time from now on. */
  start() {
    const mediaFormat = { encoding: "audio/x-mulaw", sampleRate: 8000, channels: 1 };
    this.#tell({ event: "start", start: { streamSid: "MZ1", mediaFormat } });
    const begin = performance.now();
    this.#timer = setInterval(() => {
      while (this.#timestamp < performance.now() - begin) this.#tick();
    }, FRAME_MS / 2);
  }

  hangUp() {
    clearInterval(this.#timer);
    this.dispatchEvent(new Event("close"));
  }

  say(mulaw) {
    this.#speech.push(...mulaw);
  }

  /** What the application sends. */
  send(text) {
    const message = JSON.parse(text);
    if (message.event === "media") this.#queue.push(...Buffer.from(message.media.payload, "base64"));
    if (message.event === "mark") this.#queue.push(message.mark.name);
    if (message.event === "clear") this.#clear();
  }

  #clear() {
    this.cleared += 1;
    const marks = this.#queue.filter((thing) => typeof thing === "string");
    this.#queue = [];
    marks.forEach((name) => this.#mark(name)); // Twilio sends those that are left back at once
  }

  #tick() {
    for (let bytes = 0; bytes < FRAME_BYTES && this.#queue.length; ) {
      const thing = this.#queue.shift();
      if (typeof thing === "string") this.#mark(thing);
      else {
        bytes += 1;
        if (!this.cleared) this.played.push(thing);
      }
    }
    const heard = this.#speech.splice(0, FRAME_BYTES);
    const frame = Buffer.alloc(FRAME_BYTES, SILENCE);
    frame.set(heard);
    const media = { payload: frame.toString("base64"), timestamp: String(this.#timestamp) };
    this.#tell({ event: "media", media });
    this.#timestamp += FRAME_MS;
  }

  #mark(name) {
    this.#tell({ event: "mark", mark: { name } });
  }

  #tell(message) {
    this.dispatchEvent(new MessageEvent("message", { data: JSON.stringify(message) }));
  }
}

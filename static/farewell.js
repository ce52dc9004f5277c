/** Lets the assistant end the call, but not before its goodbye was heard. */

const GOODBYE_LIMIT_MS = 10_000;
const STILL_BUFFERED_MS = 500; // the server has sent its last sample; the browser plays a little later

export const HANG_UP_TOOL = {
  type: "function",
  name: "hang_up",
  description: "End the call after saying goodbye",
  parameters: { type: "object", properties: {} },
};

/** Watches the events of one call; calls `hangUp` once the tool was called and the voice is done. */
export class Farewell {
  #hangUp;
  #response = ""; // the one that called the tool
  #played = ""; // the last one whose voice began
  #playing = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} runs from the end of that response */
  #limit;

  /** @param {() => void} hangUp */
  constructor(hangUp) {
    this.#hangUp = hangUp;
  }

  /** @param {import("./client.js").RealtimeEvent} event */
  handle(event) {
    switch (event.type) {
      case "response.output_item.done":
        if (isHangUp(event.item)) this.#response = event.response_id;
        break;
      case "output_audio_buffer.started":
        this.#played = event.response_id;
        this.#playing = true;
        break;
      case "output_audio_buffer.stopped":
        this.#playing = false;
        if (this.#limit) this.#finishIn(STILL_BUFFERED_MS);
        break;
      case "output_audio_buffer.cleared": // the caller has more to say
        this.#playing = false;
        this.cancel();
        break;
      case "response.done":
        if (event.response.id === this.#response) this.#awaitVoice(event.response);
        break;
    }
  }

  cancel() {
    clearTimeout(this.#limit);
    this.#limit = undefined;
    this.#response = "";
  }

  /** @param {{id: string, status: string, output: {type: string}[]}} response */
  #awaitVoice({ id, status, output }) {
    if (status !== "completed") return this.cancel();
    const toCome = this.#played !== id && output.some((item) => item.type === "message");
    if (!this.#playing && !toCome) return this.#finish();
    this.#finishIn(GOODBYE_LIMIT_MS);
  }

  /** @param {number} ms */
  #finishIn(ms) {
    clearTimeout(this.#limit);
    this.#limit = setTimeout(() => this.#finish(), ms);
  }

  #finish() {
    this.cancel();
    this.#hangUp();
  }
}

/** @param {{type: string, name?: string, status?: string}} item */
function isHangUp({ type, name, status }) {
  return type === "function_call" && name === HANG_UP_TOOL.name && status === "completed";
}

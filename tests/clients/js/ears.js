/** What the listener of a Talk has heard of the first answer that is interrupted. */

const BYTES_PER_MS = 48; // PCM of 24 kHz

/** Audio comes in events; the application plays it at once, and stops when the SDK says so. */
export class WebSocketEar {
  #bytes = [];
  #startedAt = null;
  #cutMs = Infinity;

  constructor({ transport }) {
    transport.on("audio", ({ data }) => {
      this.#startedAt ??= performance.now();
      if (this.#cutMs === Infinity) this.#bytes.push(...new Uint8Array(data));
    });
    transport.on("audio_interrupted", () => {
      this.#cutMs = Math.min(this.#cutMs, this.heardMs());
    });
  }

  heardMs() {
    if (this.#startedAt === null) return 0;
    return Math.min(performance.now() - this.#startedAt, this.#bytes.length / BYTES_PER_MS);
  }

  /** PCM, as base64. */
  sound() {
    const heard = this.#bytes.slice(0, 2 * Math.floor((this.#cutMs * BYTES_PER_MS) / 2));
    return btoa(heard.map((byte) => String.fromCharCode(byte)).join(""));
  }
}

/** Audio comes on a track, which somebody else records. */
export class TrackEar {
  #talk;

  constructor(talk) {
    this.#talk = talk;
  }

  heardMs() {
    const [started] = this.#talk.all("output_audio_buffer.started");
    return started ? performance.now() - started.at : 0;
  }

  sound() {
    return null;
  }
}

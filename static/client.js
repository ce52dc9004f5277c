/** One voice call with a server that speaks the OpenAI Realtime API over WebRTC. */

import { CallProblem, problemOfMicrophone, problemOfAnswer } from "./problems.js";

/** @typedef {{type: string} & Record<string, any>} RealtimeEvent */

const CALLS_URL = "v1/realtime/calls";
const ANSWER_LIMIT_MS = 15_000;
const CONNECT_LIMIT_MS = 15_000;
const HANG_UP_LIMIT_MS = 5_000;

/**
 * A call lives once: start(), then hangUp(). It dispatches CustomEvents:
 *   "received"  detail: the server event, parsed
 *   "sent"      detail: the client event
 *   "muted"     the browser plays no sound before a tap; call playVoice() in one
 *   "ended"     detail: the CallProblem that ended it, or null after hangUp(); the last one
 */
export class RealtimeCall extends EventTarget {
  #voice;
  /** @type {Record<string, string>} */
  #headers = {};
  #peer = new RTCPeerConnection();
  #channel = this.#peer.createDataChannel("oai-events");
  #over = new AbortController();
  #url = "";
  /** @type {MediaStream | null} open while the call lives */
  microphone = null;

  /** @param {{voice: HTMLAudioElement, apiKey: string}} options an empty key sends none */
  constructor({ voice, apiKey }) {
    super();
    this.#voice = voice;
    if (apiKey) this.#headers.Authorization = `Bearer ${apiKey}`;
    this.#watchPeer();
    this.#watchChannel();
  }

  /** Connect. Never throws: a call that fails dispatches "ended". */
  async start() {
    try {
      await this.#openMicrophone();
      const answer = await this.#exchange(await this.#makeOffer());
      await this.#peer.setRemoteDescription({ type: "answer", sdp: answer });
      const limit = setTimeout(() => this.#end(this.#unconnected()), CONNECT_LIMIT_MS);
      this.#channel.addEventListener("open", () => clearTimeout(limit));
      this.#over.signal.addEventListener("abort", () => clearTimeout(limit));
    } catch (error) {
      this.#end(error instanceof CallProblem ? error : new CallProblem("broken", String(error)));
    }
  }

  /** @param {RealtimeEvent} event dropped when the call is not connected */
  send(event) {
    if (this.#channel.readyState !== "open") return;
    this.#channel.send(JSON.stringify(event));
    this.#dispatch("sent", event);
  }

  /** Play what the other side says; a browser may want a tap for it. */
  async playVoice() {
    try {
      await this.#voice.play();
    } catch (error) {
      if (/** @type {Error} */ (error).name === "NotAllowedError") this.#dispatch("muted", null);
    }
  }

  /** End the call here at once, and tell the server. */
  async hangUp() {
    const url = this.#url;
    this.#end(null);
    if (!url) return;
    const request = { method: "POST", headers: this.#headers, keepalive: true };
    const signal = AbortSignal.timeout(HANG_UP_LIMIT_MS);
    // The server also notices that the connection is gone, so a failure changes nothing.
    await fetch(`${url}/hangup`, { ...request, signal }).catch(() => {});
  }

  async #openMicrophone() {
    if (!navigator.mediaDevices) throw new CallProblem("insecure");
    const audio = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };
    const stream = await navigator.mediaDevices.getUserMedia({ audio }).catch((error) => {
      throw problemOfMicrophone(error);
    });
    this.microphone = stream;
    if (this.#over.signal.aborted) return stopTracks(stream);
    for (const track of stream.getTracks()) {
      track.addEventListener("ended", () => this.#end(new CallProblem("mic_missing")));
      this.#peer.addTrack(track, stream);
    }
  }

  async #makeOffer() {
    const offer = await this.#peer.createOffer();
    await this.#peer.setLocalDescription(offer);
    return offer.sdp ?? "";
  }

  /** @param {string} offer @returns {Promise<string>} the server's answer */
  async #exchange(offer) {
    const response = await fetch(`${CALLS_URL}?rtc_events=1`, {
      method: "POST",
      headers: { "Content-Type": "application/sdp", ...this.#headers },
      body: offer,
      signal: AbortSignal.any([this.#over.signal, AbortSignal.timeout(ANSWER_LIMIT_MS)]),
    }).catch(() => {
      throw new CallProblem("server_down");
    });
    if (!response.ok) throw await problemOfAnswer(response);
    this.#url = new URL(response.headers.get("Location") ?? "", response.url).href;
    return response.text();
  }

  #watchPeer() {
    this.#peer.addEventListener("track", ({ streams }) => {
      this.#voice.srcObject = streams[0];
      this.playVoice();
    });
    this.#peer.addEventListener("connectionstatechange", () => {
      if (this.#peer.connectionState !== "failed") return;
      const wasOpen = this.#channel.readyState !== "connecting";
      this.#end(wasOpen ? new CallProblem("lost") : this.#unconnected());
    });
  }

  #watchChannel() {
    this.#channel.addEventListener("message", ({ data }) => {
      this.#dispatch("received", JSON.parse(data));
    });
    this.#channel.addEventListener("close", () => this.#end(new CallProblem("ended")));
  }

  #unconnected() {
    const here = candidateTypes(this.#peer.localDescription);
    const there = candidateTypes(this.#peer.remoteDescription);
    return new CallProblem("ice_failed", `Tried: ${here} here, ${there} on the server.`);
  }

  /** @param {CallProblem | null} problem */
  #end(problem) {
    if (this.#over.signal.aborted) return;
    this.#over.abort();
    if (this.microphone) stopTracks(this.microphone);
    this.#channel.close();
    this.#peer.close();
    this.#voice.srcObject = null;
    this.#dispatch("ended", problem);
  }

  /** @param {string} type @param {unknown} detail */
  #dispatch(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

/** @param {MediaStream} stream */
function stopTracks(stream) {
  for (const track of stream.getTracks()) track.stop();
}

/** @param {RTCSessionDescription | null} description @returns {string} such as "host, srflx" */
function candidateTypes(description) {
  const found = description?.sdp.matchAll(/^a=candidate:.* typ (\w+)/gm) ?? [];
  return [...new Set(Array.from(found, ([, type]) => type))].join(", ") || "no address";
}

/** What can go wrong with a call, and what its user can do about it. */

const port = location.port || "8080";

/** @type {Record<string, {title: string, advice: string}>} */
const PROBLEMS = {
  insecure: {
    title: "The browser gives this page no microphone",
    advice:
      `Microphones need https or localhost. On the server's machine open http://localhost:${port}. ` +
      `From another one run: ssh -L ${port}:localhost:${port} ${location.hostname || "SERVER"} and open ` +
      `http://localhost:${port}, or start the server with --tls auto and open https://${location.host}.`,
  },
  mic_refused: {
    title: "The microphone is blocked",
    advice:
      "Allow the microphone for this page (the icon beside the address), and in the system's " +
      "privacy settings, then press Start.",
  },
  mic_missing: {
    title: "No microphone found",
    advice: "Plug one in, or switch it on in the system's sound settings, then press Start.",
  },
  mic_busy: {
    title: "The microphone is busy",
    advice: "Close the other program or tab that uses it, then press Start.",
  },
  server_down: {
    title: "The server does not answer",
    advice: "Check that rtcserver is running and that the network reaches it, then press Start.",
  },
  unauthorized: {
    title: "This server wants an API key",
    advice: "Enter one of its keys. It is kept until this tab is closed.",
  },
  full: {
    title: "The server is full",
    advice: "Wait until another call ends, then press Start.",
  },
  refused: {
    title: "The server refused the call",
    advice: "Its words below say why. Reload the page and try again.",
  },
  ice_failed: {
    title: "No path for the audio",
    advice:
      "The server answered, but no audio connection came up. UDP between this machine and the server " +
      "must be open: check firewalls and VPNs; a container needs host networking or its UDP ports " +
      "published. Then press Start.",
  },
  lost: {
    title: "The connection was lost",
    advice: "Check the network and that the server still runs, then press Start.",
  },
  autoplay: {
    title: "The browser keeps the voice silent",
    advice: "It plays sound only after a tap.",
  },
  ended: { title: "The server ended the call", advice: "Press Start to call again." },
  failed_reply: {
    title: "The last answer failed",
    advice: "The call goes on: say it again, or look at the services above.",
  },
  server_error: { title: "The server reports an error", advice: "The call goes on." },
  broken: {
    title: "The call could not be set up",
    advice: "Reload the page; if it stays, try another browser.",
  },
};

/** A reason for which a call ended or falters; `code` is a key of PROBLEMS. */
export class CallProblem extends Error {
  /** @param {string} code @param {string} detail words of the server or the browser */
  constructor(code, detail = "") {
    super(PROBLEMS[code].title);
    this.code = code;
    this.advice = PROBLEMS[code].advice;
    this.detail = detail;
  }
}

/** @type {Record<string, string>} https://w3c.github.io/mediacapture-main/#dom-mediadevices-getusermedia */
const MICROPHONE_ERRORS = {
  NotAllowedError: "mic_refused",
  SecurityError: "mic_refused",
  NotFoundError: "mic_missing",
  NotReadableError: "mic_busy",
  AbortError: "mic_busy",
};

/** @param {Error} error of getUserMedia */
export function problemOfMicrophone(error) {
  const code = MICROPHONE_ERRORS[error.name];
  return code ? new CallProblem(code) : new CallProblem("broken", String(error));
}

/** @param {Response} response one that is not ok */
export async function problemOfAnswer(response) {
  const code = { 401: "unauthorized", 503: "full" }[response.status] ?? "refused";
  const body = await response.json().catch(() => null);
  return new CallProblem(code, body?.error?.message ?? `HTTP status ${response.status}`);
}

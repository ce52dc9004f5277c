/** Conversations held with @pipecat-ai/client-js; each begins a call, and returns what was told. */

import { PipecatClient } from "@pipecat-ai/client-js";
import { SmallWebRTCTransport, WavMediaManager } from "@pipecat-ai/small-webrtc-transport";

const PATIENCE_MS = 40_000;
const LOOK_EVERY_MS = 10;

const SUM = "what is two plus three";
const DOOR = {
  type: "function",
  name: "open_door",
  description: "Open the door",
  parameters: { type: "object", properties: {} },
};
const WATCHED = [
  ...["onBotReady", "onBotDisconnected", "onDisconnected", "onError", "onMessageError"],
  ...["onUserStartedSpeaking", "onUserStoppedSpeaking", "onUserTranscript", "onUserLlmText"],
  ...["onBotStartedSpeaking", "onBotStoppedSpeaking", "onBotTranscript", "onBotOutput"],
  ...["onBotLlmStarted", "onBotLlmText", "onBotLlmStopped"],
  ...["onBotTtsStarted", "onBotTtsText", "onBotTtsStopped"],
  ...["onLLMFunctionCallStarted", "onLLMFunctionCallInProgress", "onLLMFunctionCallStopped"],
  ...["onServerMessage", "onMetrics"],
];

class Talk {
  told = []; // {name, data, at}: each callback, with the time at which it came

  constructor() {
    const callbacks = Object.fromEntries(
      WATCHED.map((name) => [
        name,
        (data) => this.told.push({ name: name.slice(2), data, at: performance.now() }),
      ]),
    );
    callbacks.onTrackStarted = (track, participant) => {
      if (track.kind === "audio" && !participant?.local) {
        document.getElementById("voice").srcObject = new MediaStream([track]);
      }
    };
    this.client = new PipecatClient({
      // Its other media manager loads a script of Daily's.
      transport: new SmallWebRTCTransport({ mediaManager: new WavMediaManager() }),
      enableMic: true,
      enableCam: false,
      callbacks,
    });
  }

  all(name) {
    return this.told.filter((entry) => entry.name === name);
  }

  /** Resolves as soon as there are `count` of these. */
  async until(name, count, fits = () => true) {
    const deadline = performance.now() + PATIENCE_MS;
    while (this.all(name).filter(({ data }) => fits(data)).length < count) {
      if (performance.now() > deadline) {
        throw new Error(`in vain: ${count} × ${name}; ${JSON.stringify(this.told.slice(-40))}`);
      }
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
  }
}

/** Ask by text: to be answered by voice, in writing, and by a function of this page. */
async function byText(talk, url) {
  const { client } = talk;
  await client.startBotAndConnect({ endpoint: `${url}/start` });
  await client.sendText(SUM);
  await talk.until("BotStoppedSpeaking", 1);
  await client.sendText(SUM, { audio_response: false });
  await talk.until("BotLlmStopped", 2);

  client.registerFunctionCallHandler("open_door", async () => "the door is open");
  await client.sendClientRequest("session.update", {
    session: { type: "realtime", tools: [DOOR] },
  });
  await client.sendText("please open door");
  await talk.until("BotOutput", 1, ({ text }) => text.includes("the door is open"));

  const refusal = await client.sendClientRequest("weather", {}).catch(({ data }) => data.error);
  await client.disconnect();
  return { refusal, state: client.state };
}

/** The caller asks for a story, and speaks into it; then the bot is sent away. */
async function byVoice(talk, url) {
  const { client } = talk;
  await client.connect({ webrtcRequestParams: { endpoint: `${url}/api/offer` } });
  await talk.until("BotStartedSpeaking", 1);
  await talk.until("UserTranscript", 2, ({ final }) => final);
  await talk.until("BotStoppedSpeaking", 2);
  client.disconnectBot();
  await talk.until("BotDisconnected", 1);
  await client.disconnect();
  return { state: client.state };
}

export async function hold(name, url) {
  const talk = new Talk();
  const found = await { byText, byVoice }[name](talk, url);
  return { ...found, told: talk.told };
}

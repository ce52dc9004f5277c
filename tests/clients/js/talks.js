/** What is talked about: each begins a call, and returns what came of it. */

const HEARD_MS = 3_000; // before an answer is interrupted
const CHUNK_MS = 40;
const CHUNK_BYTES = 48 * CHUNK_MS;

/** Ask for a sum by text, and have the door opened by a tool. */
export async function sumAndDoor(talk, apiKey) {
  await talk.session.connect({ apiKey });
  talk.session.sendMessage("what is two plus three");
  await talk.until("the sum", () => talk.all("response.done").length === 1);
  talk.session.sendMessage("please open door");
  await talk.until("what the tool did", () => talk.all("response.done").length === 3);
  return talk.report();
}

/** The SDK's own call cuts a long answer short. */
export async function interruptedByCall(talk, apiKey) {
  await talk.session.connect({ apiKey });
  await countAloud(talk);
  talk.session.interrupt();
  return whatWasHeard(talk);
}

/** The caller speaks into a long answer: by the microphone, or with `speech` (base64 of PCM). */
export async function interruptedBySpeech(talk, apiKey, speech) {
  await talk.session.connect({ apiKey });
  await countAloud(talk);
  const hush = speech ? speak(talk, speech) : () => {};
  await talk.until("an answer to it", () => talk.all("response.done").length === 2);
  hush();
  return whatWasHeard(talk);
}

async function countAloud(talk) {
  talk.session.sendMessage("count from one to one hundred");
  await talk.until("some numbers", () => talk.ear.heardMs() > HEARD_MS);
}

/** Send it as a microphone does, then silence, until the returned function is called. */
function speak({ session, sdk }, speech) {
  const pcm = new Uint8Array(sdk.utils.base64ToArrayBuffer(speech));
  const start = performance.now();
  let sent = 0;
  const timer = setInterval(() => {
    for (; sent * CHUNK_MS < performance.now() - start; sent++) {
      const chunk = new Uint8Array(CHUNK_BYTES);
      chunk.set(pcm.slice(sent * CHUNK_BYTES, (sent + 1) * CHUNK_BYTES));
      session.sendAudio(chunk.buffer);
    }
  }, CHUNK_MS / 2);
  return () => clearInterval(timer);
}

/** Of the answer that was cut: what was said, and how much of it each side believes was heard. */
async function whatWasHeard(talk) {
  const cuts = () => talk.all("conversation.item.truncated");
  await talk.until("a cut", () => cuts().length > 0);
  const { item_id } = cuts()[0];
  talk.transport.sendEvent({ type: "conversation.item.retrieve", item_id });
  // The SDK asks after every cut, and we have asked once more.
  const retrieved = () =>
    talk.all("conversation.item.retrieved").filter(({ item }) => item.id === item_id);
  await talk.until("the item", () => retrieved().length > cuts().length);
  const { item } = retrieved().at(-1);
  const kept = talk.session.history.find(({ itemId }) => itemId === item_id);
  const deltas = talk.all("response.output_audio_transcript.delta");
  return {
    said: deltas.filter((event) => event.item_id === item_id).map(({ delta }) => delta).join(""),
    server: item.content[0].transcript,
    client: kept.content[0].transcript,
    sound: talk.ear.sound(),
    startedAt: talk.all("output_audio_buffer.started")[0]?.at,
    cutAt: cuts().at(-1).at,
    ...talk.report(),
  };
}

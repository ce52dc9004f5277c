/** node firefox.mjs URL FIREFOX: a typed turn on the server's page, while the microphone hums. */

import puppeteer from "puppeteer-core";

const WAIT_MS = 15_000; // for each step
const HUM_PACKETS = 100; // 2 s: enough for a turn, were the hum taken for speech
const [url, executablePath] = process.argv.slice(2);
const extraPrefsFirefox = {
  "media.navigator.streams.fake": true, // a tone of 1 kHz, without end
  "media.navigator.permission.disabled": true,
  "media.autoplay.default": 0,
};
const limits = { timeout: WAIT_MS, protocolTimeout: WAIT_MS };
const browser = await puppeteer.launch({
  ...{ browser: "firefox", executablePath, headless: true, extraPrefsFirefox, ...limits },
});
try {
  console.log(JSON.stringify(await talk(await browser.newPage())));
} finally {
  await browser.close();
}

async function talk(page) {
  page.setDefaultTimeout(WAIT_MS);
  const complaints = [];
  const serious = (message) => ["error", "warn"].includes(message.type());
  page.on("console", (message) => serious(message) && complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(String(error)));
  await page.evaluateOnNewDocument(keepPeer);
  await page.goto(url);

  await button(page, "Start").click();
  await until("listening", async () => (await look(page)).state === "listening");
  await until("the hum", async () => (await look(page)).packets > HUM_PACKETS);
  const before = await look(page);
  await page.locator("input[name=text]").fill("what is two plus three");
  await button(page, "Send").click();
  await until("a voice", async () => (await look(page)).state === "speaking");
  const during = { ...(await look(page)), calls: await activeCalls() };
  await until("the end of it", async () => (await look(page)).state === "listening");
  const after = await look(page);

  await button(page, "Stop").click();
  await until("idle", () => page.evaluate(() => window.rtcserver.state === "idle"));
  // While the page is still open: Stop has ended the call, not the browser's end.
  await until("no call on the server", async () => (await activeCalls()) === 0);
  return { before, during, after, complaints };
}

async function activeCalls() {
  const health = await fetch(`${url}/health`, { signal: AbortSignal.timeout(WAIT_MS) });
  return (await health.json()).calls.active;
}

function button(page, name) {
  return page.locator(`::-p-aria([name="${name}"][role="button"])`);
}

/** Runs in the page, before its own scripts. */
function keepPeer() {
  window.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(...options) {
      super(...options);
      window.peer = this;
    }
  };
}

/** What can be seen and measured in a call. */
function look(page) {
  return page.evaluate(async () => {
    const stats = [...(await window.peer.getStats()).values()];
    const rtp = (type) => stats.find((found) => found.type === type);
    const captions = [...document.querySelectorAll("[role=log] li")];
    return {
      state: window.rtcserver.state,
      captions: captions.map((caption) => caption.querySelector("p").innerText.trim()),
      events: window.rtcserver.events.map(({ event }) => event.type),
      energy: rtp("inbound-rtp")?.totalAudioEnergy ?? 0,
      packets: rtp("outbound-rtp")?.packetsSent ?? 0,
      muted: document.getElementById("voice").paused,
    };
  });
}

async function until(what, condition) {
  const deadline = performance.now() + WAIT_MS;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

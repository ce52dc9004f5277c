/** The silence before an answer, split into its phases. */

/** @typedef {{total_ms: number, phases: {name: string, ms: number}[]}} Latency */

export const PHASE_NAMES = /** @type {Record<string, string>} */ ({
  endpointing: "turn end",
  stt: "STT",
  llm: "LLM",
  tts: "TTS",
  playout: "playout",
});

/**
 * Round to whole milliseconds such that the parts still add up to the total: each is rounded
 * down, and those with the largest remainders get what is missing.
 * @param {Latency} latency
 * @returns {Latency}
 */
export function inWholeMs({ total_ms, phases }) {
  const total = Math.round(total_ms);
  const missing = total - phases.reduce((sum, { ms }) => sum + Math.floor(ms), 0);
  const byRemainder = [...phases].sort((a, b) => (b.ms % 1) - (a.ms % 1));
  const raised = new Set(byRemainder.slice(0, Math.max(0, missing)));
  const whole = phases.map((phase) => ({
    name: phase.name,
    ms: Math.floor(phase.ms) + (raised.has(phase) ? 1 : 0),
  }));
  return { total_ms: total, phases: whole };
}

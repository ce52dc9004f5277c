/** How loud the microphone is. */

const FLOOR_DB = -60; // about the noise of a quiet room

/**
 * Call `show` with a level of 0 to 1 on every picture that is drawn.
 * @param {MediaStream} stream
 * @param {(level: number) => void} show
 * @returns {() => void} stops it and frees the audio device
 */
export function watchLevel(stream, show) {
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  context.createMediaStreamSource(stream).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  let picture = requestAnimationFrame(function measure() {
    analyser.getFloatTimeDomainData(samples);
    show(levelOf(samples));
    picture = requestAnimationFrame(measure);
  });
  return () => {
    cancelAnimationFrame(picture);
    context.close();
    show(0);
  };
}

/** @param {Float32Array} samples @returns {number} 0 at FLOOR_DB and below, 1 at full scale */
function levelOf(samples) {
  const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
  const db = 10 * Math.log10(power || Number.MIN_VALUE);
  return Math.min(1, Math.max(0, 1 - db / FLOOR_DB));
}

// A camera that turns white and a microphone that beeps at the same moment, each two seconds.
(() => {
  const canvas = document.createElement('canvas');
  canvas.width = 640;
  canvas.height = 360;
  const context = canvas.getContext('2d');
  let whiteUntil = 0;
  let shade = 0;
  const draw = () => {
    shade = (shade + 1) % 8;
    const white = performance.now() < whiteUntil;
    context.fillStyle = white ? '#fff' : `rgb(${shade},${shade},${shade})`;
    context.fillRect(0, 0, 640, 360);
    requestAnimationFrame(draw);
  };
  let audio = null;
  const listen = () => {
    audio = new AudioContext();
    const tone = audio.createOscillator();
    const gain = audio.createGain();
    const out = audio.createMediaStreamDestination();
    tone.frequency.value = 1000;
    gain.gain.value = 0;
    tone.connect(gain).connect(out);
    tone.start();
    setInterval(() => {
      whiteUntil = performance.now() + 120;
      gain.gain.setValueAtTime(0.5, audio.currentTime);
      gain.gain.setValueAtTime(0, audio.currentTime + 0.12);
    }, 2000);
    requestAnimationFrame(draw);
    return out.stream.getAudioTracks()[0];
  };
  let track = null;
  navigator.mediaDevices.getUserMedia = async (wanted) => {
    const stream = new MediaStream();
    if (wanted.audio) stream.addTrack((track ??= listen()).clone());
    if (wanted.video) stream.addTrack(canvas.captureStream(30).getVideoTracks()[0]);
    return stream;
  };
})();

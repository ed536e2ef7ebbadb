// A camera that an encoder cannot make small: 720p of coloured noise, 30 times a second.
(() => {
  const canvas = document.createElement('canvas');
  canvas.width = 1280;
  canvas.height = 720;
  const context = canvas.getContext('2d');
  let state = 20260720;
  const random = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 4294967296;
  };
  const draw = () => {
    for (let each = 0; each < 250; each += 1) {
      context.fillStyle = `hsl(${random() * 360} 90% ${20 + random() * 60}%)`;
      context.fillRect(random() * 1280, random() * 720, 24, 16);
    }
  };
  setInterval(draw, 33);
  const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = async (wanted) => {
    const stream = wanted.audio ? await real({ audio: wanted.audio }) : new MediaStream();
    if (wanted.video) stream.addTrack(canvas.captureStream(30).getVideoTracks()[0]);
    return stream;
  };
})();

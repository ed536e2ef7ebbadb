// Runs before any script of a page under test: what the page itself cannot tell a test.
// Every peer connection is remembered, and getStats is read from them, not from the page's own figures.
(() => {
  const Native = window.RTCPeerConnection;
  const all = [];
  window.RTCPeerConnection = class extends Native {
    constructor(...given) {
      super(...given);
      all.push(this);
    }
  };

  const rows = async (type) => {
    const found = [];
    for (const pc of all) {
      if (pc.signalingState === 'closed') continue;
      (await pc.getStats()).forEach((row) => row.type === type && found.push(row));
    }
    return found;
  };

  // Name of the person → identifier of the track whose picture their tile shows.
  const pictures = () => {
    const shown = {};
    document.querySelectorAll('[data-testid^="tile-"]').forEach((tile) => {
      const video = tile.querySelector('video');
      const track = video && video.srcObject && video.srcObject.getVideoTracks()[0];
      if (track && tile.dataset.own !== 'true') shown[tile.querySelector('.person b').textContent] = track.id;
    });
    return shown;
  };

  // Streams by what they carry: pictures by the name on their tile, sounds by their track.
  const streams = async () => {
    const names = Object.fromEntries(Object.entries(pictures()).map(([name, id]) => [id, name]));
    return (await rows('inbound-rtp')).map((row) => ({
      kind: row.kind,
      who: names[row.trackIdentifier] || null,
      track: row.trackIdentifier,
      frames: row.framesDecoded || 0,
      energy: row.totalAudioEnergy || 0,
      packets: row.packetsReceived || 0,
      freezes: row.freezeCount || 0,
      concealed: row.concealedSamples || 0,
      samples: row.totalSamplesReceived || 0,
      fps: row.framesPerSecond || 0,
    }));
  };

  // How far the brightest and the darkest of a picture's pixels are apart, 0..255.
  const contrasts = () => {
    const found = {};
    document.querySelectorAll('[data-testid^="tile-"]').forEach((tile) => {
      const video = tile.querySelector('video');
      if (!video || tile.dataset.own === 'true' || !video.videoWidth) return;
      const canvas = document.createElement('canvas');
      canvas.width = 64;
      canvas.height = 36;
      const context = canvas.getContext('2d');
      context.drawImage(video, 0, 0, 64, 36);
      const { data } = context.getImageData(0, 0, 64, 36);
      let low = 255, high = 0;
      for (let at = 0; at < data.length; at += 4) {
        const light = (data[at] + data[at + 1] + data[at + 2]) / 3;
        low = Math.min(low, light);
        high = Math.max(high, light);
      }
      found[tile.querySelector('.person b').textContent] = high - low;
    });
    return found;
  };

  // One sample of all streams each second, for so many seconds.
  const observe = (seconds) =>
    new Promise((done) => {
      const series = [];
      const sample = async () => {
        series.push(await streams());
        if (series.length > seconds) done(series);
        else setTimeout(sample, 1000);
      };
      sample();
    });

  // The longest time between two frames shown of each picture, ms, over so many seconds.
  const gaps = (seconds) =>
    new Promise((done) => {
      const longest = {};
      const started = performance.now();
      let open = true;
      document.querySelectorAll('[data-testid^="tile-"]').forEach((tile) => {
        const video = tile.querySelector('video');
        if (!video || tile.dataset.own === 'true') return;
        const name = tile.querySelector('.person b').textContent;
        let last = started;
        longest[name] = 0;
        const frame = (now) => {
          longest[name] = Math.max(longest[name], now - last);
          last = now;
          if (open) video.requestVideoFrameCallback(frame);
        };
        video.requestVideoFrameCallback(frame);
        setTimeout(() => (longest[name] = Math.max(longest[name], performance.now() - last)), seconds * 1000);
      });
      setTimeout(() => {
        open = false;
        done(longest);
      }, seconds * 1000 + 50);
    });

  const outgoing = async () => (await rows('outbound-rtp')).map(({ kind, targetBitrate, framesSent, frameWidth }) => ({ kind, targetBitrate, framesSent, frameWidth }));

  window.probe = { streams, contrasts, observe, gaps, outgoing, connections: () => all.length, loadedAt: performance.timeOrigin };
})();

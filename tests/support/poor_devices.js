// Devices as the test wants them: `poor` is set before by another script,
// source → name of the error that asking for it gives; or what the browser itself lacks.
(() => {
  const poor = window.poorDevices || {};
  if (poor.browser === 'too_old') {
    delete window.RTCPeerConnection;
    return;
  }
  if (poor.browser === 'insecure') Object.defineProperty(window, 'isSecureContext', { value: false });
  const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = async (wanted) => {
    const name = (wanted.video && poor.camera) || (wanted.audio && poor.microphone);
    if (name) throw new DOMException('as the test wants it', name);
    return real(wanted);
  };
})();

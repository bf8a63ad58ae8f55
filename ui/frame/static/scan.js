/* Scanning with a camera or a picture, loaded when somebody first presses the camera button (keyboard.js).
   What was read goes out as the event "scanned", and keyboard.js does with it what it does with a keyboard scanner's.
   The reader is zxing-wasm, from our own server: no other machine is asked. */

const PAUSE = 150; /* milliseconds between two looks at the picture */
const LARGEST = 1600; /* pixels of a photograph's longer side: enough for a label, quick on a telephone */

let ready = null;
let watching = null;

function reader(dialog) {
  ready ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = dialog.dataset.reader;
    script.onload = () => {
      const locateFile = (path, prefix) => (path.endsWith(".wasm") ? dialog.dataset.wasm : prefix + path);
      window.ZXingWASM.prepareZXingModule({ overrides: { locateFile } });
      resolve(window.ZXingWASM);
    };
    script.onerror = () => { ready = null; reject(new Error("reader")); };
    document.head.append(script);
  });
  return ready;
}

async function read(dialog, source, width, height) {
  const canvas = document.createElement("canvas");
  const scale = Math.min(1, LARGEST / Math.max(width, height));
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  pen.drawImage(source, 0, 0, canvas.width, canvas.height);
  const zxing = await reader(dialog);
  const found = await zxing.readBarcodes(pen.getImageData(0, 0, canvas.width, canvas.height), { tryHarder: true, maxNumberOfSymbols: 1 });
  return found.find((one) => one.isValid && one.text)?.text ?? "";
}

function say(dialog, what) {
  dialog.querySelector("[data-said]").textContent = dialog.dataset[what];
}

function stop(dialog) {
  watching = null;
  const video = dialog.querySelector("video");
  video.srcObject?.getTracks().forEach((track) => track.stop());
  video.srcObject = null;
  video.hidden = true;
}

function done(dialog, text) {
  dialog.close();
  document.dispatchEvent(new CustomEvent("scanned", { detail: text }));
}

async function watch(dialog) {
  const video = dialog.querySelector("video");
  const mine = {};
  watching = mine;
  if (!navigator.mediaDevices?.getUserMedia) { say(dialog, "none"); return; } /* browsers ask for https */
  let stream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment", width: { ideal: 1280 } }, audio: false });
  } catch {
    say(dialog, "none");
    return;
  }
  if (watching !== mine) { stream.getTracks().forEach((track) => track.stop()); return; } /* closed meanwhile */
  video.srcObject = stream;
  video.hidden = false;
  await video.play();
  say(dialog, "looking");
  while (watching === mine) {
    try {
      const text = video.videoWidth ? await read(dialog, video, video.videoWidth, video.videoHeight) : "";
      if (text && watching === mine) { done(dialog, text); return; }
    } catch {
      say(dialog, "broken");
      stop(dialog);
      return;
    }
    await new Promise((resolve) => { setTimeout(resolve, PAUSE); });
  }
}

async function picture(dialog, file) {
  if (!file) return;
  say(dialog, "reading");
  try {
    const image = await createImageBitmap(file);
    const text = await read(dialog, image, image.width, image.height);
    if (text) done(dialog, text);
    else say(dialog, "nothing");
  } catch {
    say(dialog, "nothing");
  }
}

export function open(dialog) {
  if (!dialog.dataset.wired) {
    dialog.dataset.wired = "1";
    dialog.addEventListener("close", () => stop(dialog));
    dialog.querySelector("input[type=file]").addEventListener("change", (event) => {
      picture(dialog, event.target.files[0]);
      event.target.value = ""; /* the same picture may be tried again */
    });
  }
  say(dialog, "starting");
  dialog.showModal();
  watch(dialog);
}

// ---- work in slices, and packed data ----

const SLICE = 12; // milliseconds of work, then events have their turn
const KEPT = 60; // pieces of texts that stay unpacked

const turns = [];
const channel = new MessageChannel();
channel.port1.onmessage = () => turns.shift()();
let sliceEnd = 0;

// Lets events have their turn, and begins a slice.
async function breathe() {
  await new Promise((resolve) => {
    turns.push(resolve);
    channel.port2.postMessage(null);
  });
  sliceEnd = performance.now() + SLICE;
}

function late() {
  return performance.now() > sliceEnd;
}

// Rows lie in the page in pieces, each compressed on its own and unpacked when it is needed: `about` (JSON), a column of
// whole numbers each, and `rows-0`, `rows-1` … (JSON) with the texts of so many rows each.
class Pieces {
  constructor(name) {
    this.name = name;
    this.kept = new Map();
  }

  async unpack(key) {
    if (typeof DecompressionStream === "undefined") throw new Error("it cannot unpack compressed data");
    const place = document.getElementById(`${this.name}-${key}-data`);
    if (place === null) throw new Error("a part of its data is missing");
    if (late()) await breathe();
    const text = place.textContent;
    let bytes;
    if (Uint8Array.fromBase64) bytes = Uint8Array.fromBase64(text);
    else {
      const packed = atob(text);
      bytes = new Uint8Array(packed.length);
      for (let place = 0; place < packed.length; place++) bytes[place] = packed.charCodeAt(place);
    }
    return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip")));
  }

  async json(key) {
    const text = await (await this.unpack(key)).text();
    if (late()) await breathe();
    return JSON.parse(text);
  }

  // Whole numbers of `size` bytes each.
  async numbers(key, size) {
    const buffer = await (await this.unpack(key)).arrayBuffer();
    return new { 1: Uint8Array, 2: Uint16Array, 4: Uint32Array }[size](buffer);
  }

  // Texts of a piece of rows.
  texts(number) {
    const found = this.kept.get(number) ?? this.json(`rows-${number}`);
    this.kept.delete(number);
    this.kept.set(number, found);
    if (this.kept.size > KEPT) this.kept.delete(this.kept.keys().next().value);
    return found;
  }
}

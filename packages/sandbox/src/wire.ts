/** Envelopes on a byte stream: packs the text of many frames into one write, and finds envelopes in what was read. */
import type { Duplex } from "node:stream";
import { isStringOneByteRepresentation } from "node:v8";

import { ENVELOPE_BYTES_MAX, ENVELOPE_CHARS_SOFT, ENVELOPE_HEAD_BYTES, ProtocolError } from "./protocol.ts";

/** One envelope as bytes. */
export function encodeEnvelope(text: string): Buffer {
  // V8 knows how a string is stored; a two-byte string with one-byte content costs bytes, nothing else.
  const isOneByte = isStringOneByteRepresentation(text);
  const bytes = isOneByte ? text.length : text.length * 2;
  const envelope = Buffer.allocUnsafe(ENVELOPE_HEAD_BYTES + bytes);
  envelope.writeUInt32LE(bytes, 0);
  envelope[4] = isOneByte ? 0 : 1;
  envelope.write(text, ENVELOPE_HEAD_BYTES, isOneByte ? "latin1" : "utf16le");
  return envelope;
}

/** Collects frames and writes those of one event-loop turn together. */
export class FrameWriter {
  readonly #stream: Duplex;
  #text = "";
  #scheduled = false;

  constructor(stream: Duplex) {
    this.#stream = stream;
  }

  /** `text`: one or more whole frames, each with its token. */
  push(text: string): void {
    this.#text += text;
    if (this.#text.length > ENVELOPE_CHARS_SOFT) this.flush();
    else if (!this.#scheduled) {
      // setImmediate: flushing in a microtask or by nextTick costs a quarter of the throughput.
      this.#scheduled = true;
      setImmediate(this.#onImmediate);
    }
  }

  readonly #onImmediate = (): void => {
    this.#scheduled = false;
    this.flush();
  };

  flush(): void {
    if (this.#text === "") return;
    const text = this.#text;
    this.#text = "";
    if (this.#stream.writable) this.#stream.write(encodeEnvelope(text));
  }
}

/** Finds envelopes in chunks of bytes; gives the text of each. Throws `ProtocolError` on a broken one. */
export class EnvelopeReader {
  readonly #onText: (text: string) => void;
  #chunks: Buffer[] = [];
  #bytes = 0;
  /** Bytes of the envelope that is being collected; 0 while its head is not complete. */
  #wanted = 0;

  constructor(onText: (text: string) => void) {
    this.#onText = onText;
  }

  read(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    if (this.#bytes < this.#wanted) return;
    let data = this.#chunks.length === 1 ? chunk : Buffer.concat(this.#chunks, this.#bytes);
    this.#wanted = 0;
    while (data.length >= ENVELOPE_HEAD_BYTES) {
      const size = data.readUInt32LE(0);
      const flag = data[4] ?? 0;
      if (size > ENVELOPE_BYTES_MAX || flag > 1 || (flag === 1 && size % 2 === 1)) {
        throw new ProtocolError("broken envelope");
      }
      const end = ENVELOPE_HEAD_BYTES + size;
      if (data.length < end) {
        this.#wanted = end;
        break;
      }
      const text = data.toString(flag === 0 ? "latin1" : "utf16le", ENVELOPE_HEAD_BYTES, end);
      data = data.subarray(end);
      this.#onText(text);
    }
    this.#chunks = data.length === 0 ? [] : [data];
    this.#bytes = data.length;
  }
}

/**
 * The smallest parts of the search index: units of text, slices, packed text, front coding.
 *
 * `core/index/FORMAT.md` describes them. Units here are numbers of 15 bits in a Uint16Array. Not
 * here: how they are fetched (search-files.js), rows (search-rows.js), lists of documents
 * (search-postings.js).
 */
(function () {
  'use strict';

  /** What a unit of text is greater by than its 15 bits. */
  const FIRST_UNIT = 0x2100;

  /** Units of a checksum. */
  const CHECK = 2;

  /** Bytes of packed text before what is deflated. */
  const PACKED_HEAD = 3;

  /** Where the head of a file is said to lie, for its checksum. */
  const HEAD_PLACE = 0x3fffffff;

  const decoder = new TextDecoder();

  /** One step of FNV-1a, 32 bits. @type {(value: number, unit: number) => number} */
  const mix = (value, unit) => Math.imul(value ^ unit, 16777619);

  /**
   * The payload of a slice.
   *
   * @param {Uint16Array} units the whole slice
   * @param {string} key of its file
   * @param {number} place in its file, and the index's seal in it
   * @returns {Uint16Array | null} null when the checksum is another's
   */
  function openSlice(units, key, place) {
    let value = 0x811c9dc5 | 0;
    for (let i = 0; i < key.length; i++) {
      value = mix(value, key.charCodeAt(i));
    }
    value ^= place;
    for (let i = CHECK; i < units.length; i++) {
      value = mix(value, units[i]);
    }
    const isRight = units.length >= CHECK && (value & HEAD_PLACE) === ((units[0] << 15) | units[1]);
    return isRight ? units.subarray(CHECK) : null;
  }

  /** The whole bytes that units hold. @param {Uint16Array} units */
  function bytesOf(units) {
    const bytes = new Uint8Array((units.length * 15) >> 3);
    let held = 0;
    let bits = 0;
    let at = 0;
    for (let i = 0; i < units.length; i++) {
      held = (held << 15) | units[i];
      bits += 15;
      while (bits >= 8) {
        bits -= 8;
        bytes[at++] = held >> bits;
      }
      held &= (1 << bits) - 1;
    }
    return bytes;
  }

  /** A number of four bytes, the highest first. @type {(bytes: Uint8Array, at: number) => number} */
  function numberAt(bytes, at) {
    return new DataView(bytes.buffer, bytes.byteOffset + at).getUint32(0);
  }

  /** A number of three bytes, the highest first. @type {(bytes: Uint8Array, at: number) => number} */
  function sizeAt(bytes, at) {
    return (bytes[at] << 16) | (bytes[at + 1] << 8) | bytes[at + 2];
  }

  /** Text of raw deflate. @param {Uint8Array<ArrayBuffer>} bytes */
  async function inflate(bytes) {
    if (typeof DecompressionStream !== 'function') {
      throw new Error('this browser is too old for the search: it cannot unpack its index');
    }
    const stream = new DecompressionStream('deflate-raw');
    const writer = stream.writable.getWriter();
    const written = Promise.all([writer.write(bytes), writer.close()]);
    const [text] = await Promise.all([new Response(stream.readable).arrayBuffer(), written]);
    return decoder.decode(text);
  }

  /**
   * Packed text as what its JSON says, and the bytes after it.
   *
   * @param {Uint8Array<ArrayBuffer>} bytes
   * @returns {Promise<{content: unknown, rest: Uint8Array}>}
   */
  async function unpack(bytes) {
    const end = PACKED_HEAD + sizeAt(bytes, 0);
    const text = await inflate(bytes.subarray(PACKED_HEAD, end));
    return { content: JSON.parse(text), rest: bytes.subarray(end) };
  }

  /**
   * Expand front coded strings.
   *
   * @param {number[]} sames UTF-16 units shared with the one before
   * @param {string} rests in lines
   */
  function frontDecode(sames, rests) {
    let previous = '';
    const lines = rests.split('\n');
    return sames.map((same, i) => (previous = previous.slice(0, same) + lines[i]));
  }

  /** What was used last, up to a number of things. @template T */
  class Recent {
    /** @param {number} most */
    constructor(most) {
      this.most = most;
      /** @type {Map<string | number, T>} */
      this.kept = new Map();
    }

    /** @param {string | number} key @returns {T | undefined} */
    get(key) {
      const found = this.kept.get(key);
      if (found !== undefined) {
        this.kept.delete(key);
        this.kept.set(key, found);
      }
      return found;
    }

    /** @param {string | number} key @param {T} value */
    set(key, value) {
      this.kept.set(key, value);
      for (const oldest of this.kept.keys()) {
        if (this.kept.size <= this.most) {
          break;
        }
        this.kept.delete(oldest);
      }
    }
  }

  window.LaionSearchParts.units = {
    CHECK,
    FIRST_UNIT,
    HEAD_PLACE,
    Recent,
    bytesOf,
    frontDecode,
    numberAt,
    openSlice,
    sizeAt,
    unpack,
  };
})();

/**
 * The files of the search index: slices of them where the host answers ranges, else whole ones.
 *
 * Both are the same bytes. Here: whole files, loaded as scripts, which works from any host and from
 * disk; what is kept in memory, and who waits for what. Not here: ranges (search-ranges.js), what
 * slices hold (search-terms.js, search-documents.js, search-postings.js).
 */
(function () {
  'use strict';

  const parts = window.LaionSearchParts;
  const { FIRST_UNIT } = parts.units;
  const { HEAD, Ranges } = parts.ranges;

  /** Units of text kept for the next search of the same page, in bytes. */
  const CACHE_BYTES = 64 * 1024 * 1024;

  /** What follows the text of a script. */
  const TAIL = "');\n";

  /** Units of a script beside its text. */
  const FRAME = HEAD + TAIL.length;

  /** @param {string} kind @param {number} number */
  const keyOf = (kind, number) => kind + String(number).padStart(7, '0');

  /** @param {Wanted} wanted */
  const nameOf = ({ kind, number, start, units }) => `${kind}${number}:${start}:${units}`;

  /** @param {AbortSignal} signal */
  const reasonOf = (signal) => signal.reason ?? new DOMException('aborted', 'AbortError');

  class Files {
    /**
     * @param {string} base address of the index's folder, absolute
     * @param {number} seal in all checksums of this index
     */
    constructor(base, seal) {
      this.base = base;
      this.seal = seal;
      this.ranges = new Ranges(
        base,
        seal,
        (wanted, meter) => this.cut(wanted, meter),
        (wanted, body) => this.keep(wanted, body),
      );
      /** @type {Map<string, FileEntry>} the longest unused first */
      this.entries = new Map();
      this.bytes = 0;
      /** @type {Map<string, (data: unknown, bytes: number) => void>} scripts that are loading */
      this.waiting = new Map();
    }

    /**
     * A slice, checked.
     *
     * @param {Wanted} wanted
     * @param {Meter} meter counts it, unless it was here or on its way
     * @returns {Promise<Uint16Array>} what its check returned
     */
    slice(wanted, meter) {
      return this.share(nameOf(wanted), meter, meter.signal, (entry) => {
        const { ranges } = this;
        return ranges.work ? ranges.order(wanted, entry, meter) : this.cut(wanted, meter);
      });
    }

    /**
     * What a script holds: units as text, or what its JSON says. Loading goes on when its reader
     * is cancelled.
     *
     * @param {string} kind
     * @param {number} number
     * @param {Meter} meter
     * @param {AbortSignal | null} [signal]
     * @returns {Promise<unknown>}
     */
    script(kind, number, meter, signal = meter.signal) {
      const ask = (/** @type {FileEntry} */ entry) => this.load(kind, number, entry, meter);
      return this.share(`${kind}${number}`, meter, signal, ask);
    }

    /** Take what a script announces; what nobody waits for is ignored. @type {IndexFiles['receive']} */
    receive(key, data, bytes) {
      const take = this.waiting.get(key);
      this.waiting.delete(key);
      take?.(data, bytes);
    }

    /**
     * Whoever asks for the same thing while it is on its way or kept gets the same.
     *
     * @template T
     * @param {string} name
     * @param {Meter} meter
     * @param {AbortSignal | null} signal
     * @param {(entry: FileEntry) => Promise<T>} ask
     * @returns {Promise<T>}
     */
    share(name, meter, signal, ask) {
      let entry = this.entries.get(name);
      this.entries.delete(name);
      if (entry === undefined) {
        /** @type {FileEntry} */
        const asked = {
          arrival: Promise.resolve(),
          bytes: 0,
          size: 0,
          users: new Set(),
          cancel: null,
        };
        asked.arrival = ask(asked).then(
          (/** @type {any} */ data) => {
            asked.bytes = asked.size || 2 * data.length + 1;
            asked.users.clear();
            if (this.entries.get(name) === asked) {
              this.bytes += asked.bytes;
              this.evict();
            }
            return data;
          },
          (/** @type {unknown} */ error) => {
            this.forget(name, asked);
            throw error;
          },
        );
        asked.arrival.catch(() => undefined); // who waits hears of it, if anybody still does
        entry = asked;
      }
      this.entries.set(name, entry);
      if (signal && (signal.aborted || entry.bytes === 0)) {
        return this.wait(name, entry, meter, signal);
      }
      if (entry.bytes === 0) {
        entry.users.add(meter); // to the end
      }
      return entry.arrival;
    }

    /**
     * Wait for an entry until a signal comes; who waits last cancels it.
     *
     * @param {string} name
     * @param {FileEntry} entry
     * @param {Meter} meter
     * @param {AbortSignal} signal
     * @returns {Promise<any>}
     */
    wait(name, entry, meter, signal) {
      return new Promise((resolve, reject) => {
        const leave = () => {
          entry.users.delete(meter);
          if (entry.users.size === 0 && entry.bytes === 0) {
            this.forget(name, entry);
            entry.cancel?.();
          }
          reject(reasonOf(signal));
        };
        if (signal.aborted) {
          leave();
          return;
        }
        entry.users.add(meter);
        signal.addEventListener('abort', leave, { once: true });
        const stop = () => signal.removeEventListener('abort', leave);
        entry.arrival.finally(stop).then(resolve, reject);
      });
    }

    /** @param {string} name @param {FileEntry} entry */
    forget(name, entry) {
      if (this.entries.get(name) === entry) {
        this.entries.delete(name);
        this.bytes -= entry.bytes;
      }
    }

    /** Forget the longest unused until the rest fits. */
    evict() {
      for (const [name, entry] of this.entries) {
        if (this.bytes <= CACHE_BYTES) {
          return;
        }
        if (entry.bytes > 0) {
          this.forget(name, entry);
        }
      }
    }

    /**
     * Cut a slice out of its whole file.
     *
     * @param {Wanted} wanted
     * @param {Meter} meter
     * @returns {Promise<Uint16Array>}
     */
    async cut({ kind, number, start, units, check }, meter) {
      const name = `${kind}${number}`;
      const text = await this.script(kind, number, meter, null); // others may want this slice too
      const own =
        typeof text === 'string' ? check(fromText(text, start, start + units), this.seal) : null;
      if (own === null) {
        const entry = this.entries.get(name);
        if (entry) {
          this.forget(name, entry); // so that the next search asks again
        }
        throw new Error(wording(kind, number, 'is damaged or of another index; reload the page'));
      }
      return own;
    }

    /**
     * Keep a whole file that came in place of a slice, unless it is no script of units.
     *
     * @param {Wanted} wanted
     * @param {ArrayBuffer} body
     */
    keep({ kind, number }, body) {
      const name = `${kind}${number}`;
      const script = new TextDecoder('utf-16le').decode(body); // without its first unit
      const text = script.slice(HEAD - 1, -TAIL.length);
      const isWhole = script === `LaionIndex('${keyOf(kind, number)}','${text}${TAIL}`;
      if (!isWhole || this.entries.has(name)) {
        return;
      }
      const size = body.byteLength;
      const arrival = Promise.resolve(text);
      this.entries.set(name, { arrival, bytes: size, size, users: new Set(), cancel: null });
      this.bytes += size;
      this.evict();
    }

    /**
     * Load a script, once more when that fails.
     *
     * @param {string} kind
     * @param {number} number
     * @param {FileEntry} entry
     * @param {Meter} meter
     * @returns {Promise<unknown>}
     */
    async load(kind, number, entry, meter) {
      let problem = '';
      for (let attempt = 0; attempt < 2; attempt++) {
        meter.asked();
        const found = await this.attempt(kind, number);
        if (typeof found !== 'string') {
          const { data, bytes } = found;
          entry.size = typeof data === 'string' ? 2 * (data.length + FRAME) : bytes;
          meter.arrived(entry.size);
          return data;
        }
        problem = found;
      }
      throw new Error(wording(kind, number, problem));
    }

    /**
     * Add a script and wait for its call of `LaionIndex`.
     *
     * @param {string} kind
     * @param {number} number
     * @returns {Promise<{data: unknown, bytes: number} | string>} a string: what went wrong
     */
    attempt(kind, number) {
      const key = keyOf(kind, number);
      return new Promise((resolve) => {
        const script = document.createElement('script');
        const end = (/** @type {{data: unknown, bytes: number} | string} */ found) => {
          script.remove();
          this.waiting.delete(key);
          resolve(found);
        };
        this.waiting.set(key, (data, bytes) => end({ data, bytes }));
        script.onload = () => end('is damaged or of another index; reload the page');
        script.onerror = () => end('could not be loaded; try again');
        script.async = true;
        script.src = `${this.base}${kind}/${number}.js`;
        document.head.append(script);
      });
    }
  }

  /** @param {string} kind @param {number} number @param {string} problem */
  const wording = (kind, number, problem) =>
    `the search index file ${kind}/${number}.js ${problem}`;

  /** @param {string} text @param {number} start @param {number} end */
  function fromText(text, start, end) {
    const units = new Uint16Array(Math.max(0, Math.min(end, text.length) - start));
    for (let i = 0; i < units.length; i++) {
      units[i] = text.charCodeAt(start + i) - FIRST_UNIT;
    }
    return units;
  }

  parts.files = { Files, keyOf };
})();

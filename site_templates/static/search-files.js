/**
 * The files of the search index: asking for them, keeping some, finding terms and documents.
 *
 * Here: the loader (one <script> per file, which calls `LaionIndex(key, data, bytes)`), the
 * directory, shards and document blocks of index format 1. Not here: posting lists
 * (search-lists.js) and what a query makes of them (search-plan.js, search.js).
 */
(function () {
  'use strict';

  const parts = window.LaionSearchParts;
  const { compareCodePoints } = parts.text;

  /** Where the index is, relative to the page. */
  const BASE = 'search/';

  /** Files kept for the next search of the same page, in bytes of JSON text. */
  const CACHE_BYTES = 64 * 1024 * 1024;

  /** A meter that counts what one search loads; `onProgress` hears of every arrival. */
  class Meter {
    /** @param {OnProgress | null} onProgress */
    constructor(onProgress) {
      this.requests = 0;
      this.bytes = 0;
      this.onProgress = onProgress;
    }

    /** Count a file that has arrived. @param {number} bytes */
    arrived(bytes) {
      this.bytes += bytes;
      if (this.onProgress) {
        this.onProgress(this);
      }
    }
  }

  /** @typedef {{data: unknown, bytes: number}} Arrived a file as it announces itself */
  /** @typedef {{arrival: Promise<unknown>, bytes: number}} Entry a file asked for */

  /** Loads index files, each once while it is in flight or kept; drops the longest unused. */
  class Files {
    constructor() {
      /** @type {Map<string, (file: Arrived) => void>} who takes a file, by its key */
      this.waiting = new Map();
      /** @type {Map<string, Entry>} by key, the longest unused first */
      this.entries = new Map();
      this.bytes = 0;
    }

    /**
     * Load a file.
     *
     * @param {string} key the key it announces itself with
     * @param {string} path relative to the index
     * @param {Meter} meter counts it, unless it was here or on its way
     * @returns {Promise<unknown>} its data; rejects when it does not load or is something else
     */
    load(key, path, meter) {
      const known = this.entries.get(key);
      if (known) {
        this.entries.delete(key);
        this.entries.set(key, known);
        return known.arrival;
      }
      /** @type {Entry} */
      const entry = {
        bytes: 0,
        arrival: this.request(key, BASE + path).then(
          ({ data, bytes }) => {
            entry.bytes = bytes;
            this.bytes += bytes;
            this.evict();
            meter.arrived(bytes);
            return data;
          },
          (error) => {
            this.entries.delete(key); // so that the next search asks again
            throw error;
          },
        ),
      };
      meter.requests++;
      this.entries.set(key, entry);
      return entry.arrival;
    }

    /**
     * Add the script and wait for its call of `receive`.
     *
     * @param {string} key
     * @param {string} path
     * @returns {Promise<Arrived>}
     */
    request(key, path) {
      return new Promise((resolve, reject) => {
        const script = document.createElement('script');
        const end = (/** @type {string} */ problem) => {
          script.remove();
          if (this.waiting.delete(key)) {
            reject(new Error(`the search index file ${path} ${problem}`));
          }
        };
        this.waiting.set(key, resolve);
        script.onload = () => end('is damaged or of another index');
        script.onerror = () => end('could not be loaded');
        script.async = true;
        script.src = path;
        document.head.append(script);
      });
    }

    /** Bytes of a file that has been loaded and kept, else 0. @param {string} key */
    sizeOf(key) {
      const entry = this.entries.get(key);
      return entry ? entry.bytes : 0;
    }

    /**
     * Take a file that announced itself; one that nobody waits for is ignored.
     *
     * @param {string} key
     * @param {unknown} data
     * @param {number} bytes
     */
    receive(key, data, bytes) {
      const take = this.waiting.get(key);
      this.waiting.delete(key);
      take?.({ data, bytes });
    }

    /** Forget the longest unused files until the rest fits. */
    evict() {
      for (const [key, entry] of this.entries) {
        if (this.bytes <= CACHE_BYTES) {
          return;
        }
        if (entry.bytes > 0) {
          this.entries.delete(key);
          this.bytes -= entry.bytes;
        }
      }
    }
  }

  /** Expand front-coded strings [[shared UTF-16 units, suffix], …]. @param {FrontCoded[]} pairs */
  function frontDecode(pairs) {
    let previous = '';
    return pairs.map(([shared, suffix]) => (previous = previous.slice(0, shared) + suffix));
  }

  /**
   * The first index of a sorted list whose item is not before `term`.
   *
   * @param {string[]} terms
   * @param {string} term
   */
  function lowerBound(terms, term) {
    let low = 0;
    let high = terms.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compareCodePoints(terms[middle], term) < 0) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /** The index's directory: which file holds what. */
  class Directory {
    /** @param {DirectoryFile} data the file "directory"; throws Error for another format. */
    constructor(data) {
      if (data.version !== 1) {
        throw new Error(`the search index has format ${data.version}, this page reads format 1`);
      }
      this.documents = data.documents;
      this.block = data.block;
      this.blocks = data.blocks;
      this.segment = data.segment;
      this.columns = data.columns;
      this.visibilities = data.visibilities;
      this.fields = data.fields;
      this.hashes = data.shards.hash;
      this.first = frontDecode(data.shards.first);
    }

    /**
     * Number of the shard that holds a term if any does, -1 for a term before all of them.
     *
     * @param {string} term
     */
    shardOf(term) {
      const at = lowerBound(this.first, term);
      return this.first[at] === term ? at : at - 1;
    }

    /** Numbers of the shards that may hold terms with a prefix, in order. @param {string} prefix */
    shardsOf(prefix) {
      /** @type {number[]} */
      const shards = [];
      const start = Math.max(0, this.shardOf(prefix));
      for (let i = start; i < this.first.length; i++) {
        if (i > start && !this.first[i].startsWith(prefix)) {
          break;
        }
        shards.push(i);
      }
      return shards;
    }

    /**
     * Load shard i: its data with `terms` expanded.
     *
     * @param {number} i
     * @param {IndexFiles} files
     * @param {Meter} meter
     * @returns {Promise<Shard>}
     */
    async loadShard(i, files, meter) {
      const file = await files.load(`t${i}`, `t/${i}-${this.hashes[i]}.js`, meter);
      const shard = /** @type {ShardFile & {names?: string[]}} */ (file);
      const names = shard.names ?? frontDecode(shard.terms);
      return Object.assign(shard, { names });
    }

    /**
     * Load block i: an array of rows.
     *
     * @param {number} i
     * @param {IndexFiles} files
     * @param {Meter} meter
     */
    loadBlock(i, files, meter) {
      const file = files.load(`d${i}`, `d/${i}-${this.blocks[i]}.js`, meter);
      return /** @type {Promise<Row[]>} */ (file);
    }

    /**
     * Load a segment of a commoner term's ids.
     *
     * @param {string} hash
     * @param {IndexFiles} files
     * @param {Meter} meter
     */
    loadSegment(hash, files, meter) {
      const file = files.load(`i${hash}`, `i/${hash}.js`, meter);
      return /** @type {Promise<SegmentFile>} */ (file);
    }
  }

  /** Rows by document number, for one search: from the terms' first rows or from blocks. */
  class Documents {
    /**
     * @param {Directory} directory
     * @param {IndexFiles} files
     * @param {Meter} meter
     */
    constructor(directory, files, meter) {
      this.directory = directory;
      this.files = files;
      this.meter = meter;
      /** @type {Map<number, Row>} */
      this.known = new Map();
      this.caption = directory.columns.indexOf('caption');
    }

    /**
     * Remember rows that a shard gave in full; null stands for one too long for it.
     *
     * @param {ArrayLike<number>} numbers
     * @param {(Row | null)[]} rows
     */
    learn(numbers, rows) {
      rows.forEach((row, i) => {
        if (row !== null) {
          this.known.set(numbers[i], row);
        }
      });
    }

    /** Number of the block of a document. @param {number} number */
    blockOf(number) {
      return Math.floor(number / this.directory.block);
    }

    /**
     * Count the blocks that `read` would need.
     *
     * @param {Iterable<number>} numbers ascending
     * @param {number} limit counting stops beyond this
     */
    countBlocks(numbers, limit) {
      let count = 0;
      let last = -1;
      for (const number of numbers) {
        if (!this.known.has(number) && this.blockOf(number) !== last) {
          last = this.blockOf(number);
          if (++count > limit) {
            break;
          }
        }
      }
      return count;
    }

    /**
     * Read rows.
     *
     * @param {number[]} numbers
     * @returns {Promise<Row[]>} rows in the same order
     */
    async read(numbers) {
      const wanted = new Set();
      for (const number of numbers) {
        if (!this.known.has(number)) {
          wanted.add(this.blockOf(number));
        }
      }
      /** @type {Map<number, Row[]>} */
      const blocks = new Map();
      const load = async (/** @type {number} */ i) =>
        blocks.set(i, await this.directory.loadBlock(i, this.files, this.meter));
      await Promise.all(Array.from(wanted, load));
      return numbers.map((number) => {
        const block = this.blockOf(number);
        const within = number - block * this.directory.block;
        const row = this.known.get(number) ?? blocks.get(block)?.[within];
        if (!row) {
          throw new Error(`the search index has no row ${number}: its files do not fit together`);
        }
        return row;
      });
    }

    /**
     * A row as an object of named fields; `number` is undefined when nobody asked for it.
     *
     * @param {Row} row
     * @param {number | undefined} number
     * @returns {Hit}
     */
    describe(row, number) {
      const { columns, visibilities } = this.directory;
      const named = Object.fromEntries(columns.map((column, i) => [column, row[i]]));
      const visibility = visibilities[Number(named.visibility)];
      // The format promises the columns that a hit has.
      return /** @type {Hit} */ ({ ...named, visibility, number });
    }
  }

  parts.files = { Directory, Documents, Files, Meter, lowerBound };
})();

/**
 * The files of the search index: asking for them, keeping some, finding terms and documents.
 *
 * Here: the loader (one <script> per file, which calls `LaionIndex(key, data, bytes)`), the
 * directory, shards and document blocks of index format 1. Not here: posting lists
 * (search-lists.js) and what a query makes of them (search-plan.js, search.js).
 */
(function () {
  'use strict';

  const parts = (window.LaionSearchParts = window.LaionSearchParts || {});
  const { compareCodePoints } = parts.text;

  /** Where the index is, relative to the page. */
  const BASE = 'search/';

  /** Files kept for the next search of the same page, in bytes of JSON text. */
  const CACHE_BYTES = 64 * 1024 * 1024;

  /** A meter that counts what one search loads; `onProgress` hears of every arrival. */
  class Meter {
    /** @param {?function(Meter)} onProgress */
    constructor(onProgress) {
      this.requests = 0;
      this.bytes = 0;
      this.onProgress = onProgress;
    }

    /** Count a file that has arrived. */
    arrived(bytes) {
      this.bytes += bytes;
      if (this.onProgress) {
        this.onProgress(this);
      }
    }
  }

  /** Loads index files, each once while it is in flight or kept; drops the longest unused. */
  class Files {
    constructor() {
      this.waiting = new Map(); // key -> function that takes the file
      this.entries = new Map(); // key -> {arrival, bytes}, the longest unused first
      this.bytes = 0;
    }

    /**
     * Load a file.
     *
     * @param {string} key the key it announces itself with
     * @param {string} path relative to the index
     * @param {Meter} meter counts it, unless it was here or on its way
     * @returns {Promise<object>} its data; rejects when it does not load or is something else
     */
    load(key, path, meter) {
      const known = this.entries.get(key);
      if (known) {
        this.entries.delete(key);
        this.entries.set(key, known);
        return known.arrival;
      }
      const entry = { arrival: null, bytes: 0 };
      entry.arrival = this.request(key, BASE + path).then(
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
      );
      meter.requests++;
      this.entries.set(key, entry);
      return entry.arrival;
    }

    /** Add the script and wait for its call of `receive`. */
    request(key, path) {
      return new Promise((resolve, reject) => {
        const script = document.createElement('script');
        const end = (problem) => {
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

    /** Bytes of a file that has been loaded and kept, else 0. */
    sizeOf(key) {
      const entry = this.entries.get(key);
      return entry ? entry.bytes : 0;
    }

    /** Take a file that announced itself; one that nobody waits for is ignored. */
    receive(key, data, bytes) {
      const resolve = this.waiting.get(key);
      if (this.waiting.delete(key)) {
        resolve({ data, bytes });
      }
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

  /** Expand front-coded strings [[shared UTF-16 units, suffix], …]. */
  function frontDecode(pairs) {
    let previous = '';
    return pairs.map(([shared, suffix]) => (previous = previous.slice(0, shared) + suffix));
  }

  /** The first index of a sorted list whose item is not before `term`. */
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
    /** @param {object} data the file "directory"; throws Error for another format. */
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
      this.hashes = data.shards.hash;
      this.first = frontDecode(data.shards.first);
    }

    /** Number of the shard that holds a term if any does, -1 for a term before all of them. */
    shardOf(term) {
      const at = lowerBound(this.first, term);
      return this.first[at] === term ? at : at - 1;
    }

    /** Numbers of the shards that may hold terms with a prefix, in order. */
    shardsOf(prefix) {
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

    /** Load shard i: its data with `terms` expanded. */
    async loadShard(i, files, meter) {
      const data = await files.load(`t${i}`, `t/${i}-${this.hashes[i]}.js`, meter);
      if (data.names === undefined) {
        data.names = frontDecode(data.terms);
      }
      return data;
    }

    /** Load block i: an array of rows. */
    loadBlock(i, files, meter) {
      return files.load(`d${i}`, `d/${i}-${this.blocks[i]}.js`, meter);
    }

    /** Load a segment of a commoner term's ids. */
    loadSegment(hash, files, meter) {
      return files.load(`i${hash}`, `i/${hash}.js`, meter);
    }
  }

  /** Rows by document number, for one search: from the terms' first rows or from blocks. */
  class Documents {
    /**
     * @param {Directory} directory
     * @param {Files} files
     * @param {Meter} meter
     */
    constructor(directory, files, meter) {
      this.directory = directory;
      this.files = files;
      this.meter = meter;
      this.known = new Map();
      this.caption = directory.columns.indexOf('caption');
    }

    /** Remember rows that a shard gave in full; null stands for one too long for it. */
    learn(numbers, rows) {
      rows.forEach((row, i) => {
        if (row !== null) {
          this.known.set(numbers[i], row);
        }
      });
    }

    /** Number of the block of a document. */
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
     * @returns {Promise<Array<Array>>} rows in the same order
     */
    async read(numbers) {
      const wanted = new Set();
      for (const number of numbers) {
        if (!this.known.has(number)) {
          wanted.add(this.blockOf(number));
        }
      }
      const load = async (i) => [i, await this.directory.loadBlock(i, this.files, this.meter)];
      const blocks = new Map(await Promise.all(Array.from(wanted, load)));
      return numbers.map((number) => {
        const block = this.blockOf(number);
        const within = number - block * this.directory.block;
        const row = this.known.get(number) || blocks.get(block)[within];
        if (!row) {
          throw new Error(`the search index has no row ${number}: its files do not fit together`);
        }
        return row;
      });
    }

    /** A row as an object of named fields; `number` is undefined when nobody asked for it. */
    describe(row, number) {
      const hit = {};
      this.directory.columns.forEach((column, i) => {
        hit[column] = row[i];
      });
      hit.visibility = this.directory.visibilities[hit.visibility];
      hit.number = number;
      return hit;
    }
  }

  parts.files = { Directory, Documents, Files, Meter, lowerBound };
})();

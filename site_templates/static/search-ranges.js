/**
 * Slices of the search index's files by HTTP ranges: many asked for at once, neighbours as one.
 *
 * Whether the host answers ranges is found out by the first slices that are asked for, and checked
 * with every slice; once it does not, whatever is wrong, whole files are read instead, until the
 * page is left; a host that knows no ranges is remembered until the window is closed. Not here:
 * whole files, and what is kept (search-files.js).
 */
(function () {
  'use strict';

  const parts = window.LaionSearchParts;
  const { FIRST_UNIT } = parts.units;

  /** Units of a script before its text. */
  const HEAD = 24;

  /** Slices with so few units between them are read as one. */
  const GAP = 1024;

  /** How the browser remembers a host without ranges until its window is closed. */
  const MEMORY = 'laion-search-whole';

  /** @typedef {{wanted: Wanted, entry: FileEntry, meter: Meter, take: (units: Uint16Array) => void, refuse: (error: unknown) => void}} Order a slice that is wanted */

  class Ranges {
    /**
     * @param {string} base address of the index's folder, absolute
     * @param {number} seal the index's
     * @param {(wanted: Wanted, meter: Meter) => Promise<Uint16Array>} instead reads whole files
     * @param {(wanted: Wanted, body: ArrayBuffer) => void} keep takes a whole file that came
     */
    constructor(base, seal, instead, keep) {
      this.base = base;
      this.seal = seal;
      this.instead = instead;
      this.keep = keep;
      this.work = /^https?:/.test(base) && recall() !== base;
      /** @type {Order[]} what the next batch fetches */
      this.orders = [];
      this.channel = new MessageChannel();
      this.channel.port1.onmessage = () => this.flush();
    }

    /**
     * Fetch a slice together with all that is ordered at once.
     *
     * @param {Wanted} wanted
     * @param {FileEntry} entry for whom
     * @param {Meter} meter
     * @returns {Promise<Uint16Array>}
     */
    order(wanted, entry, meter) {
      return new Promise((take, refuse) => {
        this.orders.push({ wanted, entry, meter, take, refuse });
        if (this.orders.length === 1) {
          this.channel.port2.postMessage(0); // after all that is asked for at once
        }
      });
    }

    /** Fetch what was ordered: neighbours in one range, all ranges at once. */
    flush() {
      const orders = this.orders.filter(({ entry }) => entry.users.size > 0);
      for (const { refuse } of this.orders.filter(({ entry }) => entry.users.size === 0)) {
        refuse(new DOMException('aborted', 'AbortError'));
      }
      this.orders = [];
      orders.sort(
        ({ wanted: a }, { wanted: b }) =>
          (a.kind < b.kind ? -1 : Number(a.kind > b.kind)) ||
          a.number - b.number ||
          a.start - b.start,
      );
      /** @type {Order[]} */
      let group = [];
      let end = 0;
      for (const order of orders) {
        const { kind, number, start, units } = order.wanted;
        const last = group[0]?.wanted;
        if (last?.kind === kind && last.number === number && start <= end + GAP) {
          group.push(order);
          end = Math.max(end, start + units);
        } else {
          this.fetchAll(group, end);
          group = [order];
          end = start + units;
        }
      }
      this.fetchAll(group, end);
    }

    /**
     * Fetch one range of a file, or else the whole file; `end` is one past its last unit.
     *
     * @param {Order[]} group
     * @param {number} end
     */
    async fetchAll(group, end) {
      if (group.length === 0) {
        return;
      }
      const start = group[0].wanted.start;
      const units = this.work ? await this.range(group, start, end) : null;
      for (const { wanted, entry, meter, take, refuse } of group) {
        const from = wanted.start - start;
        const own = units && wanted.check(units.slice(from, from + wanted.units), this.seal);
        if (own) {
          take(own);
        } else if (entry.users.size === 0) {
          refuse(new DOMException('aborted', 'AbortError'));
        } else {
          this.work = false;
          this.instead(wanted, meter).then(take, refuse);
        }
      }
    }

    /**
     * Units of a range; null when that is not what the host gave.
     *
     * @param {Order[]} group
     * @param {number} start
     * @param {number} end
     */
    async range(group, start, end) {
      const [{ wanted, meter }] = group;
      const first = 2 * (HEAD + start);
      const last = 2 * (HEAD + end) - 1;
      const control = new AbortController();
      const stop = () => group.every(({ entry }) => entry.users.size === 0) && control.abort();
      for (const { entry } of group) {
        entry.cancel = stop;
      }
      meter.asked();
      try {
        // Another address than the whole file's: Chromium mixes up what it keeps of the two.
        const response = await fetch(`${this.base}${wanted.kind}/${wanted.number}.js?r`, {
          headers: { Range: `bytes=${first}-${last}` },
          signal: control.signal,
        });
        const span = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(response.headers.get('Content-Range') ?? '');
        const [from, to, size] = (span ?? []).slice(1).map(Number);
        if (response.status === 200) {
          remember(this.base);
          const whole = await response.arrayBuffer(); // what would be asked for next
          meter.arrived(whole.byteLength);
          this.keep(wanted, whole);
          return null;
        }
        if (response.status !== 206 || from !== first || to !== Math.min(last, size - 1)) {
          control.abort(); // before the body comes
          return null;
        }
        const body = await response.arrayBuffer();
        if (body.byteLength !== to - from + 1) {
          return null;
        }
        meter.arrived(body.byteLength);
        return fromBytes(body);
      } catch (error) {
        return null; // no network, no range, or nobody waits
      }
    }
  }

  /** @param {ArrayBuffer} body */
  function fromBytes(body) {
    const bytes = new Uint8Array(body);
    const units = new Uint16Array(bytes.length >> 1);
    for (let i = 0; i < units.length; i++) {
      units[i] = (bytes[2 * i] | (bytes[2 * i + 1] << 8)) - FIRST_UNIT;
    }
    return units;
  }

  /** The index that is read in whole files, as far as this window remembers. */
  function recall() {
    try {
      return sessionStorage.getItem(MEMORY);
    } catch (error) {
      return null; // storage is forbidden
    }
  }

  /** @param {string} base */
  function remember(base) {
    try {
      sessionStorage.setItem(MEMORY, base);
    } catch (error) {
      // then only this page remembers
    }
  }

  parts.ranges = { HEAD, Ranges };
})();

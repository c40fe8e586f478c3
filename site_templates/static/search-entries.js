/**
 * What a block of the search index says of a term: its first documents, their rows, its list.
 *
 * Not here: which block (search-terms.js), the list itself (search-postings.js).
 */
(function () {
  'use strict';

  const parts = window.LaionSearchParts;
  const WITH_PLACES = ['b', 'c'];
  const WITH_ROWS = ['w', 'f', 'x'];

  /**
   * What a block says of its i-th term.
   *
   * @param {DirectoryFile} directory
   * @param {{series: string, file: number, head: TermHead, block: TermBlock}} where
   * @param {number} i
   * @returns {TermEntry}
   */
  function entryOf({ page, inline, hot }, { series, file, head, block }, i) {
    const df = block.counts[i];
    const raw = /** @type {number[]} */ (block.entries[i]);
    const withPlaces = WITH_PLACES.includes(series);
    const isWhole = series === 'x' || df <= (WITH_ROWS.includes(series) ? page : inline);
    const base = head.starts[head.starts.length - 1];
    /** @type {ListPlace | null} */
    let list = null;
    /** @type {number[][] | null} */
    let places = null;
    let gaps = raw;
    if (!isWhole) {
      const [place, units, k, tail, common, pairs, pairsK, ...first] = raw;
      const body = head.size;
      list = {
        kind: series,
        number: file,
        body,
        place: base + place,
        units,
        k,
        tail,
        common,
        pairs,
        pairsK,
      };
      gaps = first;
    } else if (withPlaces) {
      ({ gaps, places } = withoutPlaces(raw));
    }
    const hasSets = (series === 'w' || series === 'f') && hot.length > 0 && list?.common === -1;
    /** @type {Row[] | null} */
    let rows = WITH_ROWS.includes(series) ? null : [];
    return {
      series,
      term: block.terms[i],
      df,
      list,
      places,
      least: withPlaces ? 1 : hasSets ? 0 : -1,
      named: sumsOf(gaps),
      rows() {
        const start = block.rowStarts[i];
        rows ??= block.rows().slice(start, start + Math.min(df, page));
        return rows;
      },
    };
  }

  /** Numbers from their gaps. @param {number[]} gaps */
  function sumsOf(gaps) {
    const numbers = new Uint32Array(gaps.length);
    let number = 0;
    for (let i = 0; i < gaps.length; i++) {
      number += gaps[i];
      numbers[i] = number;
    }
    return numbers;
  }

  /** Gaps and places of an entry in which they take turns. @param {number[]} raw */
  function withoutPlaces(raw) {
    const gaps = [];
    const places = [];
    for (let i = 0; i < raw.length;) {
      gaps.push(raw[i]);
      const end = i + 2 + raw[i + 1];
      places.push(raw.slice(i + 2, end));
      i = end;
    }
    return { gaps, places };
  }

  parts.entries = { entryOf };
})();

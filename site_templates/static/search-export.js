/**
 * All hits of a search as a file: CSV with every field, or the URLs alone.
 *
 * Here: reading them all, the file's text; loaded when a file is asked for, and made in the browser:
 * nothing is sent anywhere. Not here: the buttons (search-page.js).
 */
(function () {
  'use strict';

  const parts = window.LaionSearchParts;
  const { line, save } = parts.csvFiles;
  const { wordNumber } = parts.words;
  const { element } = parts.tile;
  const { LaionSearch } = window;

  /** Rows between two words on how far it is. */
  const STEP = 200;

  const COLUMNS = /** @type {const} */ ([
    'id',
    'url',
    'caption',
    'width',
    'height',
    'aesthetic',
    'punsafe',
    'domain',
    'visibility',
  ]);

  /**
   * Rows as CSV with what was asked in every row.
   *
   * @param {Hit[]} hits
   * @param {string} query
   */
  function csvOf(hits, query) {
    const { dataset = '', build = '' } = document.body.dataset;
    const lines = hits.map((hit) =>
      line([...COLUMNS.map((name) => hit[name]), query, dataset, build]),
    );
    return `${line([...COLUMNS, 'query', 'dataset', 'build'])}${lines.join('')}`;
  }

  /** @param {Hit[]} hits */
  const urlsOf = (hits) => hits.map(({ url }) => `${url}\r\n`).join('');

  /** A name of a file from what was asked. @param {string} query @param {string} ending */
  function fileName(query, ending) {
    const words = LaionSearch.tokenise(`${document.body.dataset.dataset ?? ''} ${query}`);
    return `${words.join('-').slice(0, 80) || 'images'}.${ending}`;
  }

  /** How a file of each ending is made. @type {Record<string, (hits: Hit[], typed: string) => string>} */
  const MAKERS = { csv: csvOf, txt: urlsOf };

  /**
   * Read the hits of a query.
   *
   * @param {string} query
   * @param {number} rows at most
   * @param {(rows: number) => void} onProgress
   * @param {AbortSignal} signal
   */
  async function readAll(query, rows, onProgress, signal) {
    /** @type {Hit[]} */
    const hits = [];
    for await (const hit of LaionSearch.hits(query, { signal })) {
      hits.push(hit);
      if (hits.length % STEP === 0) {
        signal.throwIfAborted();
        onProgress(hits.length);
      }
      if (hits.length === rows) {
        break;
      }
    }
    return hits;
  }

  /**
   * Make a file of all hits, telling how far it is in `place`; it can be given up.
   *
   * @type {Parts['exporting']['saveAll']}
   */
  async function saveAll(place, { typed, searched, rows }, ending) {
    const before = [...place.childNodes];
    const asking = before.find((node) => node === document.activeElement);
    const stopping = new AbortController();
    const said = element('span', { role: 'status' }, 'Reading…');
    const stop = element('button', { type: 'button' }, 'Cancel');
    stop.addEventListener('click', () => stopping.abort());
    place.replaceChildren(said, ' ', stop);
    if (asking) {
      stop.focus(); // the button that had it is gone
    }
    /** @param {number} done */
    const onProgress = (done) => {
      said.textContent = `Reading… ${wordNumber(done, 0)} of ${wordNumber(rows, 0)} images`;
    };
    try {
      const hits = await readAll(searched, rows, onProgress, stopping.signal);
      save(fileName(typed, ending), MAKERS[ending](hits, typed));
    } catch (error) {
      if (!stopping.signal.aborted) {
        throw error;
      }
    } finally {
      const isHere = place.contains(document.activeElement);
      place.replaceChildren(...before);
      if (isHere && asking instanceof HTMLElement) {
        asking.focus();
      }
    }
  }

  parts.exporting = { saveAll };
})();

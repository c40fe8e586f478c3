/**
 * All hits of a search as a file: CSV with every field, or the URLs alone.
 *
 * Here: the buttons, reading them all, the file's text. Not here: the page (search-page.js). The file is made in the browser; nothing is sent anywhere.
 */
(function () {
  'use strict';

  const parts = window.LaionSearchParts;
  const { cell, save } = parts.csvFiles;
  const { wordImages, wordNumber } = parts.words;
  const { element } = parts.tile;
  const { LaionSearch } = window;

  /** Rows of a file, at most. */
  const MOST_ROWS = 10_000;

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

  /** A line of CSV. @param {(string | number | null | undefined)[]} values */
  const line = (values) => `${values.map((value) => cell(value ?? '')).join(',')}\r\n`;

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

  /**
   * Read the hits of a query, at most `MOST_ROWS`.
   *
   * @param {string} query
   * @param {(rows: number) => void} onProgress
   * @param {AbortSignal} signal
   */
  async function readAll(query, onProgress, signal) {
    /** @type {Hit[]} */
    const hits = [];
    for await (const hit of LaionSearch.hits(query, { signal })) {
      hits.push(hit);
      if (hits.length % STEP === 0) {
        signal.throwIfAborted();
        onProgress(hits.length);
      }
      if (hits.length === MOST_ROWS) {
        break;
      }
    }
    return hits;
  }

  /**
   * Buttons that make files of all hits.
   *
   * @param {{typed: string, searched: string, total: number}} asked
   * @param {(error: unknown) => void} onError
   */
  function exportTools(asked, onError) {
    const { typed, total } = asked;
    const rows = Math.min(total, MOST_ROWS);
    const all = total <= MOST_ROWS ? 'all' : 'the first';
    const what = rows === 1 ? 'this image' : `${all} ${wordImages(rows)}`;
    const place = element('p', { class: 'export' });
    const csv = element('button', { type: 'button' }, `Download ${what} as CSV`);
    const list = element('button', { type: 'button' }, 'as a list of URLs');
    csv.addEventListener('click', () =>
      exportAll(place, asked, onError, 'csv', (hits) => csvOf(hits, typed)),
    );
    list.addEventListener('click', () => exportAll(place, asked, onError, 'txt', urlsOf));
    place.append(csv, ' ', list);
    return place;
  }

  /**
   * Make a file of all hits, telling how far it is; it can be given up.
   *
   * @param {HTMLElement} place
   * @param {{typed: string, searched: string, total: number}} asked
   * @param {(error: unknown) => void} onError
   * @param {string} ending
   * @param {(hits: Hit[]) => string} make
   */
  async function exportAll(place, { typed, searched, total }, onError, ending, make) {
    const rows = Math.min(total, MOST_ROWS);
    const before = [...place.childNodes];
    const stopping = new AbortController();
    const said = element('span', { role: 'status' }, 'Reading…');
    const stop = element('button', { type: 'button' }, 'Cancel');
    stop.addEventListener('click', () => stopping.abort());
    place.replaceChildren(said, ' ', stop);
    /** @param {number} done */
    const onProgress = (done) => {
      said.textContent = `Reading… ${wordNumber(done, 0)} of ${wordNumber(rows, 0)} images`;
    };
    try {
      const hits = await readAll(searched, onProgress, stopping.signal);
      save(fileName(typed, ending), make(hits));
    } catch (error) {
      if (!stopping.signal.aborted) {
        onError(error);
      }
    }
    place.replaceChildren(...before);
  }

  parts.exporting = { csvLine: line, exportTools };
})();

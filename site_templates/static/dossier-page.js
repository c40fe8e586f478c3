/**
 * "Is my work in it?": many lines looked up at once, as a dossier to print or to keep.
 *
 * Here: what happens on dossier.html. Not here: understanding a line (search-answers.js), its card
 * (search-card.js), the text of files (csv-files.js).
 *
 * The template dossier.html provides: <form id="dossier-form"> with <textarea id="lines">,
 * <p id="dossier-status">, <div id="dossier-tools">, <section id="dossier">.
 * Classes made here for style.css: .dossier-entry, .dossier-examples.
 */
(function () {
  'use strict';

  const { understand, withNear } = window.LaionSearchParts.answers;
  const { answerCard } = window.LaionSearchParts.card;
  const { line: csvLine, save } = window.LaionSearchParts.csvFiles;
  const { clipCaption, wordImages, wordNumber } = window.LaionSearchParts.words;
  const { behind, element, searchLink } = window.LaionSearchParts.tile;
  const { LaionSearch } = window;

  /** Lines that are looked up, and images shown of each. */
  const MOST_LINES = 500;
  const EXAMPLES = 3;

  /** @param {string} id */
  const byId = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
  const form = /** @type {HTMLFormElement} */ (byId('dossier-form'));
  const field = /** @type {HTMLTextAreaElement} */ (byId('lines'));

  /** @typedef {{line: string, query: string, images: number, exact: boolean, hits: Hit[]}} Entry */

  /** What was asked for last; an earlier look-up ends when there is another. */
  let turn = 0;

  /** The different lines of a text. @param {string} text */
  function linesOf(text) {
    const lines = text.split(/[\r\n]+/).map((line) => line.trim());
    return Array.from(new Set(lines.filter((line) => line !== '')));
  }

  /** @param {string} text */
  function say(text) {
    byId('dossier-status').textContent = text;
  }

  /** Look up every line, one after another. */
  async function lookUpAll() {
    turn++;
    const mine = turn;
    const all = linesOf(field.value);
    const lines = all.slice(0, MOST_LINES);
    byId('dossier').replaceChildren();
    byId('dossier-tools').replaceChildren();
    if (lines.length === 0) {
      say('Nothing to look for: write a name, a domain or a URL.');
      return;
    }
    /** @type {Entry[]} */
    const entries = [];
    for (const line of lines) {
      say(`Looking… ${wordNumber(entries.length, 0)} of ${wordNumber(lines.length, 0)}`);
      const { entry, shown } = await lookUp(line);
      if (mine !== turn) {
        return;
      }
      entries.push(entry);
      byId('dossier').append(shown);
    }
    const found = entries.filter(({ images }) => images > 0).length;
    const left = all.length - lines.length;
    const rest = left > 0 ? ` ${wordNumber(left, 0)} more were left out.` : '';
    say(`${wordNumber(found, 0)} of ${wordNumber(lines.length, 0)} found.${rest}`);
    byId('dossier-tools').replaceChildren(...tools(entries));
  }

  /** @param {string} line */
  async function lookUp(line) {
    const { documents } = (await LaionSearch.ready).directory;
    const understood = await understand(line);
    const found =
      understood.kind === 'impossible'
        ? { total: 0, totalIsExact: true, hits: [] }
        : await LaionSearch.search(understood.query, { limit: EXAMPLES });
    const images = found.totalIsExact ? found.total : null;
    const { total, totalIsExact: exact, hits } = found;
    const entry = { line, query: understood.query, images: total, exact, hits };
    return {
      entry,
      shown: show(entry, answerCard(await withNear(understood, images), images, documents)),
    };
  }

  /** @param {Entry} entry @param {HTMLElement[]} cards */
  function show({ line, query, images, exact, hits }, cards) {
    const answer = images === 0 ? 'No' : exact ? `Yes, ${wordImages(images)}` : 'Yes';
    const examples = hits.map((hit) =>
      element(
        'li',
        {},
        behind(hit, element('span', { dir: 'auto' }, clipCaption(hit.caption))),
        element('br'),
        element('span', { class: 'muted' }, hit.url),
      ),
    );
    const rest = { href: searchLink(query) };
    return element(
      'article',
      { class: 'dossier-entry' },
      element('h2', {}, element('bdi', {}, clipCaption(line)), `: ${answer}`),
      ...cards,
      ...(examples.length > 0 ? [element('ol', { class: 'dossier-examples' }, ...examples)] : []),
      ...(images > hits.length ? [element('p', {}, element('a', rest, 'All of them'))] : []),
    );
  }

  /** @param {Entry[]} entries */
  function tools(entries) {
    const csv = element('button', { type: 'button' }, 'Download this as CSV');
    csv.addEventListener('click', () => save('is-my-work-in-it.csv', evidence(entries)));
    const print = element('button', { type: 'button' }, 'Print');
    print.addEventListener('click', () => window.print());
    const { dataset = '', build = '' } = document.body.dataset;
    const from = [dataset && `Dataset: ${dataset}`, build && `build ${build}`].filter(Boolean);
    const local = 'Looked up in your browser; nothing left this machine.';
    return [
      element('p', {}, csv, ' ', print),
      element('p', { class: 'hint' }, [...from, local].join('. ')),
    ];
  }

  /** The dossier as CSV: a row for each example, one for a line without any. @param {Entry[]} entries */
  function evidence(entries) {
    const { dataset = '', build = '' } = document.body.dataset;
    const heads = ['line', 'query', 'images', 'id', 'url', 'caption', 'dataset', 'build'];
    const rows = entries.flatMap(({ line, query, images, hits }) => {
      const examples = hits.length > 0 ? hits : [null];
      return examples.map((hit) =>
        csvLine([line, query, images, hit?.id, hit?.url, hit?.caption, dataset, build]),
      );
    });
    return `${csvLine(heads)}${rows.join('')}`;
  }

  form.addEventListener('submit', (event) => {
    event.preventDefault();
    lookUpAll().catch((error) => {
      const reason = error instanceof Error ? error.message : String(error);
      say(`That failed: ${reason}. Reload the page to try again.`);
    });
  });
})();

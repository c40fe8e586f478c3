/**
 * Words and names suggested while the box of the search page is typed in.
 *
 * Not here: which they are (search-suggest.js).
 */
(function () {
  'use strict';

  const parts = window.LaionSearchParts;
  const { wordNumber } = parts.words;
  const { element } = parts.tile;
  const { LaionSearch } = window;

  /** Typing rests so long before words are suggested. */
  const TYPING_MS = 150;

  /** Suggest while a field is typed in. @param {HTMLInputElement} field @param {HTMLElement} list */
  function suggestWhileTyping(field, list) {
    let asking = new AbortController();
    let timer = 0;
    field.addEventListener('input', (event) => {
      window.clearTimeout(timer);
      asking.abort();
      if (event instanceof InputEvent && event.inputType !== 'insertReplacementText') {
        asking = new AbortController();
        const { signal } = asking;
        timer = window.setTimeout(() => fillSuggestions(field.value, list, signal), TYPING_MS);
      }
    });
  }

  /**
   * @param {string} typed
   * @param {HTMLElement} list
   * @param {AbortSignal} signal
   */
  async function fillSuggestions(typed, list, signal) {
    try {
      const found = await LaionSearch.suggest(typed, { signal });
      const options = found.map(({ query, kind, count }) => {
        const label = [kind, `${wordNumber(count, 0)} images`].filter(Boolean).join(', ');
        return element('option', { value: query }, label);
      });
      if (!signal.aborted) {
        list.replaceChildren(...options);
      }
    } catch {
      list.replaceChildren(); // typing goes on without suggestions
    }
  }

  parts.typing = { suggestWhileTyping };
})();

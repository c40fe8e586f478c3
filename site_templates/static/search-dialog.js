/**
 * The dialog of the search page: opens the result that the address's fragment names, and closes.
 *
 * Here: the fragment, the history, the focus. Not here: what the dialog shows (search-detail.js),
 * which is loaded with the first one.
 */
(function () {
  'use strict';

  const parts = window.LaionSearchParts;
  const { later, pictures } = parts;
  const { LaionSearch } = window;

  const dialog = /** @type {HTMLDialogElement} */ (document.getElementById('detail'));

  let cameFromList = false; // whether "back" leads from the detail to the list
  let isClosing = false; // whether the detail was closed because the address changed

  /** A result that is on the page, by its address there. @type {(anchor: string) => Hit | undefined} */
  let shown = () => undefined;

  /** The result that the address's fragment asks for, or null. @returns {Promise<Hit | null>} */
  async function wantedResult() {
    const { hash } = window.location;
    const there = shown(hash);
    if (there) {
      return there;
    }
    const [, id] = /^#id-(-?\d{1,19})$/.exec(hash) ?? [];
    if (id !== undefined) {
      return (await LaionSearch.search(`id:${id}`, { limit: 1 })).hits[0] ?? null;
    }
    const [, number] = /^#image-(\d{1,10})$/.exec(hash) ?? [];
    if (number === undefined) {
      return null;
    }
    return LaionSearch.document(Number(number));
  }

  /** Show or close the detail, as the address says. */
  async function followFragment() {
    const hash = window.location.hash;
    const hit = await wantedResult();
    const shown = hit && (await detailOf(hit));
    if (hash !== window.location.hash) {
      return; // the reader has gone on
    }
    if (shown) {
      openDetail(shown);
    } else {
      closeDetail();
    }
  }

  /** A result in full. @param {Hit} hit */
  async function detailOf(hit) {
    const detail = await later('detail', 'search-detail.js');
    return detail.detailOf(hit, leaveDetail);
  }

  /** Show a result in full, with the focus in it. @param {HTMLElement[]} shown */
  function openDetail(shown) {
    dialog.replaceChildren(...shown);
    pictures.attend(dialog);
    dialog.dataset.anchor = window.location.hash.slice(1);
    if (!dialog.open) {
      dialog.showModal();
    }
    document.getElementById('detail-title')?.focus();
  }

  /** Close the detail; the focus returns to its tile. */
  function closeDetail() {
    if (!dialog.open) {
      return;
    }
    isClosing = true; // its event comes later, when the address may be another one
    dialog.close();
    /** @type {HTMLElement | null | undefined} */
    const from = document.getElementById(`tile-${dialog.dataset.anchor}`)?.querySelector('a');
    from?.focus();
  }

  /** Go from the detail to the list, by the history where the list is the entry before. */
  function leaveDetail() {
    if (cameFromList) {
      window.history.back();
    } else {
      window.location.replace('#results');
    }
  }

  /** @type {Parts['dialog']['attend']} */
  function attend(hitAt, attempt) {
    shown = hitAt;
    dialog.addEventListener('close', () => {
      if (isClosing) {
        isClosing = false;
      } else if (window.location.hash === `#${dialog.dataset.anchor}`) {
        leaveDetail(); // closed by Escape
      }
    });
    window.addEventListener('hashchange', () => {
      cameFromList = true;
      attempt(followFragment);
    });
  }

  parts.dialog = { attend, followFragment };
})();

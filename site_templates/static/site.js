/**
 * What every page can do beyond being read: unfold what a link leads to, go to the search by a key.
 *
 * Every page reads fully without this file. Not here: tables (tables.js), the hosts' pictures
 * (pictures.js), the search.
 */
(function () {
  'use strict';

  /** Open the folded part that the address leads to: not every browser does. */
  function unfold() {
    const folded = document.getElementById(window.location.hash.slice(1))?.closest('details');
    if (folded) {
      folded.open = true;
    }
  }

  /** Where things are typed, and a stroke is a character. */
  const TYPED = 'input, textarea, select, [contenteditable]';

  const BOX = 'main input[name="q"], main input[type="search"]';

  /** `/` leads to the box of this page, or to the search. @param {KeyboardEvent} event */
  function goToSearch(event) {
    const { target, key } = event;
    const isTyped = target instanceof Element && target.closest(TYPED);
    if (key !== '/' || event.ctrlKey || event.metaKey || event.altKey || isTyped) {
      return;
    }
    if (document.querySelector('dialog[open]')) {
      return;
    }
    /** @type {NodeListOf<HTMLInputElement>} */
    const boxes = document.querySelectorAll(BOX);
    const box = Array.from(boxes).find((each) => each.checkVisibility());
    /** @type {HTMLAnchorElement | null} */
    const link = document.querySelector('header a[href$="search.html"]');
    if (box ?? link) {
      event.preventDefault();
    }
    if (box) {
      box.focus();
      box.select();
    } else if (link) {
      window.location.assign(`${link.href}#q`);
    }
  }

  document.addEventListener('keydown', goToSearch);
  if (window.location.hash === '#q') {
    document.getElementById('q')?.focus();
  }

  unfold();
  window.addEventListener('hashchange', unfold);
})();

/**
 * The hosts' pictures: offered, and requested only once the reader has asked for them.
 *
 * Here: asking, for the pages' tiles and the search's alike. The reader's yes lasts for the session,
 * on the pages of this site, until it is taken back. Not here: requesting them (pictures-shown.js);
 * which address may be requested: whoever makes a `.frame` gives it `data-picture` only when the row
 * may be seen and its URL is safe (core/site/safety.py and search-tile.js), `data-visibility`, and
 * `data-unsafe` where it is blurred.
 */
(function () {
  'use strict';

  const parts = window.LaionSearchParts;

  const script = /** @type {HTMLScriptElement | null} */ (document.currentScript);

  /** What the yes is kept under; another site on the same host has another one. */
  const KEY = `laion-assets: pictures: ${new URL('..', script?.src ?? document.baseURI)}`;

  /** Whether the reader has asked for pictures, as far as the browser remembers it. */
  function remembered() {
    try {
      return window.sessionStorage.getItem(KEY) === 'yes';
    } catch {
      return asked; // no storage, as on some disks: for this page only
    }
  }

  /** @param {boolean} yes */
  function remember(yes) {
    asked = yes;
    try {
      if (yes) {
        window.sessionStorage.setItem(KEY, 'yes');
      } else {
        window.sessionStorage.removeItem(KEY);
      }
    } catch {
      // for this page only
    }
  }

  let asked = false;
  asked = remembered();

  /** @type {HTMLElement | null} the offer of _picture_ask.html, where the page has one */
  const offer = document.querySelector('[data-show-pictures]');
  const words = Array.from(offer?.childNodes ?? []);

  /** Show pictures, unless the reader changes their mind meanwhile. @param {NodeListOf<Element>} frames */
  async function show(frames) {
    const picturing = await parts.later('picturing', 'pictures-shown.js').catch(() => null);
    if (asked) {
      picturing?.watch(frames); // else the drawings stay
    }
  }

  /**
   * Look after the frames in a part of the page, old or just made: show their pictures when the
   * reader has asked for pictures, else offer to.
   *
   * @param {ParentNode} part
   */
  function attend(part) {
    const frames = part.querySelectorAll('.frame[data-picture]');
    if (asked && frames.length > 0) {
      show(frames);
    }
    if (offer && frames.length > 0) {
      offer.hidden = false;
    }
  }

  /** Say in the offer's place what can be done now. */
  function word() {
    if (!asked) {
      offer?.replaceChildren(...words);
      return;
    }
    const button = document.createElement('button');
    const said = document.createElement('span');
    button.type = 'button';
    button.textContent = 'Hide the pictures again';
    button.addEventListener('click', takeBack);
    said.tabIndex = -1; // takes the focus that the button had
    said.textContent =
      'The pictures come from their hosts, on every page you open in this tab. Where a host has none, or is slow, the drawing stays.';
    offer?.replaceChildren(button, ' ', said);
  }

  /** Do as was last said; whoever shows frames hears of it. */
  function obey() {
    word();
    if (!asked) {
      parts.picturing?.hideAll();
    }
    attend(document);
    document.dispatchEvent(new Event('pictures'));
  }

  /** Show every picture of this site from now on. */
  function accept() {
    remember(true);
    obey();
    offer?.querySelector('span')?.focus();
  }

  /** Show none from now on, and ask no host for any. */
  function takeBack() {
    remember(false);
    obey();
    offer?.querySelector('button')?.focus();
  }

  offer?.querySelector('button')?.addEventListener('click', accept);
  obey();
  // A page that the browser kept, and that the reader comes back to, may have heard another answer.
  window.addEventListener('pageshow', ({ persisted }) => {
    if (persisted && asked !== remembered()) {
      asked = remembered();
      obey();
    }
  });

  parts.pictures = { areShown: () => asked, attend };
})();

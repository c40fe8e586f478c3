/**
 * The hosts' pictures: offered, and requested only once the reader has asked for them.
 *
 * Here: the one place that ever requests anything from another host, for the pages' tiles and the
 * search's alike. The reader's yes lasts for the session, on the pages of this site, until it is
 * taken back. Not here: which address may be requested; whoever makes a `.frame` gives it
 * `data-picture` only when the row may be seen and its URL is safe (core/site/safety.py and
 * search-tile.js), `data-visibility`, and `data-unsafe` where it is blurred.
 */
(function () {
  'use strict';

  const parts = window.LaionSearchParts;

  /** How long a host has to send a picture, in milliseconds. */
  const SLOW_MS = 15_000;

  /** Pixels of a picture beyond which it is not shown: a phone would not survive it. */
  const MOST_PIXELS = 50_000_000;

  /** How far outside the screen a picture is requested. */
  const NEAR = '300px';

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

  /** How to give up each picture that is on its way. @type {Map<Element, () => void>} */
  const underWay = new Map();

  const near = new IntersectionObserver(
    (entries) => {
      for (const { isIntersecting, target } of entries) {
        if (isIntersecting) {
          near.unobserve(target);
          showPicture(/** @type {HTMLElement} */ (target));
        }
      }
    },
    { rootMargin: NEAR },
  );

  /**
   * Put the host's picture over one drawing. The drawing stays when the host has none, when it is
   * slow, or when what it sends is too large to show.
   *
   * @param {HTMLElement} frame
   */
  function showPicture(frame) {
    if (frame.querySelector('img')) {
      return;
    }
    const image = document.createElement('img');
    const giveUp = () => clear(frame);
    const timer = window.setTimeout(giveUp, SLOW_MS);
    underWay.set(frame, () => window.clearTimeout(timer));
    image.alt = '';
    image.loading = 'lazy';
    image.decoding = 'async';
    image.referrerPolicy = 'no-referrer';
    image.addEventListener('error', giveUp);
    image.addEventListener('load', () => {
      if (image.naturalWidth * image.naturalHeight > MOST_PIXELS) {
        giveUp();
        return;
      }
      window.clearTimeout(timer);
      underWay.delete(frame);
      frame.classList.add('has-picture');
    });
    if (frame.dataset.visibility !== 'shown') {
      blur(frame, image);
    }
    image.src = frame.dataset.picture ?? '';
    frame.append(image);
  }

  /** Leave the drawing alone in its frame. @param {Element} frame */
  function clear(frame) {
    underWay.get(frame)?.();
    underWay.delete(frame);
    frame.classList.remove('has-picture', 'is-blurred');
    frame.querySelectorAll('img, button').forEach((node) => {
      node.removeAttribute('src'); // ends the request
      node.remove();
    });
  }

  /**
   * Blur a frame's picture, and say why; a click on it or on its button reveals it, another one on
   * the button blurs it again.
   *
   * @param {HTMLElement} frame
   * @param {HTMLImageElement} image
   */
  function blur(frame, image) {
    const { unsafe = 'unknown' } = frame.dataset;
    const why = unsafe === 'unknown' ? 'nobody scored it' : `unsafe score ${unsafe}`;
    const button = document.createElement('button');
    button.type = 'button';
    /** @param {boolean} isBlurred */
    const set = (isBlurred) => {
      frame.classList.toggle('is-blurred', isBlurred);
      button.className = isBlurred ? 'reveal' : 'again';
      button.textContent = isBlurred ? `Show this picture (blurred: ${why})` : 'Blur it again';
    };
    set(true);
    button.addEventListener('click', () => set(!frame.classList.contains('is-blurred')));
    image.addEventListener('click', () => set(false));
    frame.append(button);
  }

  /**
   * Look after the frames in a part of the page, old or just made: show their pictures when the
   * reader has asked for pictures, else offer to.
   *
   * @param {ParentNode} part
   */
  function attend(part) {
    const frames = part.querySelectorAll('.frame[data-picture]');
    if (asked) {
      frames.forEach((frame) => near.observe(frame));
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

  /** Do as was last said. */
  function obey() {
    word();
    if (!asked) {
      near.disconnect();
      document.querySelectorAll('.frame[data-picture]').forEach(clear);
    }
    attend(document);
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

  parts.pictures = { attend };
})();

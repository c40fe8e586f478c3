/**
 * The hosts' pictures: offered, and requested only once the reader has asked for them.
 *
 * Here: the one place that ever requests anything from another host, for the pages' tiles and the
 * search's alike. Not here: which address may be requested; whoever makes a `.frame` gives it
 * `data-picture` only when the row may be seen and its URL is safe (core/site/safety.py and
 * search-tile.js), and `data-visibility`.
 */
(function () {
  'use strict';

  const parts = window.LaionSearchParts;

  /** Whether the reader has asked for pictures on this page. */
  let asked = false;

  /**
   * Put the host's picture over one drawing; the drawing stays when the host has none.
   *
   * @param {HTMLElement} frame
   */
  function showPicture(frame) {
    const image = document.createElement('img');
    /** @type {HTMLElement[]} */
    const added = [image];
    image.alt = '';
    image.loading = 'lazy';
    image.decoding = 'async';
    image.referrerPolicy = 'no-referrer';
    image.addEventListener('load', () => frame.classList.add('has-picture'));
    image.addEventListener('error', () => {
      frame.classList.remove('has-picture', 'is-blurred');
      added.forEach((node) => node.remove());
    });
    if (frame.dataset.visibility !== 'shown') {
      added.unshift(blur(frame, image));
    }
    image.src = frame.dataset.picture ?? '';
    frame.append(...added);
  }

  /**
   * Blur a frame's picture; a click on it or on the button that is returned reveals it.
   *
   * @param {HTMLElement} frame
   * @param {HTMLImageElement} image
   */
  function blur(frame, image) {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'reveal';
    button.textContent = 'Show this picture';
    frame.classList.add('is-blurred');
    for (const node of [button, image]) {
      node.addEventListener('click', () => {
        frame.classList.remove('is-blurred');
        button.remove();
      });
    }
    return button;
  }

  /** @type {HTMLElement | null} the offer of _picture_ask.html, where the page has one */
  const offer = document.querySelector('[data-show-pictures]');

  /**
   * Look after the frames in a part of the page, old or just made: show their pictures when the
   * reader has asked for pictures, else offer to.
   *
   * @param {ParentNode} part
   */
  function attend(part) {
    /** @type {NodeListOf<HTMLElement>} */
    const frames = part.querySelectorAll('.frame[data-picture]');
    if (asked) {
      frames.forEach(showPicture);
    } else if (offer && frames.length > 0) {
      offer.hidden = false;
    }
  }

  /** Show every picture of the page from now on, and say so where the offer was. */
  function accept() {
    asked = true;
    attend(document);
    const said = document.createElement('span');
    said.textContent = 'The pictures come from their hosts; some no longer have them.';
    said.tabIndex = -1; // takes the focus that the button had
    offer?.replaceChildren(said);
    said.focus();
  }

  offer?.querySelector('button')?.addEventListener('click', accept);
  attend(document);

  parts.pictures = { attend };
})();

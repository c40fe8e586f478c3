/**
 * The hosts' pictures over their drawings, from the first time that the reader asks for them.
 *
 * Here: the one place that ever requests anything from another host. Not here: asking the reader
 * (pictures.js), which loads this only then.
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

  /** @type {Parts['picturing']['watch']} */
  function watch(frames) {
    frames.forEach((frame) => near.observe(frame));
  }

  function hideAll() {
    near.disconnect();
    document.querySelectorAll('.frame[data-picture]').forEach(clear);
  }

  parts.picturing = { hideAll, watch };
})();

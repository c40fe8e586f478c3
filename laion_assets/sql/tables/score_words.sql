-- The $words words that stand beside each name more often than chance. Relations: `companions`
-- (name, word, images, unique_captions), `words` (word, images), `totals` (name, images).
-- Expected is what the word's share of all published rows would give. The score is the log
-- likelihood ratio of a Poisson count (Dunning 1993 for rare events): it grows with both the ratio
-- and the evidence, so a word seen thrice does not lead one seen a thousand times.
WITH compared AS (
    SELECT
        c.name, c.word, c.images, c.unique_captions, t.images AS total,
        w.images AS dataset_images,
        t.images::DOUBLE * w.images / $denominator AS expected
    FROM companions AS c
    JOIN words AS w USING (word)
    JOIN totals AS t USING (name)
)
SELECT
    name,
    row_number() OVER by_score AS position,
    word,
    images,
    images / total::DOUBLE AS share,
    unique_captions,
    dataset_images,
    dataset_images / $denominator::DOUBLE AS dataset_share,
    images / expected AS times_expected
FROM compared
WHERE images >= 2 * expected
WINDOW by_score AS (
    PARTITION BY name
    ORDER BY round(images * ln(images / expected) - (images - expected), 6) DESC, word
)
QUALIFY position <= $words
ORDER BY name, position

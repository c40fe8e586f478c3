-- Every published row's place in the ranking (ARCHITECTURE.md#order), 1 first. The view `published`
-- has rows with their `place`.
CREATE OR REPLACE TEMP TABLE ranked AS
SELECT
    place,
    row_number() OVER (ORDER BY aesthetic DESC NULLS LAST, image_id, place) AS rank
FROM published

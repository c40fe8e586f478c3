-- The different captions of every name, and how many images have each, name by name, from relation
-- `mentioned_rows` (name and the columns of published rows).
WITH captions AS (
    SELECT name, caption_digest, count(*) AS images, min(place) AS place
    FROM mentioned_rows
    GROUP BY name, caption_digest
)
SELECT name, caption, images
FROM captions
JOIN mentioned_rows USING (name, place)
ORDER BY name

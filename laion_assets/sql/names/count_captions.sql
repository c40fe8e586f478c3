-- The different captions of every name, and how many images have each, name by name. Relations:
-- `mentioned`, `published`. A caption's text is read once however many images and names it has.
WITH captions AS (
    SELECT name, caption_digest, count(*) AS images FROM mentioned GROUP BY name, caption_digest
),
placed AS (
    SELECT caption_digest, min((source_file, row)) AS place FROM mentioned GROUP BY caption_digest
),
texts AS (
    SELECT placed.caption_digest, p.caption
    FROM placed
    JOIN published AS p ON p.source_file = place[1] AND p.row = place[2]
)
SELECT name, caption, images
FROM captions
JOIN texts USING (caption_digest)
ORDER BY name

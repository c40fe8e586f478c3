-- The largest clusters of each kind (at most $limit), each with its best row (ARCHITECTURE.md#order),
-- from relations `repeated` and `suspects` (`core.tables.repeats`). Texts are read of these rows alone.
WITH largest AS (
    SELECT
        kind,
        value,
        images,
        row_number() OVER (PARTITION BY kind ORDER BY images DESC, value) AS rank
    FROM repeated
    QUALIFY rank <= $limit
),
members AS (
    SELECT 'url' AS kind, rank, images, aesthetic, image_id, place
    FROM suspects
    JOIN (SELECT value::UUID AS digest, rank, images FROM largest WHERE kind = 'url')
        ON digest = url_digest
    UNION ALL
    SELECT 'caption', rank, images, aesthetic, image_id, place
    FROM suspects
    JOIN (SELECT value::UUID AS digest, rank, images FROM largest WHERE kind = 'caption')
        ON digest = caption_digest
    UNION ALL
    SELECT 'image_id', rank, images, aesthetic, image_id, place
    FROM suspects
    JOIN (SELECT value::BIGINT AS id, rank, images FROM largest WHERE kind = 'image_id')
        ON id = image_id
),
best AS (
    SELECT rank, kind, images, place
    FROM members
    QUALIFY row_number() OVER (
        PARTITION BY kind, rank ORDER BY aesthetic DESC NULLS LAST, image_id, place
    ) = 1
)
SELECT
    kind, rank, images, image_id, url, caption, width, height, similarity, punsafe, aesthetic,
    domain, url_year, visibility
FROM best
JOIN published USING (place)
ORDER BY kind, rank

-- The largest clusters of each kind (at most $limit), each with its best row (ARCHITECTURE.md#order).
-- Texts are read of these rows alone.
WITH keyed AS (
    SELECT 'url' AS kind, url_digest::VARCHAR AS value, aesthetic, image_id, source_file, row
    FROM published
    SEMI JOIN (
        SELECT url_digest FROM published GROUP BY url_digest
        QUALIFY row_number() OVER (ORDER BY count(*) DESC, url_digest) <= $limit
    ) USING (url_digest)
    UNION ALL
    SELECT 'caption', caption_digest::VARCHAR, aesthetic, image_id, source_file, row
    FROM published
    SEMI JOIN (
        SELECT caption_digest FROM published GROUP BY caption_digest
        QUALIFY row_number() OVER (ORDER BY count(*) DESC, caption_digest) <= $limit
    ) USING (caption_digest)
    UNION ALL
    SELECT 'image_id', image_id::VARCHAR, aesthetic, image_id, source_file, row
    FROM published
    SEMI JOIN (
        SELECT image_id FROM published GROUP BY image_id
        QUALIFY row_number() OVER (ORDER BY count(*) DESC, image_id::VARCHAR) <= $limit
    ) USING (image_id)
),
clusters AS (
    SELECT
        kind,
        count(*) AS images,
        row_number() OVER (PARTITION BY kind ORDER BY count(*) DESC, value) AS rank,
        min(struct_pack(
            unknown := aesthetic IS NULL, lower := -coalesce(aesthetic, 0), image_id, source_file, row
        )) AS best
    FROM keyed
    GROUP BY kind, value
    HAVING count(*) > 1
)
SELECT
    kind, rank, images, p.image_id, url, caption, width, height, similarity, punsafe, aesthetic,
    domain, url_year, visibility
FROM clusters AS c
JOIN published AS p ON p.source_file = c.best.source_file AND p.row = c.best.row
ORDER BY kind, rank

-- Values that two published rows or more have: URLs, captions and image ids, by their digests; numbered
-- by kind in their order. Relation `suspects` (`core.tables.repeats`) has all rows that have one.
SELECT
    kind,
    row_number() OVER (PARTITION BY kind ORDER BY value) AS cluster,
    value,
    images
FROM (
    SELECT 'url' AS kind, url_digest::VARCHAR AS value, count(*) AS images
    FROM suspects WHERE may_url GROUP BY url_digest HAVING count(*) > 1
    UNION ALL
    SELECT 'caption', caption_digest::VARCHAR, count(*)
    FROM suspects WHERE may_caption GROUP BY caption_digest HAVING count(*) > 1
    UNION ALL
    SELECT 'image_id', image_id::VARCHAR, count(*)
    FROM suspects WHERE may_image_id GROUP BY image_id HAVING count(*) > 1
)

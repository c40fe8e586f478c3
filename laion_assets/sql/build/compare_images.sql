-- How many published images of one build the other has not, and how many of both differ in what is
-- known of them. An image is its id and URL, however often and wherever it stands: relations `was`
-- and `is_now` (image_id, url, told, a digest of the rest).
WITH counted_was AS (
    SELECT image_id, hash(url) AS url, count(*) AS images, sum(told)::HUGEINT AS told
    FROM was
    GROUP BY ALL
),
counted_now AS (
    SELECT image_id, hash(url) AS url, count(*) AS images, sum(told)::HUGEINT AS told
    FROM is_now
    GROUP BY ALL
)
SELECT
    coalesce(sum(w.images), 0)::BIGINT AS rows_was,
    coalesce(sum(n.images), 0)::BIGINT AS rows_now,
    coalesce(sum(greatest(coalesce(n.images, 0) - coalesce(w.images, 0), 0)), 0)::BIGINT AS added,
    coalesce(sum(greatest(coalesce(w.images, 0) - coalesce(n.images, 0), 0)), 0)::BIGINT AS removed,
    coalesce(sum(n.images) FILTER (w.images = n.images AND w.told <> n.told), 0)::BIGINT AS changed
FROM counted_was AS w
FULL JOIN counted_now AS n USING (image_id, url)

-- Rows by the year their URL shows (a path like /2021/03/); null where it shows none. Relations:
-- `tallied`, `repeats`; what they are: `count_domains.sql`.
WITH beyond AS (
    SELECT
        url_year,
        sum(images - 1) FILTER (kind = 'url') AS urls,
        sum(images - 1) FILTER (kind = 'caption') AS captions
    FROM (SELECT url_year, kind, sum(images) AS images FROM repeats GROUP BY url_year, kind, cluster)
    GROUP BY url_year
)
SELECT
    t.step AS url_year,
    images,
    images / $denominator::DOUBLE AS share,
    $denominator::BIGINT AS denominator,
    (images - coalesce(urls, 0))::BIGINT AS unique_urls,
    (images - coalesce(captions, 0))::BIGINT AS unique_captions
FROM tallied AS t
LEFT JOIN beyond AS b ON b.url_year IS NOT DISTINCT FROM t.step
WHERE measure = 'url_year'
ORDER BY url_year NULLS LAST

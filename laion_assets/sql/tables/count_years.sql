-- Rows by the year their URL shows (a path like /2021/03/); null where it shows none.
WITH rows_of AS (
    SELECT url_year, count(*) AS images FROM published GROUP BY url_year
),
urls_of AS (
    SELECT url_year, count(*) AS unique_urls
    FROM (SELECT DISTINCT url_year, url_digest FROM published)
    GROUP BY url_year
),
captions_of AS (
    SELECT url_year, count(*) AS unique_captions
    FROM (SELECT DISTINCT url_year, caption_digest FROM published)
    GROUP BY url_year
)
SELECT
    r.url_year,
    images,
    images / $denominator::DOUBLE AS share,
    $denominator::BIGINT AS denominator,
    unique_urls,
    unique_captions
FROM rows_of AS r
JOIN urls_of AS u ON u.url_year IS NOT DISTINCT FROM r.url_year
JOIN captions_of AS c ON c.url_year IS NOT DISTINCT FROM r.url_year
ORDER BY r.url_year NULLS LAST

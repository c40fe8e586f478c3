-- Rows, distinct URLs and distinct captions of every domain, over the published rows (`published`).
-- Distinct values are grouped, not hashed into one set per domain, so that they can spill to disk.
WITH rows_of AS (
    SELECT domain, count(*) AS images, count(*) FILTER (plain_http) AS plain_http
    FROM published
    GROUP BY domain
),
urls_of AS (
    SELECT domain, count(*) AS unique_urls
    FROM (SELECT DISTINCT domain, url_digest FROM published)
    GROUP BY domain
),
captions_of AS (
    SELECT domain, count(*) AS unique_captions
    FROM (SELECT DISTINCT domain, caption_digest FROM published)
    GROUP BY domain
)
SELECT
    row_number() OVER (ORDER BY images DESC, domain) AS rank,
    domain,
    l.platform,
    l.category,
    images,
    images / $denominator::DOUBLE AS share,
    $denominator::BIGINT AS denominator,
    unique_urls,
    unique_captions,
    plain_http
FROM rows_of
JOIN urls_of USING (domain)
JOIN captions_of USING (domain)
LEFT JOIN platform_list AS l USING (domain)
ORDER BY rank

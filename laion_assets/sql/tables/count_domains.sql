-- Rows, different URLs and different captions of every domain. Relations: `tallied` (`core.tables.tallies`),
-- `repeats` (kind, cluster, domain, url_year, images: rows whose URL or caption another row has; all
-- others have one of their own), `platform_list`. $denominator: all published rows.
WITH rows_of AS (
    SELECT
        label AS domain,
        sum(images)::BIGINT AS images,
        coalesce(sum(images) FILTER (step = 1), 0)::BIGINT AS plain_http
    FROM tallied
    WHERE measure = 'domain'
    GROUP BY label
),
beyond AS (
    SELECT
        domain,
        sum(images - 1) FILTER (kind = 'url') AS urls,
        sum(images - 1) FILTER (kind = 'caption') AS captions
    FROM (SELECT domain, kind, sum(images) AS images FROM repeats GROUP BY domain, kind, cluster)
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
    (images - coalesce(urls, 0))::BIGINT AS unique_urls,
    (images - coalesce(captions, 0))::BIGINT AS unique_captions,
    plain_http
FROM rows_of
LEFT JOIN beyond USING (domain)
LEFT JOIN platform_list AS l USING (domain)
ORDER BY rank

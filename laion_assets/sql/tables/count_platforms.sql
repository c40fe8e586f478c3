-- Every listed platform, those with no row too. Relations: `tallied`, `repeats`, `platform_list`; what
-- they are: `count_domains.sql`.
WITH rows_of AS (
    SELECT platform, sum(images)::BIGINT AS images, count(DISTINCT domain) AS domains
    FROM tallied
    JOIN platform_list ON measure = 'domain' AND label = domain
    GROUP BY platform
),
beyond AS (
    SELECT
        platform,
        sum(images - 1) FILTER (kind = 'url') AS urls,
        sum(images - 1) FILTER (kind = 'caption') AS captions
    FROM (
        SELECT platform, kind, sum(images) AS images
        FROM repeats
        JOIN platform_list USING (domain)
        GROUP BY platform, kind, cluster
    )
    GROUP BY platform
),
listed AS (
    SELECT DISTINCT platform, category FROM platform_list
)
SELECT
    row_number() OVER (ORDER BY coalesce(images, 0) DESC, platform) AS rank,
    platform,
    category,
    coalesce(domains, 0) AS domains,
    coalesce(images, 0) AS images,
    coalesce(images, 0) / nullif($denominator, 0)::DOUBLE AS share,
    $denominator::BIGINT AS denominator,
    (coalesce(images, 0) - coalesce(urls, 0))::BIGINT AS unique_urls,
    (coalesce(images, 0) - coalesce(captions, 0))::BIGINT AS unique_captions
FROM listed
LEFT JOIN rows_of USING (platform)
LEFT JOIN beyond USING (platform)
ORDER BY rank

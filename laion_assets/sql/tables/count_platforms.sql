-- Every listed platform, those with no row too. Relations: `published`, `platform_list`.
WITH found AS (
    SELECT l.platform, p.domain, p.url_digest, p.caption_digest
    FROM published AS p
    JOIN platform_list AS l USING (domain)
),
rows_of AS (
    SELECT platform, count(*) AS images, count(DISTINCT domain) AS domains
    FROM found
    GROUP BY platform
),
urls_of AS (
    SELECT platform, count(*) AS unique_urls
    FROM (SELECT DISTINCT platform, url_digest FROM found)
    GROUP BY platform
),
captions_of AS (
    SELECT platform, count(*) AS unique_captions
    FROM (SELECT DISTINCT platform, caption_digest FROM found)
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
    coalesce(unique_urls, 0) AS unique_urls,
    coalesce(unique_captions, 0) AS unique_captions
FROM listed
LEFT JOIN rows_of USING (platform)
LEFT JOIN urls_of USING (platform)
LEFT JOIN captions_of USING (platform)
ORDER BY rank

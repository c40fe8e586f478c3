-- How many rows of one images table ($images) have what: by measure, and label (a domain, a
-- visibility, a caption's digest) or step (a number whose unit `core.tables.tallies` tells).
-- Published rows, but measures that begin with `kept_` count all, withheld ones included. An unknown
-- value has no step: least() and greatest() pass over nulls and would put it into one.
WITH cells AS MATERIALIZED (
    SELECT
        visibility,
        visibility <> 'withheld' AS published,
        domain,
        plain_http,
        url_year,
        least(caption_words // 5, 20)::TINYINT AS caption_words,
        CASE WHEN aesthetic IS NOT NULL THEN least(greatest(floor(aesthetic * 4), 0), 39)::TINYINT END
            AS aesthetic,
        -- 1 itself belongs to the last step.
        CASE WHEN similarity IS NOT NULL THEN least(floor(similarity * 50), 49)::TINYINT END
            AS similarity,
        CASE WHEN pwatermark IS NOT NULL THEN least(floor(pwatermark * 20), 19)::TINYINT END
            AS pwatermark,
        CASE WHEN punsafe IS NOT NULL THEN least(floor(punsafe * 20), 19)::TINYINT END AS punsafe,
        (punsafe >= 0.5)::TINYINT + (punsafe >= 0.9)::TINYINT + (punsafe >= 0.99)::TINYINT
            + (punsafe >= 0.9999)::TINYINT + (punsafe >= 1)::TINYINT AS threshold,
        CASE WHEN punsafe >= 0.99 THEN caption_digest END AS scored_high,
        CASE
            WHEN width IS NOT NULL AND height IS NOT NULL
                THEN least(floor(log2(greatest(width::BIGINT * height / 1e6, 0.0078125))), 7)::TINYINT
        END AS megapixels,
        CASE
            WHEN width IS NULL OR height IS NULL THEN NULL
            WHEN height > width THEN 0
            WHEN height = width THEN 1
            ELSE 2
        END::TINYINT AS aspect,
        width IS NULL AS no_width,
        height IS NULL AS no_height
    FROM read_parquet($images, hive_partitioning = false)
),
tallied AS (
    SELECT 'domain' AS measure, domain AS label, plain_http::INTEGER AS step, count(*) AS images
    FROM cells WHERE published GROUP BY domain, plain_http
    UNION ALL
    SELECT 'url_year', NULL, url_year, count(*) FROM cells WHERE published GROUP BY url_year
    UNION ALL
    SELECT 'aesthetic', NULL, aesthetic, count(*) FROM cells WHERE published GROUP BY aesthetic
    UNION ALL
    SELECT 'similarity', NULL, similarity, count(*) FROM cells WHERE published GROUP BY similarity
    UNION ALL
    SELECT 'pwatermark', NULL, pwatermark, count(*) FROM cells WHERE published GROUP BY pwatermark
    UNION ALL
    SELECT 'punsafe', NULL, punsafe, count(*) FROM cells WHERE published GROUP BY punsafe
    UNION ALL
    SELECT 'megapixels', NULL, megapixels, count(*) FROM cells WHERE published GROUP BY megapixels
    UNION ALL
    SELECT 'caption_words', NULL, caption_words, count(*)
    FROM cells WHERE published GROUP BY caption_words
    UNION ALL
    SELECT 'aspect', NULL, aspect, count(*) FROM cells WHERE published GROUP BY aspect
    UNION ALL
    SELECT 'width', NULL, NULL, count(*) FROM cells WHERE published AND no_width HAVING count(*) > 0
    UNION ALL
    SELECT 'height', NULL, NULL, count(*) FROM cells WHERE published AND no_height HAVING count(*) > 0
    UNION ALL
    SELECT 'kept_punsafe', NULL, punsafe, count(*) FROM cells GROUP BY punsafe
    UNION ALL
    SELECT 'kept_threshold', NULL, threshold, count(*) FROM cells GROUP BY threshold
    UNION ALL
    SELECT 'kept_visibility', visibility, NULL, count(*) FROM cells GROUP BY visibility
    UNION ALL
    SELECT 'kept_scored_high', scored_high::VARCHAR, NULL, count(*)
    FROM cells WHERE scored_high IS NOT NULL GROUP BY scored_high
)
SELECT measure, label, step::INTEGER AS step, images
FROM tallied
ORDER BY measure, label NULLS LAST, step NULLS LAST

-- In how many published rows each word occurs, from the index segments' postings: a term's runs are
-- disjoint sets of rows. Fields (`:domain:…`) are left out, and tokens too long to be words.
SELECT
    decode(term) AS word,
    sum(len(documents))::BIGINT AS images,
    sum(len(documents))::DOUBLE / nullif($denominator, 0) AS share
FROM postings
WHERE NOT (term >= ':'::BLOB AND term < ';'::BLOB) AND octet_length(term) <= $longest
GROUP BY term
HAVING sum(len(documents)) >= $least
ORDER BY images DESC, word

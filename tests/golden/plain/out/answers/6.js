LaionAnswers("6",JSON.parse('{"example.com":[["domain","example.com",12,null,1,12,9,"domains/example-com.html"]]}'));

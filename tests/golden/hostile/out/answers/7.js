LaionAnswers("7",JSON.parse('{"con.example":[["domain","con.example",18,null,4,18,18,"domains/con-example.html"]]}'));

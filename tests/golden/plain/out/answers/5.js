LaionAnswers("5",JSON.parse('{"museum.example":[["domain","museum.example",8,null,3,8,5,"domains/museum-example.html"]]}'));

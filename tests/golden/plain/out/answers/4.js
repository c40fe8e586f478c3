LaionAnswers("4",JSON.parse('{"pinimg.com":[["domain","pinimg.com",8,null,4,8,5,"domains/pinimg-com.html"]]}'));

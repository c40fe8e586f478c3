LaionAnswers("5",JSON.parse('{}'));

LaionAnswers("4",JSON.parse('{}'));

LaionAnswers("6",JSON.parse('{}'));

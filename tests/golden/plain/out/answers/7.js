LaionAnswers("7",JSON.parse('{}'));

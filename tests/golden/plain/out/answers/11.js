LaionAnswers("11",JSON.parse('{}'));
